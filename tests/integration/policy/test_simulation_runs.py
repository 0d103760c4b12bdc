"""Simulations that are asked for on a page: one at a time, run by workers, cancelled, resumed (P7)."""

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from identity.errors import BadInput, Conflict, Missing, NotAllowed
from identity.models import User
from identity.tenancy import tenant_scope
from notices.models import Outbox
from policy.checks.generate import Inputs
from policy.models import RulesVersion, Simulation
from policy.rulebook import shipped
from policy.selectors import newest_simulation
from policy.services import cancel_simulation, simulations, start_simulation
from policy.services.simulations import MOST_ATTEMPTS, claim_simulation
from policy.simulation import background
from policy.simulation.background import carry_out
from policy.states import SimulationState
from tests.cast import Cast
from tests.integration.approvals.workers import log_of, ready, worker
from tests.integration.policy.stored import decided_before, outcomes
from tests.integration.policy.test_simulation import app_of
from tests.integration.runtime.test_records import events
from tests.rego_draft import CODE, freezing
from tests.services import POSTGRES
from tests.simulations import fresh, proposed, texts

FROZEN = frozenset(f"a-{n}" for n in random.Random(5).sample(range(50), 8))


@pytest.fixture
def version(committed_cast: Cast, tmp_path: Path) -> RulesVersion:
    """A draft that freezes some apps."""
    return proposed(committed_cast.ada, texts(freezing(tmp_path, FROZEN)))


def start(by: User, version: RulesVersion, days: int = 30) -> Simulation:
    with tenant_scope(by.tenant_id):
        return start_simulation(by=by, version_id=version.pk, days=days)


def decide(tenant: uuid.UUID, number: int, seed: int = 21) -> int:
    """Keep decisions of a tenant; how many of them the draft would refuse."""
    source = Inputs(seed)
    documents = [source.next() for _n in range(number)]
    decided_before(tenant, documents)
    said = zip(documents, outcomes(documents), strict=True)
    return sum(1 for one, outcome in said if outcome and outcome.allow and app_of(one) in FROZEN)


def test_it_finds_exactly_the_tenants_own(committed_cast: Cast, version: RulesVersion) -> None:
    cast = committed_cast
    due = decide(cast.tenant.pk, 300)
    assert decide(cast.other.pk, 200, seed=22), "the other tenant has some too"
    row = start(cast.sana, version)
    assert carry_out(row.pk, cast.tenant.pk)
    done = fresh(row, cast.tenant.pk)
    assert (done.state, done.attempt, done.rules) == (SimulationState.DONE, 1, shipped().revision)
    assert done.report is not None
    assert (done.report["asked"], done.report["changed"]) == (300, due)
    assert done.report["effects"] == {"denied": due, "allowed": 0, "approval": 0, "obligations": 0}
    assert {change["app"] for change in done.report["changes"]} <= FROZEN
    assert all(change["rules"] == [CODE] for change in done.report["changes"])
    with tenant_scope(cast.tenant.pk):
        assert newest_simulation(version) == done
        told = Outbox.objects.get(person=cast.sana)
        assert (told.kind, told.path) == ("simulation.done", done.get_absolute_url())
    [started], [finished] = events("simulation.started"), events("simulation.finished")
    assert started["facts"] == {"version": str(version.pk), "days": 30}  # type: ignore[index]
    assert finished["facts"]["changed"] == due  # type: ignore[index]
    assert not carry_out(row.pk, cast.tenant.pk), "a second message changes nothing"


def test_one_at_a_time(committed_cast: Cast, version: RulesVersion) -> None:
    first = start(committed_cast.sana, version)
    assert start(committed_cast.ada, version, days=5) == first
    assert len(events("simulation.started")) == 1
    with tenant_scope(committed_cast.tenant.pk):
        cancel_simulation(by=committed_cast.ada, simulation_id=first.pk)
    assert start(committed_cast.ada, version) != first


@pytest.mark.parametrize("name", ["mia", "lena", "omar", "theo"])
def test_only_security_and_admins_simulate(committed_cast: Cast, version: RulesVersion, name: str) -> None:
    with pytest.raises(NotAllowed):
        start(getattr(committed_cast, name), version)


def test_nobody_of_another_tenant_does(committed_cast: Cast, version: RulesVersion, settings: object) -> None:
    settings.POLICY_TENANT = "northwind"  # type: ignore[attr-defined]
    with pytest.raises(NotAllowed):
        start(committed_cast.sana, version)
    settings.POLICY_TENANT = "nowhere"  # type: ignore[attr-defined]
    with pytest.raises(NotAllowed):
        start(committed_cast.sana, version)


def test_what_is_asked_for_is_checked(committed_cast: Cast, version: RulesVersion) -> None:
    for days in (0, 366):
        with pytest.raises(BadInput):
            start(committed_cast.sana, version, days)
    with tenant_scope(committed_cast.tenant.pk), pytest.raises(Missing):
        start_simulation(by=committed_cast.sana, version_id=uuid.uuid4(), days=1)


