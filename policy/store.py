"""Keeping decisions: one row and one event each, or only a count (docs/adr/0021).

Denials, writes, overrides and sensitive reads are kept; other allows and previews are counted in Redis and
carried into DecisionCount by policy/tasks.py. A count that is lost is a statistic that is a little low;
counting never makes a decision fail.
"""

import json
import logging
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F

from identity.tenancy import current_tenant, tenant_scope
from ledger.events import Event
from ledger.log import record
from policy.alarm import raise_alarm
from policy.decision import Decision
from policy.inputs import WRITES
from policy.models import DecisionCount, StoredDecision, StoredInput

logger = logging.getLogger(__name__)
COUNTS = "policy:counts"


@dataclass(frozen=True)
class _Actor:
    """The subject of a decision as the ledger wants an actor."""

    pk: uuid.UUID
    tenant_id: uuid.UUID


def keeps(decision: Decision) -> bool:
    """Whether the decision is stored by itself and not only counted."""
    if decision.preview:
        return False
    return (
        not decision.allowed
        or decision.action in WRITES
        or decision.obligations.record_read
        or bool(decision.exceptions_used)
    )


def keep(decision: Decision) -> None:
    """Store it with its event, in the open transaction of its tenant, else in one of its own."""
    if connection.in_atomic_block and current_tenant() == decision.tenant:
        _insert(decision)
    else:
        with tenant_scope(decision.tenant):
            _insert(decision)


def keep_again(decision: Decision) -> None:
    """Store it unless it is stored: after a roll-back that may have taken it away."""
    with tenant_scope(decision.tenant):
        if not StoredDecision.objects.filter(pk=decision.id).exists():
            _insert(decision)


@dataclass(frozen=True)
class Reported:
    """A decision that was made elsewhere: under which id, when, and by what ("kind:id")."""

    decision: Decision
    reported_id: uuid.UUID
    decided_at: datetime
    by: str


def keep_reported(reports: Sequence[Reported]) -> None:
    """Store them with their events in the open transaction of their tenant; what is not kept is counted.

    Nobody here saw the subjects act: their events say whom the decision was about, not who acted.
    """
    kept = [report for report in reports if keeps(report.decision)]
    _insert_inputs([report.decision for report in kept])
    StoredDecision.objects.bulk_create(
        [
            _row(
                report.decision,
                event=_event(report.decision, reported_by=report.by),
                decided_at=report.decided_at,
                reported_id=report.reported_id,
            )
            for report in kept
        ]
    )
    for report in reports:
        if not keeps(report.decision):
            count(report.decision)


def _insert(decision: Decision) -> None:
    _insert_inputs([decision])
    _row(decision, event=_event(decision)).save(force_insert=True)
    if decision.undecided:
        raise_alarm(decision)


def _insert_inputs(decisions: Sequence[Decision]) -> None:
    StoredInput.objects.bulk_create(
        [
            StoredInput(
                tenant_id=decision.tenant,
                digest=decision.input_digest,
                document=_text(canonical(decision.document)),
            )
            for decision in decisions
        ],
        ignore_conflicts=True,
    )


def _row(decision: Decision, *, event: uuid.UUID, **more: Any) -> StoredDecision:
    return StoredDecision(
        id=decision.id,
        tenant_id=decision.tenant,
        subject=as_uuid(decision.subject),
        action=storable(decision.action[:64]),
        app=as_uuid(decision.app),
        allowed=decision.allowed,
        reasons=[storable(asdict(reason)) for reason in decision.reasons],
        obligations=storable(asdict(decision.obligations)),
        tier=decision.tier,
        because=list(decision.because),
        engine=decision.engine,
        revision=decision.revision,
        entry_point=decision.entry_point,
        input_digest=decision.input_digest,
        duration_ms=decision.duration_ms,
        event=event,
        **more,
    )


def _event(decision: Decision, *, reported_by: str = "") -> uuid.UUID:
    """The ledger's entry, which names the decision as the decision names it."""
    subject = as_uuid(decision.subject)
    return record(
        _kind(decision),
        by=_Actor(subject, decision.tenant) if subject and not reported_by else None,
        person=subject if reported_by else None,
        obj=reported_by or None,
        tenant=decision.tenant,
        app=as_uuid(decision.app),
        tags=decision.tags,
        decision=decision.id,
        facts={
            "action": storable(decision.action[:64]),
            "denied_by": sorted({reason.code for reason in decision.denials}),
            "tier": decision.tier.value,
            "revision": decision.revision,
            "engine": decision.engine,
            "input": decision.input_digest,
            **({"step_up": True} if decision.obligations.step_up else {}),
            **({"exceptions": list(used)} if (used := decision.exceptions_used) else {}),
        },
    )


def _kind(decision: Decision) -> Event:
    if not decision.allowed:
        return Event.DECISION_DENIED
    return Event.DECISION_OVERRIDE if decision.is_override else Event.DECISION_ALLOWED


def canonical(document: Any) -> str:
    """RFC 8785 for inputs: their keys are ASCII and their numbers small integers, so sorting is all."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def as_uuid(text: str) -> uuid.UUID | None:
    """The id, or None where the text is none (a service that is no person)."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _text(text: str) -> str:
    """PostgreSQL takes no lone surrogate; what holds one is no text, was denied, and is kept escaped."""
    return text.encode(errors="backslashreplace").decode()


def storable(value: Any) -> Any:
    """jsonb takes no NUL; a name that holds one is shown with the sign for what cannot be shown."""
    if isinstance(value, str):
        return _text(value).replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


# -- counting -------------------------------------------------------------------------------------


@cache
def _redis(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2, decode_responses=True)


def count(decision: Decision) -> None:
    """Add one to its day's count."""
    day = datetime.now(UTC).date().isoformat()
    member = json.dumps(
        [str(decision.tenant), day, storable(decision.action[:64]), decision.allowed, decision.preview]
    )
    try:
        _redis(settings.REDIS_URL).hincrby(COUNTS, member, 1)
    except redis.RedisError:
        logger.warning("a decision was not counted: Redis is away")


def drain() -> int:
    """Carry the counts from Redis into DecisionCount; returns how many decisions they tell of.

    Taken out first and added after: a crash between loses at most a minute's counts and doubles none.
    """
    server = _redis(settings.REDIS_URL)
    with server.pipeline(transaction=True) as pipeline:
        pipeline.hgetall(COUNTS)
        pipeline.delete(COUNTS)
        taken: dict[str, str] = pipeline.execute()[0]
    for member, number in taken.items():
        tenant, day, action, allowed, preview = json.loads(member)
        with tenant_scope(uuid.UUID(tenant)):
            _add(uuid.UUID(tenant), date.fromisoformat(day), action, allowed, preview, int(number))
    return sum(map(int, taken.values()))


def _add(tenant: uuid.UUID, day: date, action: str, allowed: bool, preview: bool, number: int) -> None:
    row, made = DecisionCount.objects.get_or_create(
        tenant_id=tenant, day=day, action=action, allowed=allowed, preview=preview, defaults={"count": number}
    )
    if not made:
        DecisionCount.objects.filter(pk=row.pk).update(count=F("count") + number)
