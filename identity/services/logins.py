"""Ends sessions of browsers: one, those that a provider names, or all of a person (I5)."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from identity.models import LoginSession, User
from identity.services.tokens import end_tokens
from ledger.events import Event
from ledger.log import Actor, record

ENDS_TOKENS = frozenset({LoginSession.End.DEACTIVATED, LoginSession.End.SIGNAL})
SESSIONS: Any = import_module(settings.SESSION_ENGINE).SessionStore


@transaction.atomic
def end_logins(*, by: Actor | None, logins: "QuerySet[LoginSession]", end: LoginSession.End) -> int:
    """End these sessions from their next request on; returns how many were open.

    The stored session goes with the transaction. Its copy in the cache goes now and again after the commit,
    since a request in between may have read it back.
    """
    rows = list(logins.filter(ended_at=None).select_related("user").select_for_update(of=("self",)))
    for row in rows:
        _forget(row.session_key)
        record(
            Event.SESSION_ENDED,
            by=by,
            tenant=row.user.tenant_id,
            person=row.user_id,
            obj=f"login:{row.pk}",
            facts={"end": end.value},
        )
    ended = [row.pk for row in rows]
    close_logins(LoginSession.objects.filter(pk__in=ended), end)
    if end in ENDS_TOKENS:
        end_tokens(by=by, tokens=Q(login__in=ended), why=end.value)
    return len(rows)


@transaction.atomic
def end_all_logins(*, user: User, end: LoginSession.End) -> None:
    """End every session of `user`, by raising the epoch that each session's hash holds; one statement,
    however many there are. The caller records why. Where the person's access itself ended or is in doubt,
    his tokens end too."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    close_logins(LoginSession.objects.filter(user=user, ended_at=None), end)
    if end in ENDS_TOKENS:
        end_tokens(by=None, tokens=Q(owner=user), why=end.value)


@transaction.atomic
def end_sessions(*, by: Actor | None, user: User, end: LoginSession.End = LoginSession.End.ADMIN) -> None:
    """End every session of the person at its next request; he may sign in again."""
    end_all_logins(user=user, end=end)
    record(
        Event.SESSIONS_ENDED,
        by=by,
        tenant=user.tenant_id,
        person=user.pk,
        facts={"end": end.value},
    )


def close_logins(logins: "QuerySet[LoginSession]", end: LoginSession.End) -> None:
    """Mark these as ended; the caller ends the sessions themselves and records it."""
    logins.filter(ended_at=None).update(session_key="", ended_at=Now(), end=end)


def _forget(session_key: str) -> None:
    SESSIONS(session_key).delete()
    transaction.on_commit(lambda: SESSIONS(session_key).delete())
