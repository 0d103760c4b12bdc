"""Tokens with which programs act for a person: made, revoked, ended with their owner's access (I5)."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Missing, NotAllowed, TooMany
from identity.models import AccessToken, LoginSession, Role, Scope, User
from identity.roles import roles_of
from ledger.events import Event
from ledger.log import Actor, record

MOST_DAYS = 90
MOST_TOKENS = 50  # live ones of one person
PREFIX_CHARS = 12  # "map_" and eight characters: enough to recognise, nothing to guess from
MARK = "map_"


def hash_of(token: str) -> str:
    """Tokens carry 256 random bits, so a plain hash cannot be reversed by guessing."""
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def issue_token(
    *,
    by: User,
    kind: AccessToken.Kind,
    name: str,
    scopes: Iterable[str],
    days: int,
    proof: Mapping[str, Any],
    login: LoginSession | None,
) -> tuple[AccessToken, str]:
    """A token of `by`, returned this once and kept as a hash; `proof` is how he had signed in.

    A service token outlives the session that made it, not its owner's access.

    Raises:
        BadInput: no name or scope, an unknown scope, or too long a life.
        NotAllowed: only builders and platform admins make service tokens.
        TooMany: the person has many already.
    """
    chosen, name = sorted(set(scopes)), " ".join(name.split())
    if not name or len(name) > 100 or not chosen or not set(chosen) <= set(Scope.values):
        raise BadInput(_("Give a name of at most 100 characters and choose what the token may do."))
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(_("A token lives between 1 and %(most)d days.") % {"most": MOST_DAYS})
    if kind is AccessToken.Kind.SERVICE and not roles_of(by) & {Role.BUILDER, Role.ADMIN}:
        raise NotAllowed(_("Only builders and platform admins make tokens for services."))
    User.objects.select_for_update().get(pk=by.pk)  # two at once, or one during the person's deactivation
    by.refresh_from_db(fields=["is_active"])
    if not by.is_active:
        raise NotAllowed(_("This account is deactivated."))
    if _live(Q(owner=by)).count() >= MOST_TOKENS:
        raise TooMany(_("You have many tokens already. Revoke those that you no longer need."))
    token = MARK + secrets.token_urlsafe(32)
    row = AccessToken.objects.create(
        tenant_id=by.tenant_id,
        owner=by,
        login=None if kind is AccessToken.Kind.SERVICE else login,
        kind=kind,
        name=name,
        prefix=token[:PREFIX_CHARS],
        token_hash=hash_of(token),
        scopes=chosen,
        proof=dict(proof),
        expires_at=timezone.now() + timedelta(days=days),
    )
    facts = {"kind": kind.value, "scopes": chosen, "days": days}
    record(Event.TOKEN_CREATED, by=by, obj=f"token:{row.pk}", facts=facts)
    return row, token


@transaction.atomic
def revoke_token(*, by: User, token_id: uuid.UUID, anyones: bool = False) -> None:
    """The token is refused from its next request on. `anyones`: the caller looks after the tenant's.

    Raises:
        Missing: there is none of that id that `by` may revoke.
    """
    mine = Q(tenant=by.tenant_id) if anyones else Q(owner=by)
    row = AccessToken.objects.select_for_update().filter(mine, pk=token_id).first()
    if row is None:
        raise Missing(_("There is no such token, or it is not yours."))
    _revoke([row], by=by, why="admin" if anyones and row.owner_id != by.pk else "person")


@transaction.atomic
def end_tokens(*, by: Actor | None, tokens: Q, why: str) -> int:
    """Revoke the live tokens that `tokens` names; returns how many there were."""
    rows = list(_live(tokens).select_for_update())
    _revoke(rows, by=by, why=why)
    return len(rows)


def _live(which: Q) -> Any:
    return AccessToken.objects.filter(which, revoked_at=None, expires_at__gt=timezone.now())


def _revoke(rows: Iterable[AccessToken], *, by: Actor | None, why: str) -> None:
    for row in rows:
        if row.revoked_at is not None:
            continue
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record(
            Event.TOKEN_REVOKED,
            by=by,
            tenant=row.tenant_id,
            person=row.owner_id,
            obj=f"token:{row.pk}",
            facts={"why": why},
        )
