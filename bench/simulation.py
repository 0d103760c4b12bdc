"""A draft of the rules tried on what was decided: how long it takes, and whether it finds each change."""

import random
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from bench.harness import Row
from identity.tenancy import tenant_scope
from policy.inputs import Document
from policy.rulebook import Rulebook, shipped
from policy.simulation import Effect, kept_questions, simulate
from portal.policy_tools import binary
from portal.simulate import engine
from tests.cast import make_cast
from tests.integration.policy.generate import Inputs
from tests.integration.policy.stored import decided_before, outcomes
from tests.rego_draft import freezing

FEW, MANY = 2_000, 100_000
SECONDS = 120


def run() -> list[Row]:
    """The small one."""
    return measured(FEW)


def soak() -> list[Row]:
    """100,000 kept decisions, all on other facts."""
    return measured(MANY)


def measured(number: int) -> list[Row]:
    """Keep `number` decisions, freeze a random set of apps in a draft, and compare what is found."""
    cast, source, r = make_cast(), Inputs(time.time_ns()), random.Random()
    documents = [source.next() for _n in range(number)]
    said = outcomes(documents)
    for start in range(0, number, 10_000):
        part = slice(start, start + 10_000)
        decided_before(cast.tenant.pk, documents[part], said[part])
    frozen = frozenset(f"a-{n}" for n in r.sample(range(50), 5))
    with tempfile.TemporaryDirectory() as folder, tenant_scope(cast.tenant.pk):
        opa, draft = binary() or "", Rulebook.read(freezing(Path(folder), frozen))
        with engine(shipped(), opa) as now, engine(draft, opa) as new:
            since = timezone.now() - timedelta(days=1)
            distinct, questions = kept_questions(since=since, revision=now.revision)
            began = time.perf_counter()
            report = simulate(questions=questions, total=distinct, now=now, draft=new)
            took = time.perf_counter() - began
    found = {change.app for change in report.changes}
    denied = sum(times for change, times in report.changes.items() if change.effect is Effect.DENIED)
    due = sum(
        1
        for document, outcome in zip(documents, said, strict=True)
        if outcome is not None and outcome.allow and _app(document) in frozen
    )
    exact = found <= frozen and denied == due == sum(report.changes.values())
    name = f"{report.asked:,} decisions, {distinct:,} different, tried with {'OPA' if opa else 'embedded'}"
    return [
        Row(name, took, "s", None, None, f"≤ {SECONDS} s", took <= SECONDS),
        Row("changes found of those that were made", denied, "decisions", due, None, "exactly", exact),
    ]


def _app(document: Document) -> str:
    resource = document.get("resource")
    app = resource.get("app") if isinstance(resource, dict) else None
    return str(app.get("id", "")) if isinstance(app, dict) else ""
