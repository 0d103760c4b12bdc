"""The device authorization grant (RFC 8628): a program asks, a person decides in the browser (ADR 0066)."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Missing
from identity.models import AccessToken, DeviceGrant, LoginSession, Scope, User
from identity.services.tokens import hash_of, issue_token
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record

LIFE = timedelta(minutes=10)
INTERVAL = 5
TOKEN_DAYS = 7
# no vowels and nothing that looks like another (RFC 8628, 6.1): 20 letters, 8 of them, 34 bits
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
State = DeviceGrant.State


class PollRefused(Exception):
    """What the program is told instead of a token; `error` is a code of RFC 8628, section 3.5."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@transaction.atomic
def begin_device(*, client_name: str, scopes: Iterable[str]) -> tuple[DeviceGrant, str, str]:
    """A new grant with its device code and user code, returned this once and kept as hashes.

    Raises:
        BadInput: an unknown scope, or none.
    """
    chosen = sorted(set(scopes))
    if not chosen or not set(chosen) <= set(Scope.values):
        raise BadInput(_("Ask for scopes that there are."), code="invalid_scope")
    DeviceGrant.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
    device, user = secrets.token_urlsafe(32), "".join(secrets.choice(ALPHABET) for _n in range(8))
    grant = DeviceGrant.objects.create(
        device_hash=hash_of(device),
        user_hash=hash_of(user),
        client_name=" ".join(client_name.split())[:100],
        scopes=chosen,
        interval=INTERVAL,
        expires_at=timezone.now() + LIFE,
    )
    return grant, device, f"{user[:4]}-{user[4:]}"


def waiting_grant(user_code: str) -> DeviceGrant:
    """The grant that waits under `user_code`, however it is typed.

    Raises:
        Missing: none does: unknown, out of date or decided. One text for all.
    """
    code = "".join(char for char in user_code.upper() if char in ALPHABET)
    rows = DeviceGrant.objects.filter(user_hash=hash_of(code), state=State.WAITING)
    found = rows.filter(expires_at__gt=timezone.now()).first()
    if found is None:
        raise Missing(_("This code is not known or out of date. Run the command again."), code="device_code")
    return found


@transaction.atomic
def decide_device(
    *, by: User, user_code: str, approve: bool, proof: Mapping[str, Any], login: LoginSession | None
) -> DeviceGrant:
    """Let the program in, or turn it away; `proof` is how `by` had signed in.

    Raises:
        Missing: as waiting_grant.
    """
    found = waiting_grant(user_code)
    grant = DeviceGrant.objects.select_for_update().get(pk=found.pk)
    if grant.state != State.WAITING:
        raise Missing(_("This code is not known or out of date. Run the command again."), code="device_code")
    grant.state = State.APPROVED if approve else State.DENIED
    grant.user, grant.login, grant.proof = by, login, dict(proof)
    grant.save(update_fields=["state", "user", "login", "proof"])
    event = Event.DEVICE_APPROVED if approve else Event.DEVICE_DENIED
    record(event, by=by, obj=f"device_grant:{grant.pk}", facts={"scopes": grant.scopes})
    return grant


def poll_device(*, device_code: str) -> tuple[AccessToken, str]:
    """The token of an approved grant, once. What a poll changes stays, also when it is refused.

    Raises:
        PollRefused: it is not approved yet, polled too often, denied, out of date, taken or unknown.
    """
    with transaction.atomic():
        rows = DeviceGrant.objects.select_for_update(of=("self",)).select_related("user__tenant")
        grant = rows.filter(device_hash=hash_of(device_code)).first()
        if grant is None:
            raise PollRefused("invalid_grant")
        error = _poll(grant)
        if error == "":
            assert grant.user is not None  # noqa: S101 - device_grant_approved
            with tenant_scope(grant.user.tenant_id):
                return _take(grant, grant.user)
    raise PollRefused(error)


def _poll(grant: DeviceGrant) -> str:
    """Note the poll; the error code for it, empty when the token may be taken."""
    now = timezone.now()
    if grant.expires_at <= now:
        return "expired_token"
    if grant.state == State.TAKEN:
        return "invalid_grant"
    if grant.state == State.DENIED:
        return "access_denied"
    hasty = grant.polled_at is not None and now < grant.polled_at + timedelta(seconds=grant.interval)
    grant.polled_at = now
    if hasty:
        grant.interval = min(grant.interval + INTERVAL, 60)  # RFC 8628, 3.5
    grant.save(update_fields=["polled_at", "interval"])
    if hasty:
        return "slow_down"
    return "authorization_pending" if grant.state == State.WAITING else ""


def _take(grant: DeviceGrant, user: User) -> tuple[AccessToken, str]:
    # what ended the approving session on the way ends what it approved
    if not user.is_active or (grant.login is not None and grant.login.ended_at is not None):
        raise PollRefused("access_denied")
    grant.state = State.TAKEN
    grant.save(update_fields=["state"])
    return issue_token(
        by=user,
        kind=AccessToken.Kind.DEVICE,
        name=grant.client_name or "portal",
        scopes=grant.scopes,
        days=TOKEN_DAYS,
        proof=grant.proof,
        login=grant.login,
    )
