"""Many open requests with timers that are due, made by few statements; and what a sweep left of them."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg

from approvals.models import Ask, Request, Step, Timer, TimerKind
from approvals.states import StepState, TimerState
from identity.models import Role
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.services import POSTGRES

DIGEST = hashlib.sha256(b"backlog").hexdigest()


def make_backlog(cast: Cast, count: int, *, due: datetime | None = None, first: int = 0) -> None:
    """`count` requests of Lena's, each with an escalation due, from Omar to the reviewers."""
    due = due or datetime.now(UTC) - timedelta(minutes=1)
    tenant = cast.tenant.pk
    opened = due - timedelta(days=1)
    with tenant_scope(tenant):
        requests = Request.objects.bulk_create(
            Request(
                tenant_id=tenant,
                kind="memo",
                object=f"memo:{n}",
                title=f'Memo "{n}" \\ é',
                requester=cast.lena,
                tier="manager",
                digest=DIGEST,
                opened_at=opened,
            )
            for n in range(first, first + count)
        )
        steps = Step.objects.bulk_create(
            Step(
                tenant_id=tenant,
                request=request,
                order=1,
                asks="manager",
                hours=8,
                state=StepState.OPEN,
                opened_at=opened,
                due_at=due,
            )
            for request in requests
        )
        Ask.objects.bulk_create(
            ask
            for step in steps
            for ask in (
                Ask(tenant_id=tenant, step=step, level=0, person=cast.omar),
                Ask(tenant_id=tenant, step=step, level=1, role=Role.REVIEWER),
            )
        )
        plan = [
            (TimerKind.ESCALATE, 0, due, TimerState.PENDING),
            (TimerKind.REMIND, 1, due + timedelta(days=1), TimerState.PLANNED),
            (TimerKind.REMIND, 1, due + timedelta(days=2), TimerState.PLANNED),
        ]
        Timer.objects.bulk_create(
            Timer(
                tenant_id=tenant,
                request_id=step.request_id,
                step=step,
                seq=seq,
                kind=kind,
                level=level,
                due_at=at,
                state=state,
            )
            for step in steps
            for seq, (kind, level, at, state) in enumerate(plan)
        )


@dataclass(frozen=True)
class Left:
    """Counts over the whole database, read past every wall."""

    done: int
    running: int
    climbed: int
    events: Counter[int]  # how many requests have one escalation event, two, …
    messages: Counter[int]


def left() -> Left:
    """What the sweeps did so far."""
    with psycopg.connect(POSTGRES.url()) as server:
        one = "SELECT (SELECT count(*) FROM approvals_timer WHERE state = 'done'),"
        one += " (SELECT count(*) FROM approvals_timer WHERE state = 'pending' AND seq > 0),"
        one += " (SELECT count(*) FROM approvals_step WHERE level = 1)"
        row = server.execute(one).fetchone()
        assert row is not None
        events = server.execute(
            "SELECT count(*) FROM ledger.event WHERE body::jsonb->>'kind' = 'approval.escalated' "
            "GROUP BY body::jsonb->>'object'"
        )
        messages = server.execute(
            "SELECT count(*) FROM notices_outbox WHERE kind = 'approval.escalated' GROUP BY path"
        )
        return Left(*row, Counter(n for (n,) in events), Counter(n for (n,) in messages))


def exactly_once(count: int) -> Left:
    """What must be left after `count` escalations."""
    return Left(count, count, count, Counter({1: count}), Counter({1: count}))


@contextmanager
def slow_messages(seconds: float) -> Iterator[None]:
    """Each outbox row takes `seconds` to write, so that a sweep can be hit in the middle."""
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute(
            "CREATE OR REPLACE FUNCTION public.test_slow() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_sleep({seconds}); RETURN NEW; END $$"
        )
        server.execute("GRANT EXECUTE ON FUNCTION public.test_slow() TO PUBLIC")
        server.execute(
            "CREATE TRIGGER test_slow BEFORE INSERT ON notices_outbox "
            "FOR EACH ROW EXECUTE FUNCTION public.test_slow()"
        )
        try:
            yield
        finally:
            server.execute("DROP TRIGGER test_slow ON notices_outbox")
            server.execute("DROP FUNCTION public.test_slow()")
