"""The embedded engine denies in time whatever happens to its workers, and recovers by itself (P3)."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.engines.base import Fault
from policy.engines.embedded import EmbeddedEngine
from policy.inputs import Document, to_document
from policy.rulebook import Rulebook, shipped
from tests.integration.policy.faults import PLAIN, SECONDS, SLACK, fault_of, recovers
from tests.policy_facts import COMPANY, NOWHERE, app, of, subject

# Counts far beyond what a decision may take; asks for the input, so that it is not folded away.
LOOP = """package portal.main
decision := count([1 | numbers.range(1, 20000)[a] > 0; numbers.range(1, 20000)[b] > 0; input.action != a + b])
"""
BROKEN = "package portal.main\ndecision := { this is no Rego"
UNDEFINED = "package portal.main\ndecision := 1 if input.nothing"


@pytest.fixture
def engine() -> Iterator[EmbeddedEngine]:
    """The shipped rules with a short time-out, already warm."""
    engine = EmbeddedEngine(shipped(), seconds=SECONDS, workers=1)
    assert engine.evaluate(PLAIN)["allow"] is True
    yield engine
    engine.close()


def test_a_stopped_worker_is_given_up_in_time_and_replaced(engine: EmbeddedEngine) -> None:
    (pid,) = engine.pids
    os.kill(pid, signal.SIGSTOP)
    fault, took = fault_of(lambda: engine.evaluate(PLAIN))
    assert fault is Fault.TIMED_OUT
    assert SECONDS <= took < SECONDS + SLACK
    assert pid not in engine.pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    recovers(engine)


def test_a_stopped_worker_does_not_block_on_a_large_input(engine: EmbeddedEngine) -> None:
    (pid,) = engine.pids
    os.kill(pid, signal.SIGSTOP)
    large: Document = {**PLAIN, "more": ["x" * 1000] * 3000}
    fault, took = fault_of(lambda: engine.evaluate(large))
    assert fault is Fault.TIMED_OUT
    assert took < SECONDS + SLACK
    recovers(engine)


def test_a_worker_killed_while_it_works_denies_at_once() -> None:
    engine = EmbeddedEngine(Rulebook((("main.rego", LOOP),)), seconds=20, workers=1)
    faults: list[tuple[Fault, float]] = []
    asking = threading.Thread(target=lambda: faults.append(fault_of(lambda: engine.evaluate(PLAIN))))
    asking.start()
    until = time.monotonic() + 10
    while not engine.pids and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(1)
    os.kill(engine.pids[0], signal.SIGKILL)
    asking.join()
    engine.close()
    assert faults[0][0] is Fault.DIED
    assert faults[0][1] < 15


def test_a_worker_killed_while_idle_costs_nobody_a_denial(engine: EmbeddedEngine) -> None:
    (pid,) = engine.pids
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert engine.evaluate(PLAIN)["allow"] is True


def test_rules_that_loop_are_cut_off(engine: EmbeddedEngine) -> None:
    looping = EmbeddedEngine(Rulebook((("main.rego", LOOP),)), seconds=SECONDS, workers=1)
    fault_of(lambda: looping.evaluate(PLAIN))  # warm: the process is there from now on
    pids = looping.pids
    fault, _took = fault_of(lambda: looping.evaluate(PLAIN))
    assert fault is Fault.TIMED_OUT
    assert set(looping.pids).isdisjoint(pids)
    looping.close()


def test_a_worker_whose_parent_is_gone_ends_by_itself() -> None:
    engine = EmbeddedEngine(Rulebook((("main.rego", LOOP),)), seconds=SECONDS, workers=1)
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:  # a parent that dies while its worker loops
        threading.Thread(target=lambda: fault_of(lambda: engine.evaluate(PLAIN)), daemon=True).start()
        until = time.monotonic() + 10
        while not engine.pids and time.monotonic() < until:
            time.sleep(0.01)
        os.write(told, str(engine.pids[0]).encode())
        time.sleep(0.3)
        os._exit(0)
    worker = int(os.read(heard, 20))
    os.waitpid(child, 0)
    until = time.monotonic() + 15
    while time.monotonic() < until:
        if not _exists(worker):
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("the worker outlived its parent")


def _exists(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("rules", [BROKEN, UNDEFINED])
def test_rules_that_do_not_build_or_answer_deny(rules: str) -> None:
    engine = EmbeddedEngine(Rulebook((("main.rego", rules),)), seconds=SECONDS, workers=1)
    assert fault_of(lambda: engine.evaluate(PLAIN))[0] in {Fault.NONSENSE, Fault.DIED}
    engine.close()


def test_more_callers_than_workers_wait_and_get_their_own_answer() -> None:
    engine = EmbeddedEngine(shipped(), seconds=20, workers=2)
    wrong: list[object] = []

    def ask(number: int) -> None:
        document = to_document(
            subject(),
            "record.list",
            of(app(COMPANY), dataset="leads", fields=frozenset({f"f_{number}"})),
            NOWHERE,
        )
        for _ in range(5):
            found = engine.evaluate(document)["findings"]["access.app_role"]
            if found != [{"case": "fields", "kind": "deny", "params": {"fields": [f"f_{number}"]}}]:
                wrong.append(found)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engine.pids) == 2
    engine.close()
    assert not wrong


def test_a_forked_process_starts_its_own_workers(engine: EmbeddedEngine) -> None:
    ours = engine.pids
    child = os.fork()
    if child == 0:
        code = 1
        try:
            inherited = engine.pids
            engine.evaluate(PLAIN)
            code = 0 if not inherited and set(engine.pids).isdisjoint(ours) else 2
            engine.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert engine.evaluate(PLAIN)["allow"] is True
    assert engine.pids == ours