def test_a_cancelled_one_stops_and_keeps_nothing(
    committed_cast: Cast, version: RulesVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = committed_cast
    decide(cast.tenant.pk, 600)
    row = start(cast.sana, version)
    monkeypatch.setattr("policy.simulation.compare.EVERY", 0)
    with meanwhile(lambda: carry_out(row.pk, cast.tenant.pk)) as thread:
        wait_until(lambda: fresh(row, cast.tenant.pk).done > 0)
        with tenant_scope(cast.tenant.pk):
            cancel_simulation(by=cast.sana, simulation_id=row.pk)
        thread.join(20)
        assert not thread.is_alive()
    over = fresh(row, cast.tenant.pk)
    assert (over.state, over.report) == (SimulationState.CANCELLED, None)
    assert 0 < over.done < 600
    assert not events("simulation.finished")
    with tenant_scope(cast.tenant.pk), pytest.raises(Conflict):
        cancel_simulation(by=cast.sana, simulation_id=row.pk)


def test_a_killed_worker_loses_nothing(committed_cast: Cast, version: RulesVersion, tmp_path: Path) -> None:
    cast = committed_cast
    due = decide(cast.tenant.pk, 3_000)
    row = start(cast.sana, version)
    with worker("simulating", tmp_path) as process:
        wait_until(lambda: ready("simulating", tmp_path), 60)
        send(row, "simulating")
        wait_until(lambda: fresh(row, cast.tenant.pk).done > 0, 60)
        process.kill()
        process.wait()
    broken = fresh(row, cast.tenant.pk)
    assert (broken.state, broken.attempt) == (SimulationState.RUNNING, 1)
    assert background.sweep() == 0, "it may live yet"
    with psycopg.connect(POSTGRES.url()) as server:
        server.execute("UPDATE policy_simulation SET seen_at = now() - interval '2 minutes'")
    assert background.sweep() == 1
    with worker("simulating", tmp_path):
        wait_until(lambda: ready("simulating", tmp_path), 60)
        send(row, "simulating")
        wait_until(lambda: not fresh(row, cast.tenant.pk).is_moving, 120)
    done = fresh(row, cast.tenant.pk)
    assert (done.state, done.attempt) == (SimulationState.DONE, 2), log_of("simulating", tmp_path).read_text()
    assert done.report is not None
    assert (done.report["asked"], done.report["changed"]) == (3_000, due)


def test_a_run_that_was_overtaken_writes_nothing(committed_cast: Cast, version: RulesVersion) -> None:
    tenant = committed_cast.tenant.pk
    decide(tenant, 50)
    row = start(committed_cast.sana, version)
    with tenant_scope(tenant):
        first = claim_simulation(simulation_id=row.pk, rules="r", engine="opa")
    assert carry_out(row.pk, tenant)
    with tenant_scope(tenant):
        assert first is not None
        assert not simulations.note_progress(simulation=first, done=1, total=2)
        assert not simulations.finish_simulation(simulation=first, report={}, done=1)
        assert not simulations.fail_simulation(simulation=first, why="error")
    assert fresh(row, tenant).state == SimulationState.DONE


def test_one_that_kills_its_worker_each_time_ends(committed_cast: Cast, version: RulesVersion) -> None:
    tenant = committed_cast.tenant.pk
    row = start(committed_cast.sana, version)
    with tenant_scope(tenant):
        for _n in range(MOST_ATTEMPTS):
            assert claim_simulation(simulation_id=row.pk, rules="r", engine="opa")
    assert not carry_out(row.pk, tenant)
    over = fresh(row, tenant)
    assert (over.state, over.failure) == (SimulationState.FAILED, "attempts")
    assert over.failure_text


def test_a_draft_that_does_not_build_fails(committed_cast: Cast, tmp_path: Path) -> None:
    files = texts(freezing(tmp_path, FROZEN)) | {"main.rego": "package portal.main\n\ndecision := {"}
    row = start(committed_cast.sana, proposed(committed_cast.ada, files))
    assert not carry_out(row.pk, committed_cast.tenant.pk)
    over = fresh(row, committed_cast.tenant.pk)
    assert (over.state, over.failure) == (SimulationState.FAILED, "engine")
    with tenant_scope(committed_cast.tenant.pk):
        assert Outbox.objects.get(person=committed_cast.sana).kind == "simulation.failed"


@pytest.mark.needs_opa
@pytest.mark.parametrize(
    "reach",
    [
        'http.send({"method": "get", "url": "http://127.0.0.1:1/"})',
        "opa.runtime().env",
        "time.now_ns()",
    ],
)
def test_a_draft_that_reaches_outside_is_not_run(committed_cast: Cast, tmp_path: Path, reach: str) -> None:
    files = texts(freezing(tmp_path, FROZEN))
    files |= {"zz_reach.rego": f"package portal.reach\n\nfound := {reach}\n"}
    row = start(committed_cast.sana, proposed(committed_cast.ada, files))
    assert not carry_out(row.pk, committed_cast.tenant.pk)
    assert fresh(row, committed_cast.tenant.pk).failure == "engine"


def test_a_message_that_was_lost_is_sent_again(committed_cast: Cast, version: RulesVersion) -> None:
    row = start(committed_cast.sana, version)
    assert background.sweep() == 0
    with psycopg.connect(POSTGRES.url()) as server:
        server.execute("UPDATE policy_simulation SET asked_at = %s", [timezone.now() - timedelta(minutes=2)])
    assert background.sweep() == 1
    assert fresh(row, committed_cast.tenant.pk).state == SimulationState.WAITING


def send(row: Simulation, name: str) -> None:
    from policy.tasks import simulate  # Celery is configured by now

    simulate.apply_async(args=(str(row.pk), str(row.tenant_id)), queue=name)


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Do `work` in a thread that gives its database connections back."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield thread
    thread.join(60)


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.05)
