"""Whom a security event is about (RFC 9493 and SSF 1.0, section 3), among one tenant's people alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from identity.models import SignalStream, User

MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Found:
    """A person, a session of his by the provider's `sid`, or neither."""

    user: User | None = None
    sid: str = ""


def find(stream: SignalStream, subject: Mapping[str, Any] | None) -> Found:
    """Whom `subject` names; nobody where it names no one, or more than one."""
    if subject is None:
        return Found()
    if "session" in subject or "user" in subject or subject.get("format") == "complex":
        return Found(_person(stream, subject.get("user")), _sid(subject.get("session")))
    if subject.get("format") == "session":
        return Found(None, _sid(subject))
    return Found(_person(stream, subject))


def _person(stream: SignalStream, given: Any) -> User | None:
    """The one person of the tenant that `given` names."""
    if not isinstance(given, dict):
        return None
    if given.get("format") == "aliases":
        names = given.get("identifiers")
        known = {_person(stream, one) for one in names[:10]} if isinstance(names, list) else set()
        known -= {None}
        return known.pop() if len(known) == 1 else None
    rows = _rows(stream, given)
    found = list(rows[:2]) if rows is not None else []
    return found[0] if len(found) == 1 else None


def _rows(stream: SignalStream, given: Mapping[str, Any]) -> "QuerySet[User] | None":
    people = User.objects.filter(tenant=stream.tenant_id, removed_at=None)
    kind = given.get("format") or given.get("subject_type")
    if kind in {"iss_sub", "iss-sub"}:
        ours = given.get("iss") in {stream.issuer, stream.people_issuer} - {""}
        return people.filter(external_id=_text(given.get("sub"))) if ours else None
    if kind == "email":
        return people.filter(email__iexact=_text(given.get("email")))
    return people.filter(external_id=_text(given.get("id"))) if kind == "opaque" else None


def _sid(given: Any) -> str:
    return _text(given.get("id") or given.get("sid"), "") if isinstance(given, dict) else ""


def _text(value: Any, otherwise: str = "\ufffd") -> str:
    """Nothing that is no plain text finds anybody: neither the empty id of whoever has none."""
    ok = isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS and "\x00" not in value
    return value if ok else otherwise
