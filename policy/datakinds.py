"""What a kind of policy data has to say, so that a change of it can be asked for, reviewed and applied.

A room that owns such data implements `DataKind` and names it in portal/wiring.py; policy calls it without
importing it. Values are JSON objects of names and numbers, texts, booleans, lists or None. All methods run in
the tenant at hand, inside the transaction of the change (docs/adr/0082).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import rfc8785
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from approvals.evidence import Change, Fact
from identity.errors import DomainError

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """A change in words: each difference, what of it protects less than before, whom it concerns, and what
    follows for what is stored or waits already."""

    changes: tuple[Change, ...]
    grave: tuple[str, ...] = ()
    affected: tuple[Fact, ...] = ()
    follows: str = ""


class DataKind(Protocol):
    """One kind of data. `obj` says which object of the kind, "" where there is one alone."""

    @property
    def label(self) -> str:
        """What such an object is called, in the reader's language."""
        ...

    def named(self, obj: str, values: Values | None) -> str:
        """The object's name for people."""
        ...

    def current(self, obj: str, *, locked: bool = False) -> Values | None:
        """What is there now; None where there is nothing. `locked`: so until the end of the transaction."""
        ...

    def check(self, obj: str, before: Values | None, after: Values | None) -> Values | None:
        """`after` in its usual form, if it can be so.

        Raises:
            BadInput: it cannot; `code` is the name of the value to change, where it is one.
            Conflict: something else stands in the way, such as what uses the object.
        """
        ...

    def tell(self, obj: str, before: Values | None, after: Values | None) -> Told:
        """The change in words, for the page of the change and for who reviews it."""
        ...

    def codes(self, values: Values | None) -> dict[str, Any] | None:
        """What of them the record tells: codes and numbers, no sentence that somebody wrote."""
        ...

    def apply(self, obj: str, after: Values | None) -> None:
        """Make it so."""
        ...


class UnknownData(DomainError):
    """No room of this installation has such data."""

    status = 503


def data_kind(kind: str) -> DataKind:
    """The implementation wired for `kind`.

    Raises:
        UnknownData: none is.
    """
    path = settings.POLICY_DATA.get(kind)
    if path is None:
        raise UnknownData(_("Data of this kind cannot be changed in this installation."))
    made: DataKind = import_string(path)()
    return made


def labels() -> dict[str, str]:
    """Every kind of data that is wired -> what it is called."""
    return {kind: data_kind(kind).label for kind in settings.POLICY_DATA}


def digest_of(values: Values | None) -> str:
    """SHA-256 in hex over the RFC 8785 canonical JSON of what is there."""
    return hashlib.sha256(rfc8785.dumps(None if values is None else dict(values))).hexdigest()


def differing(before: Values | None, after: Values | None) -> frozenset[str]:
    """Names whose values differ."""
    old, new = before or {}, after or {}
    return frozenset(name for name in {*old, *new} if old.get(name) != new.get(name))
