"""How long a session may rest and how long it may last: by role, the strictest of the person's counts (I5).

Kept in the session, so that the check on each request asks nothing but the session that is read anyway; once
a minute it is written anew, with the limits of the roles that the person holds by then.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from identity.models import LoginSession, User
from identity.roles import roles_of

KEY = "limits"
NOTED_EVERY = 60  # seconds
TOLD_FOR = 24 * 60 * 60  # so long a session that is over is still known, to tell its person why


@dataclass(frozen=True)
class Limits:
    """Seconds without a request, and seconds since the sign-in."""

    idle: int
    absolute: int


def limits_of(user: User) -> Limits:
    """The strictest of the person's roles (settings.SESSION_LIMITS), each limit by itself."""
    known: Mapping[str, tuple[int, int]] = settings.SESSION_LIMITS
    held = [known.get(role.value, known[""]) for role in roles_of(user)] or [known[""]]
    return Limits(min(idle for idle, _most in held), min(most for _idle, most in held))


def begin(session: SessionBase, user: User, now: float | None = None) -> None:
    """Set the session's limits at its sign-in, in the tenant at hand."""
    at = int(now if now is not None else time.time())
    limits = limits_of(user)
    session[KEY] = {"began": at, "seen": at, "idle": limits.idle, "absolute": limits.absolute}
    session.set_expiry(datetime.fromtimestamp(at + limits.absolute + TOLD_FOR, UTC))


def over(session: SessionBase, now: float | None = None) -> LoginSession.End | None:
    """Why the session is over; None while it is not. One without limits has a time box of its own."""
    kept: dict[str, Any] | None = session.get(KEY)
    at = now if now is not None else time.time()
    if kept is None:
        return None
    if at >= kept["began"] + kept["absolute"]:
        return LoginSession.End.EXPIRED
    return LoginSession.End.IDLE if at >= kept["seen"] + kept["idle"] else None


def is_stale(session: SessionBase, now: float | None = None) -> bool:
    """Whether the session's use was last noted a minute ago or longer."""
    kept: dict[str, Any] | None = session.get(KEY)
    at = now if now is not None else time.time()
    return kept is not None and at >= kept["seen"] + NOTED_EVERY


def note(session: SessionBase, user: User, now: float | None = None) -> None:
    """The session is in use; its limits are those of the roles that `user` holds now."""
    limits = limits_of(user)
    seen = int(now if now is not None else time.time())
    session[KEY] = {**session[KEY], "seen": seen, "idle": limits.idle, "absolute": limits.absolute}
