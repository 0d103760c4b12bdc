"""The sweep: everything due exactly once, whoever races and whoever is killed (Show 5 of the ground)."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connections

from approvals import services, sweep, tasks
from approvals.models import Request, Timer, TimerKind
from approvals.states import RequestState, TimerState
from identity.tenancy import tenant_scope
from ledger.log import encode
from tests.cast import Cast
from tests.integration.approvals.backlog import exactly_once, left, make_backlog, slow_messages
from tests.integration.approvals.workers import ready, sweeping, worker
from tests.memos import MEMOS, Memo
from tests.services import POSTGRES

MANY = 1000


def test_two_sweeps_race_and_everything_is_escalated_once(committed_cast: Cast) -> None:
    make_backlog(committed_cast, 600)
    failed: list[Exception] = []

    def work() -> None:
        try:
            while sweep.sweep_once(50):
                pass
        except DatabaseError as error:  # the message's key would catch a timer that was claimed twice
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    sweep.run()  # what one skipped because another held it while that one ended
    assert left() == exactly_once(600)


def test_a_killed_backend_leaves_nothing_half_done(committed_cast: Cast) -> None:
    make_backlog(committed_cast, 100)
    failed: list[Exception] = []

    def work() -> None:
        try:
            sweep.sweep_once()
        except OperationalError as error:
            failed.append(error)
        finally:
            connections.close_all()

    with slow_messages(0.02):
        thread = threading.Thread(target=work)
        thread.start()
        _wait_for(lambda: bool(sweeping()))
        with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
            server.execute("SELECT pg_terminate_backend(%s)", [sweeping()[0][0]])
        thread.join()
    assert failed
    assert left() == exactly_once(0)
    assert sweep.run().moved == 100
    assert left() == exactly_once(100)


def test_two_workers_a_thousand_due_and_one_killed(committed_cast: Cast, tmp_path: Path) -> None:
    make_backlog(committed_cast, MANY)
    with worker("one", tmp_path) as one, worker("two", tmp_path):
        _wait_for(lambda: all(ready(name, tmp_path) for name in ("one", "two")))
        with slow_messages(0.01):
            for queue in ("one", "two"):
                tasks.sweep.apply_async(queue=queue)
            _wait_for(lambda: {"one", "two"} <= {name for _pid, name in sweeping()})
            os.killpg(one.pid, signal.SIGKILL)
            assert left().done < MANY, "the kill came too late to prove anything"
            _wait_for(lambda: not sweeping())
        tasks.sweep.apply_async(queue="two")  # what beat would start 15 s later
        _wait_for(lambda: left().done == MANY)
    assert left() == exactly_once(MANY)


def test_a_missed_day_is_caught_up_in_order(committed_cast: Cast) -> None:
    make_backlog(committed_cast, 3, due=datetime.now(UTC) - timedelta(days=5))
    assert sweep.run().moved == 9
    with psycopg.connect(POSTGRES.url()) as server:
        rows = server.execute("SELECT body FROM ledger.event ORDER BY id").fetchall()
    stories: dict[str, list[str]] = {}
    for (body,) in rows:
        event = json.loads(body)
        stories.setdefault(event["object"], []).append(event["kind"])
    assert set(map(tuple, stories.values())) == {
        ("approval.escalated", "approval.reminded", "approval.reminded")
    }


def test_events_of_the_sweep_are_canonical(committed_cast: Cast) -> None:
    make_backlog(committed_cast, 1)
    sweep.run()
    with psycopg.connect(POSTGRES.url()) as server:
        row = server.execute("SELECT body FROM ledger.event").fetchone()
    assert row is not None
    assert encode(json.loads(row[0])) == row[0]


def test_nothing_runs_while_the_ball_is_with_the_requester(committed_cast: Cast) -> None:
    make_backlog(committed_cast, 2)
    with tenant_scope(committed_cast.tenant.pk):
        Request.objects.update(state=RequestState.CHANGES)
    assert sweep.run().moved == 0
    assert left() == exactly_once(0)


def test_a_request_that_a_vote_holds_is_left_to_the_next_sweep(committed_cast: Cast) -> None:
    make_backlog(committed_cast, 2)
    with tenant_scope(committed_cast.tenant.pk):
        Request.objects.select_for_update().order_by("pk")[:1].get()
        assert sweep.sweep_once() == 1
    assert sweep.sweep_once() == 1


def test_a_request_expires_once_and_its_owner_hears_of_it(committed_cast: Cast, memo: Memo) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        request = memo.open(committed_cast.lena, steps=[{"role": "security", "expires": True}])
        past = datetime.now(UTC) - timedelta(days=1)
        Timer.objects.filter(request=request).update(due_at=past)
    assert sweep.run() == sweep.Swept(moved=1, expired=1)
    assert sweep.run() == sweep.Swept(moved=0, expired=0)
    assert memo.heard == ["refused:expired"]
    with tenant_scope(committed_cast.tenant.pk):
        timer = Timer.objects.get(kind=TimerKind.EXPIRE)
        assert timer.state == TimerState.DONE
        assert not services.expire(timer_id=timer.pk, request_id=request.pk)


def test_a_request_that_cannot_expire_does_not_keep_the_others_open(committed_cast: Cast, memo: Memo) -> None:
    steps = [{"role": "security", "expires": True}]
    other = Memo()
    MEMOS[other.obj] = other
    with tenant_scope(committed_cast.tenant.pk):
        memo.open(committed_cast.lena, steps=steps)
        other.open(committed_cast.lena, steps=steps)
        Timer.objects.update(due_at=datetime.now(UTC) - timedelta(days=1))
    memo.heard = None  # type: ignore[assignment]  # its owner breaks
    assert sweep.run().expired == 1
    assert other.heard == ["refused:expired"]


def _wait_for(true: Callable[[], bool], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            pytest.fail("waited too long")
        time.sleep(0.03)
