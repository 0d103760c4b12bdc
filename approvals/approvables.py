"""What can be approved. A higher room implements `Approvable` for a kind of object of its own and names
it in portal/wiring.py; approvals calls it without importing it.

Every method runs inside the transaction that holds the lock on the request. An exception rolls the
vote back, and the reviewer is told its text if it is a DomainError.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from approvals.evidence import Evidence
from approvals.models import Request
from identity.errors import DomainError


@dataclass(frozen=True)
class Submission:
    """What is to be decided: its digest, what reviewers see, and which steps the policy demands."""

    digest: str
    evidence: Evidence
    steps: Sequence[Mapping[str, Any]]
    tier: str
    tier_reason: str = ""
    decision: uuid.UUID | None = None


class Approvable(Protocol):
    """The side of the room that owns the object; `request.object` is "kind:id"."""

    @property
    def label(self) -> str:
        """What such objects are called, in the reader's language: "App version"."""
        ...

    def digest(self, request: Request) -> str:
        """SHA-256 in hex of what a reviewer must have seen, as it is now. Cheap.

        Raises:
            Missing: the object is gone for good; the request can only be closed.
        """
        ...

    def decide_again(self, request: Request) -> Submission:
        """The policy's decision and the evidence as they are now; asked when the digest has changed."""
        ...

    def granted(self, request: Request) -> None:
        """Every step was approved: take effect. Raise a DomainError to refuse the last vote."""
        ...

    def refused(self, request: Request) -> None:
        """Rejected, withdrawn, expired or lapsed (see `request.state`): no effect will follow.

        Raises:
            Missing: the object is gone, so that nothing is left to do.
        """
        ...

    def changes_asked(self, request: Request) -> None:
        """The ball is with the requester until resubmit() or withdraw()."""
        ...


class UnknownKind(DomainError):
    """No room of this installation knows such objects."""

    status = 503


def approvable(kind: str) -> Approvable:
    """The implementation wired for `kind`.

    Raises:
        UnknownKind: none is wired.
    """
    path = settings.APPROVABLES.get(kind)
    if path is None:
        raise UnknownKind(_("Requests of this kind cannot be decided in this installation."))
    made: Approvable = import_string(path)()
    return made


def labels() -> dict[str, str]:
    """Every kind that can be approved here -> what it is called."""
    return {kind: approvable(kind).label for kind in settings.APPROVABLES}
