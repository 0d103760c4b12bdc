"""A draft of the rules tried on what was decided: how long it takes, and whether it finds each change.

The seed of the facts and of the draft is printed; `SEED=…` repeats a run.
"""

import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone

from bench.harness import Row
from identity.tenancy import tenant_scope
from policy.checks.generate import Inputs
from policy.engines.binary import binary
from policy.inputs import Document
from policy.models import StoredDecision
from policy.outcome import Outcome
from policy.rulebook import Rulebook, shipped
from policy.simulation import Effect, Report, run_simulation
from tests.cast import Cast, make_cast
from tests.integration.policy.stored import decided_before, outcomes
from tests.rego_draft import freezing

FEW, MANY, PART = 2_000, 100_000, 5_000
SECONDS, MEGABYTES = 120, 150


def run() -> list[Row]:
    """The small one."""
    return measured(FEW)


def soak() -> list[Row]:
    """100,000 kept decisions, all on other facts."""
    return measured(MANY)


def measured(number: int) -> list[Row]:
    """Keep `number` decisions, freeze a random set of apps in a draft, and compare what is found."""
    seed = int(os.environ.get("SEED") or time.time_ns())
    print(f"SEED={seed}, load {os.getloadavg()[0]:.1f}")
    cast, opa = make_cast(), binary() or ""
    frozen = frozenset(f"a-{n}" for n in random.Random(seed).sample(range(50), 5))
    due = _decide(cast, number, Inputs(seed), frozen, opa)
    memory, busy, began = Memory(), _processor(), time.perf_counter()
    report = _simulated(cast, frozen, opa, memory)
    took = time.perf_counter() - began
    rows = [
        _time(report, took, number, "OPA" if opa else "embedded"),
        Row("processor time of it, engines included", _processor() - busy, "s"),
        memory.row(),
    ]
    found = {change.app for change in report.changes}
    denied = sum(times for change, times in report.changes.items() if change.effect is Effect.DENIED)
    exact = found <= frozen and denied == due == sum(report.changes.values())
    name = "changes found of those that were made"
    return [*rows, Row(name, denied, "decisions", due, None, "exactly", exact)]


def _decide(cast: Cast, number: int, source: Inputs, frozen: frozenset[str], opa: str) -> int:
    """Keep the decisions; how many of them the draft will refuse: those allowed in apps that it freezes."""
    due, began = 0, time.perf_counter()
    for start in range(0, number, PART):
        documents = [source.next() for _n in range(min(PART, number - start))]
        said = outcomes(documents, opa)
        decided_before(cast.tenant.pk, documents, said)
        due += _frozen(documents, said, frozen)
        _tell("decisions kept", start + len(documents), number)
    print(f"kept in {time.perf_counter() - began:.0f} s")
    return due


def _frozen(documents: Sequence[Document], said: Sequence[Outcome | None], frozen: frozenset[str]) -> int:
    pairs = zip(documents, said, strict=True)
    return sum(1 for one, outcome in pairs if outcome and outcome.allow and _app(one) in frozen)


def _simulated(cast: Cast, frozen: frozenset[str], opa: str, memory: "Memory") -> Report:
    """As `portal policy simulate` and the page run it."""
    with tenant_scope(cast.tenant.pk):
        since = StoredDecision.objects.earliest("decided_at").decided_at

    def tell(done: int, total: int) -> None:
        memory.look()
        _tell("questions asked", done, total)

    with tempfile.TemporaryDirectory() as folder:
        draft = Rulebook.read(freezing(Path(folder), frozen))
        return run_simulation(
            tenant=cast.tenant.pk,
            rules=shipped(),
            draft=draft,
            since=min(since, timezone.now()),
            opa=opa,
            tell=tell,
        )


def _time(report: Report, took: float, number: int, name: str) -> Row:
    text = f"{report.asked:,} decisions, {report.distinct:,} different, tried with {name}"
    return Row(text, took, "s", None, None, f"≤ {SECONDS} s", took <= SECONDS and report.asked == number)


class Memory:
    """What this process holds more than at the beginning, in MB; looked at whenever progress is told."""

    def __init__(self) -> None:
        self._before = self._now()
        self._most = 0.0

    def look(self) -> None:
        """Once more."""
        self._most = max(self._most, self._now() - self._before)

    def row(self) -> Row:
        """The most that was seen."""
        most, goal = self._most, f"≤ {MEGABYTES} MB"
        return Row("memory taken while it ran", most, "MB", None, None, goal, most <= MEGABYTES)

    @staticmethod
    def _now() -> float:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * resource.getpagesize() / 2**20


def _processor() -> float:
    """Seconds of processor time of this process and of its children that ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def _tell(what: str, done: int, total: int) -> None:
    sys.stderr.write(f"{done:,} of {total:,} {what}\n")


def _app(document: Document) -> str:
    found = document.get("resource")
    app = found.get("app") if isinstance(found, dict) else None
    return str(app.get("id", "")) if isinstance(app, dict) else ""
