"""What a security event does here: sessions and tokens end. SCIM alone says who is active (I5)."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from identity.models import LoginSession, SignalReceipt, SignalStream, User
from identity.models.user import Risk
from identity.secrets import keeper
from identity.services.logins import end_logins, end_sessions
from identity.services.risk import set_risk
from identity.services.tokens import hash_of
from identity.signals.subjects import Found, find
from identity.signals.tokens import SecurityEvent
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
# after these the person has to prove anew who he is
ENDING = frozenset(
    {
        f"{CAEP}session-revoked",
        f"{CAEP}credential-change",
        f"{RISC}account-disabled",
        f"{RISC}account-purged",
        f"{RISC}account-credential-change-required",
        f"{RISC}credential-compromise",
        f"{RISC}sessions-revoked",
    }
)
COMPLIANCE = f"{CAEP}device-compliance-change"
RISK = f"{CAEP}risk-level-change"
KNOWN = (CAEP, RISC, SSF)


def receive(*, stream: SignalStream, token: SecurityEvent) -> bool:
    """Do what a checked token asks for, once; False for one that was taken before.

    Whoever is not known here is passed over, and that is recorded: the transmitter need not learn of it.
    """
    with tenant_scope(stream.tenant_id):
        kinds = " ".join(sorted(_short(kind) for kind in token.events))[:60]
        digest = hashlib.sha256(token.jti.encode()).hexdigest()
        # the second of two at once waits here for the first, and then finds its row
        _row, is_first = SignalReceipt.objects.get_or_create(
            stream=stream, jti_hash=digest, defaults={"kind": kinds, "outcome": "taken"}
        )
        if not is_first:
            return False
        found = find(stream, token.subject)
        outcomes = [_apply(stream, kind, event, found) for kind, event in token.events.items()]
        SignalReceipt.objects.filter(stream=stream, jti_hash=digest).update(outcome=outcomes[0])
        SignalStream.objects.filter(pk=stream.pk).update(last_event_at=timezone.now())
    return True


def _apply(stream: SignalStream, kind: str, event: Mapping[str, Any], found: Found) -> str:
    ends = kind in ENDING or (kind == COMPLIANCE and event.get("current_status") == "not-compliant")
    outcome = "noted"
    if ends:
        outcome = _end(stream, found)
    elif kind == RISK:
        outcome = _rate(stream, event, found)
    elif not kind.startswith(KNOWN):
        outcome = "ignored"
    record(
        Event.SIGNAL_RECEIVED,
        by=None,
        tenant=stream.tenant_id,
        person=found.user.pk if found.user else None,
        obj=f"signal_stream:{stream.pk}",
        facts={"event": _short(kind), "outcome": outcome},
    )
    return outcome


def _end(stream: SignalStream, found: Found) -> str:
    """One session where the event names one that is open here, else all of the person."""
    if found.sid:
        logins = _sessions(stream, found)
        if end_logins(by=None, logins=logins, end=LoginSession.End.SIGNAL):
            return "ended"
    if found.user is not None:
        user = User.objects.select_for_update().get(pk=found.user.pk)
        end_sessions(by=None, user=user, end=LoginSession.End.SIGNAL)
        return "ended"
    return "unknown"


def _rate(stream: SignalStream, event: Mapping[str, Any], found: Found) -> str:
    """The person's risk, which access rules look at; that of a device or a session alone is only noted."""
    level = str(event.get("current_level", "")).lower()
    if event.get("principal") != "USER" or level not in Risk.values:
        return "noted"
    if found.user is None:
        return "unknown"
    set_risk(by=None, user=found.user, level=Risk(level), source=stream.issuer)
    return "rated"


def _sessions(stream: SignalStream, found: Found) -> "QuerySet[LoginSession]":
    issuers = [stream.people_issuer] if stream.people_issuer else [stream.issuer]
    which = Q(user__tenant=stream.tenant_id, issuer__in=issuers, sid=found.sid)
    if found.user is not None:
        which &= Q(user=found.user)
    return LoginSession.objects.filter(which)


def _short(kind: str) -> str:
    """The event's last part: it goes into the record, where a stranger's text has no place."""
    name = kind.rsplit("/", 1)[-1][:40]
    return name if kind.startswith(KNOWN) and name.replace("-", "").isalnum() else "other"


@transaction.atomic
def save_stream(*, by: Actor, stream: SignalStream, token: str = "") -> str:
    """Add or change a stream; returns the token that the transmitter pushes with, this once, for a new one.

    `token` is what we poll with; the vault keeps it.
    """
    is_new = stream._state.adding
    shown = ""
    if is_new and stream.delivery == SignalStream.Delivery.PUSH:
        shown = f"ssf_{secrets.token_urlsafe(32)}"
        stream.push_hash = hash_of(shown)
    stream.tenant_id = by.tenant_id
    stream.save()
    if token:
        keeper().keep(by=by, tenant=by.tenant_id, name=stream.secret_name, value=token)
    event = Event.SIGNAL_STREAM_ADDED if is_new else Event.SIGNAL_STREAM_CHANGED
    record(event, by=by, obj=f"signal_stream:{stream.pk}", facts={"enabled": stream.is_enabled})
    return shown


def note_error(stream: SignalStream, reason: str) -> None:
    """For the health of the stream in the admin: the failed check by name, nothing of what was sent."""
    rows = SignalStream.objects.filter(pk=stream.pk)
    rows.update(last_error_at=timezone.now(), last_error=reason[:200])


@transaction.atomic
def claim_polls(*, every: timedelta) -> list[SignalStream]:
    """The streams to poll now, each claimed for `every`: a second worker passes them over."""
    now = timezone.now()
    due = Q(due_at=None) | Q(due_at__lte=now)
    rows = SignalStream.objects.select_for_update(skip_locked=True).filter(
        due, is_enabled=True, delivery=SignalStream.Delivery.POLL
    )
    claimed = list(rows.order_by("due_at")[:100])
    SignalStream.objects.filter(pk__in=[row.pk for row in claimed]).update(due_at=now + every)
    return claimed
