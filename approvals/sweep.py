"""Due reminders and escalations, with all their effects in one SQL statement a batch (W4).

Beat starts a sweep every 15 s; any number may run at once, and any may be killed. A sweep claims timers
together with their requests by SKIP LOCKED: what another sweep or a vote holds is left to it. The
statement is one transaction, so a timer that is done has its step moved, its next timer running, its
event in the record and its message in the outbox; one that was rolled back has nothing of it, and is
still due. Why not ETA tasks, and what was measured: docs/adr/0045-time-boxes.md.

It runs as the role portal_sweeper, across tenants. The ways that were measured to fail: claiming timers
without their requests deadlocks with votes; committing the claim first loses work.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connections, transaction
from django.db.models.functions import Now
from django.urls import reverse

from approvals.models import Request, Timer, TimerKind
from approvals.services import expire, lapse
from approvals.states import LIVE, RequestState, TimerState
from identity.tenancy import tenant_scope
from ledger.context import current_source
from ledger.events import Event
from notices.kinds import Kind

ALIAS = "sweeper"
BATCH = 200

logger = logging.getLogger(__name__)

# `due` holds its rows' locks until commit. The next timer is set running by way of `done`, so that the
# one before is finished first: a unique index allows one running timer a step. The event's text is
# RFC 8785 canonical JSON by construction: members in order, ids and fixed words for values.
_SWEEP = """
WITH due AS MATERIALIZED (
    SELECT t.id, t.tenant_id, t.request_id, t.step_id, t.seq, t.kind, t.level,
           r.title, r.app, r.requester_id, r.object
    FROM approvals_timer t JOIN approvals_request r ON r.id = t.request_id
    WHERE t.state = 'pending' AND t.due_at <= clock_timestamp() AND t.kind IN ('remind', 'escalate')
      AND r.state = 'open'
    ORDER BY t.due_at, t.id LIMIT %(batch)s
    FOR UPDATE OF t, r SKIP LOCKED
), done AS (
    UPDATE approvals_timer t SET state = 'done', done_at = clock_timestamp()
    FROM due WHERE t.id = due.id RETURNING t.step_id, t.seq
), following AS (
    UPDATE approvals_timer t SET state = 'pending'
    FROM done WHERE t.step_id = done.step_id AND t.seq = done.seq + 1 AND t.state = 'planned'
), climbed AS (
    UPDATE approvals_step s
    SET level = due.level + 1,
        due_at = (SELECT max(n.due_at) FROM approvals_timer n
                  WHERE n.step_id = due.step_id AND n.level = due.level + 1)
    FROM due WHERE s.id = due.step_id AND due.kind = 'escalate'
), told AS MATERIALIZED (
    SELECT due.*, a.person_id, a.role, a.group_name,
           CASE due.kind WHEN 'escalate' THEN %(escalated)s ELSE %(reminder)s END AS notice,
           CASE due.kind WHEN 'escalate' THEN %(escalated_event)s ELSE %(reminded_event)s END AS event
    FROM due JOIN approvals_ask a
      ON a.step_id = due.step_id AND a.level = due.level + CASE due.kind WHEN 'escalate' THEN 1 ELSE 0 END
), noted AS (
    SELECT ledger.append(concat('{', '"app":"' || app || '",',
        '"facts":{"of":', to_json(object), ',"rung":', level, ',"timer":"', id, '"},',
        '"kind":"', event, '","object":"approval:', request_id, '","origin":"', %(origin)s::text,
        '","person":"', requester_id, '","request":"', %(source)s::text, '","tenant":"', tenant_id,
        '","v":1}')) AS event_id FROM told
), mailed AS (
    INSERT INTO notices_outbox (id, tenant_id, key, channel, kind, person_id, role, group_name, besides,
                                params, path, state, attempts, due_at, created_at)
    SELECT uuidv7(), tenant_id, notice || ':' || id, 'portal', notice, person_id, role, group_name,
           CASE WHEN person_id IS NULL THEN requester_id END,
           jsonb_build_object('title', title), replace(%(path)s, %(nil)s, request_id::text),
           'pending', 0, clock_timestamp(), clock_timestamp()
    FROM told RETURNING 1
)
SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM noted), (SELECT count(*) FROM mailed)
"""

NIL = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Swept:
    """What one run did."""

    moved: int
    expired: int


def run() -> Swept:
    """Sweep until nothing is due: first what moves on, then what is over."""
    moved = 0
    while batch := sweep_once():
        moved += batch
    return Swept(moved, expire_due())


def sweep_once(limit: int = BATCH) -> int:
    """Remind and escalate up to `limit` due timers in one statement; returns how many."""
    source = current_source()
    values: dict[str, str | int] = {
        "batch": limit,
        "escalated": Kind.APPROVAL_ESCALATED.value,
        "reminder": Kind.APPROVAL_REMINDER.value,
        "escalated_event": Event.APPROVAL_ESCALATED.value,
        "reminded_event": Event.APPROVAL_REMINDED.value,
        "origin": source.origin.value,
        "source": source.request,
        "path": reverse("approvals:request", args=[NIL]),
        "nil": NIL,
    }
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute(_SWEEP, values)
        due, noted, mailed = cursor.fetchone()
        if not due == noted == mailed:
            raise RuntimeError(f"swept {due} timers, {noted} events, {mailed} messages: nothing is kept")
    return int(due)


def lapse_lost() -> int:
    """Close what is older than APPROVALS_LAPSE_DAYS and has lost its requester or its object; how many.

    Whether the object is there is asked of its owner, one by one: beat does it by the hour.
    """
    before = Now() - timedelta(days=settings.APPROVALS_LAPSE_DAYS)
    old = (
        Request.objects.using(ALIAS).filter(state__in=LIVE, opened_at__lte=before).order_by("opened_at", "id")
    )
    closed = 0
    for request_id, tenant_id in old.values_list("id", "tenant_id"):
        try:
            with tenant_scope(tenant_id):
                closed += lapse(by=None, request_id=request_id)
        except Exception:
            logger.exception("request %s cannot lapse; the next hour tries again", request_id)
    return closed


def expire_due() -> int:
    """End requests whose time is over, each in its tenant, since the object's owner must act on it."""
    due = Timer.objects.using(ALIAS).filter(
        kind=TimerKind.EXPIRE, state=TimerState.PENDING, due_at__lte=Now(), request__state=RequestState.OPEN
    )
    ended = 0
    for timer_id, request_id, tenant_id in due.order_by("due_at", "id").values_list(
        "id", "request_id", "tenant_id"
    ):
        try:
            with tenant_scope(tenant_id):
                ended += expire(timer_id=timer_id, request_id=request_id)
        except Exception:  # whatever is wrong with one is no reason to leave the others open
            logger.exception("request %s cannot expire; the next sweep tries again", request_id)
    return ended
