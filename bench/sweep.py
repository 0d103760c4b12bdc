"""The long run of the time boxes (docs/adr/0045-time-boxes.md): 100,000 open requests, 10,000 due at once ten
times over, two workers that are killed again and again. Nothing may be lost and nothing done twice.

The first turn is left in peace and timed. In the others each message is slowed to a few milliseconds, so that
a sweep lasts long enough to be hit, and the workers are killed in turn, with all their processes, in a sweep.
"""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from approvals import tasks
from bench.harness import Row
from tests.cast import make_cast
from tests.integration.approvals.backlog import Left, exactly_once, left, make_backlog, slow_messages
from tests.integration.approvals.workers import ready, sweeping, worker
from tests.services import POSTGRES

OPEN = 100_000
DUE = 10_000
TURNS = OPEN // DUE
CHUNK = 2_000
WORKERS = ("one", "two")
SLOW_SECONDS = 0.003  # a message
LONGEST_PAUSE = 0.5  # seconds that a sweep is left to run before its worker is killed
PATIENCE = 600  # seconds


@dataclass
class Crew:
    """Both workers, and how often one was killed."""

    folder: Path
    stack: ExitStack
    processes: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)
    kills: int = 0
    hits: int = 0  # kills that met the worker's statement half-way

    def start(self, name: str) -> None:
        """Begin, or begin again after a kill."""
        self.processes[name] = self.stack.enter_context(worker(name, self.folder))
        wait_for(lambda: ready(name, self.folder))

    def kill(self, name: str) -> None:
        """The worker and its children, as kill -9 or the kernel would."""
        self.hits += name in busy()
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()
        self.kills += 1


def soak() -> list[Row]:
    """Every request is escalated once, with one event and one message."""
    _open_requests()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        crew = Crew(Path(folder), stack)
        for name in WORKERS:
            crew.start(name)
        seconds = _in_peace()
        with slow_messages(SLOW_SECONDS):
            for turn in range(1, TURNS):
                _under_fire(crew, turn)
                print(f"turn {turn} of {TURNS - 1}: {crew.kills} kills so far", flush=True)
    return _rows(seconds, crew, left())


def _open_requests() -> None:
    cast = make_cast()
    later = datetime.now(UTC) + timedelta(days=30)
    for first in range(0, OPEN, CHUNK):
        make_backlog(cast, CHUNK, due=later, first=first)
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute("ANALYZE")  # what autovacuum does within a minute of so many rows


def _in_peace() -> float:
    """Seconds from the moment that they are due until the last of them is done."""
    _make_due(0)
    started = time.perf_counter()
    _tick()
    wait_for(lambda: _done() == DUE)
    return time.perf_counter() - started


def _under_fire(crew: Crew, turn: int) -> None:
    """While anything of this turn is due: let both sweep, kill one, start it again."""
    chance = random.Random(turn)  # the same moments in each run, as far as the machine allows
    _make_due(turn)
    for victim in cycle(WORKERS):
        _tick()
        wait_for(lambda name=victim: name in busy() or _all_done(turn))
        if _all_done(turn):
            return
        time.sleep(chance.uniform(0, LONGEST_PAUSE))
        crew.kill(victim)
        crew.start(victim)


def _tick() -> None:
    """What beat does every 15 s, for each worker that is idle."""
    for name in set(WORKERS) - busy():
        tasks.sweep.apply_async(queue=name)


def _make_due(turn: int) -> None:
    with psycopg.connect(POSTGRES.url()) as server:
        names = [f"memo:{n}" for n in range(turn * DUE, (turn + 1) * DUE)]
        server.execute(
            "UPDATE approvals_timer t SET due_at = clock_timestamp() FROM approvals_request r "
            "WHERE t.request_id = r.id AND t.seq = 0 AND r.object = ANY(%s)",
            [names],
        )


def busy() -> set[str]:
    """The workers that sweep at this moment."""
    return {name for _backend, name in sweeping()}


def _all_done(turn: int) -> bool:
    return _done() == (turn + 1) * DUE


def _done() -> int:
    with psycopg.connect(POSTGRES.url()) as server:
        row = server.execute("SELECT count(*) FROM approvals_timer WHERE state = 'done'").fetchone()
    assert row
    return int(row[0])


def wait_for(true: Callable[[], bool]) -> None:
    """Look until it is so.

    Raises:
        TimeoutError: it is not within PATIENCE.
    """
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.02)


def _rows(seconds: float, crew: Crew, found: Left) -> list[Row]:
    twice = sum(count for n, count in (found.events + found.messages).items() if n > 1)
    lost = OPEN - min(found.done, found.running, found.climbed, found.events[1], found.messages[1])
    whole = found == exactly_once(OPEN)
    return [
        Row("open requests", OPEN, "requests"),
        Row("10,000 due, in peace", seconds, "s", goal="≤ 15", ok=seconds <= 15),
        Row("workers killed", crew.kills, "kills", goal="≥ 20", ok=crew.kills >= 20),
        Row("killed in a statement", crew.hits, "kills", goal="≥ 10", ok=crew.hits >= 10),
        Row("escalated exactly once", found.events[1], "requests", goal=f"= {OPEN:,}", ok=whole),
        Row("lost", lost, "requests", goal="= 0", ok=lost == 0),
        Row("done twice", twice, "requests", goal="= 0", ok=twice == 0),
    ]
