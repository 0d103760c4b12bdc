"""What other rules would have said (P7): a draft asked about kept decisions, live apps, pending requests.

Nothing is kept or counted, and nobody is asked anything: the draft sees the facts that were decided on, as
they were stored. Facts that are equal are asked once. The rules in force answer beside it where what was
decided was decided by rules of before. Where an OPA is at hand it answers for both (docs/adr/0079).
"""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.conf import settings
from django.utils.module_loading import import_string

from policy.engines.base import Engine, EngineFault
from policy.inputs import Document
from policy.models import StoredDecision, StoredInput
from policy.outcome import NOTHING, Kind, Obligations, Outcome, Tier, parse
from policy.selectors import outcome_of

CHUNK = 500
THREADS = 4
Tell = Callable[[int, int], None]


class Effect(StrEnum):
    """How an answer would change, the gravest first."""

    DENIED = "denied"
    ALLOWED = "allowed"
    APPROVAL = "approval"
    OBLIGATIONS = "obligations"


class Source(StrEnum):
    """Where a question comes from."""

    DECISION = "decision"
    LIVE = "live"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Question:
    """Facts to decide on; `times` is for how many kept decisions they stand, `example` names one.

    `known` is what the rules in force said of them, where that is known.
    """

    source: Source
    document: Document
    times: int = 1
    example: str = ""
    known: Outcome | None = None


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """What would change for an app ("" for none): `rules` are the codes that make it so."""

    effect: Effect
    source: Source
    app: str
    action: str
    rules: tuple[str, ...]
    before: str = ""
    after: str = ""


@dataclass
class Report:
    """Each change with how often; `examples` names a kept decision of each."""

    asked: int = 0
    distinct: int = 0
    faults: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    examples: dict[Change, str] = field(default_factory=dict)

    def add(self, question: Question, change: Change | None) -> None:
        """Count one answer."""
        self.asked += question.times
        self.distinct += 1
        if change is not None:
            self.changes[change] += question.times
            self.examples.setdefault(change, question.example)


def simulate(
    *,
    questions: Iterable[Question],
    total: int,
    now: Engine,
    draft: Engine,
    tell: Tell = lambda _done, _all: None,
) -> Report:
    """Ask both engines every question. `tell(done, total)` hears of the progress now and then."""
    report, waiting = Report(), iter(questions)
    with ThreadPoolExecutor(THREADS) as pool:
        while chunk := list(islice(waiting, CHUNK)):
            for question, before, after in pool.map(lambda one: _both(one, now, draft), chunk):
                report.faults += after is None
                report.add(question, _change(question, before or _NO_ANSWER, after or _NO_ANSWER))
            tell(report.distinct, total)
    return report


def kept_questions(*, since: datetime, revision: str = "") -> tuple[int, Iterator[Question]]:
    """The facts of the tenant's decisions since then, each once; and how many these are.

    What was decided by the rules of `revision` is not asked of them again.
    """
    times: Counter[str] = Counter()
    example: dict[str, uuid.UUID] = {}
    rows = StoredDecision.objects.filter(decided_at__gte=since).order_by()
    for pk, digest in rows.values_list("pk", "input_digest").iterator(5_000):
        times[digest] += 1
        example[digest] = pk
    return len(times), _read(times, example, revision)


def proposed_questions() -> list[Question]:
    """What the rooms above would ask today: going live of live apps, submission of pending versions."""
    found: list[Question] = []
    for path in settings.SIMULATION_SOURCES:
        found += import_string(path)()
    return found


def _read(times: Counter[str], example: dict[str, uuid.UUID], revision: str) -> Iterator[Question]:
    digests = iter(times)
    while chunk := list(islice(digests, CHUNK)):
        rows = StoredInput.objects.filter(digest__in=chunk)
        known = _known([example[digest] for digest in chunk], revision)
        for digest, document in rows.values_list("digest", "document"):
            yield Question(
                source=Source.DECISION,
                document=json.loads(document),
                times=times[digest],
                example=str(example[digest]),
                known=known.get(digest),
            )


def _known(decisions: list[uuid.UUID], revision: str) -> dict[str, Outcome]:
    """By the digest of the facts, what was decided by these rules; what no engine decided is not known."""
    rows = StoredDecision.objects.filter(pk__in=decisions, revision=revision) if revision else ()
    return {row.input_digest: found for row in rows if (found := outcome_of(row)) is not None}


_NO_ANSWER = Outcome(allow=False, findings=(), obligations=NOTHING, tier=Tier.NONE)


def _both(question: Question, now: Engine, draft: Engine) -> tuple[Question, Outcome | None, Outcome | None]:
    before = question.known or _answer(now, question.document)
    return question, before, _answer(draft, question.document)


def _answer(engine: Engine, document: Document) -> Outcome | None:
    """None where there is no answer, which denies (fail closed)."""
    try:
        return parse(engine.evaluate(document))
    except EngineFault:
        return None


def _change(question: Question, before: Outcome, after: Outcome) -> Change | None:
    document = question.document
    about = (question.source, _text(document, "resource", "app", "id"), _text(document, "action"))
    if before.allow != after.allow:
        effect = Effect.ALLOWED if after.allow else Effect.DENIED
        return Change(effect, *about, rules=_denied_by(before if after.allow else after))
    if before.tier != after.tier:
        tiers = (before.tier.value, after.tier.value)
        return Change(Effect.APPROVAL, *about, ("approval.tier",), *tiers)
    if after.allow and before.obligations != after.obligations:
        return Change(Effect.OBLIGATIONS, *about, rules=_demanded(before, after))
    return None


def _text(document: Document, *path: str) -> str:
    """What stands there; empty where facts of an agent elsewhere have another shape."""
    found: object = document
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _denied_by(outcome: Outcome) -> tuple[str, ...]:
    """The codes of the rules that deny; none where silence does."""
    return tuple(sorted({one.code for one in outcome.findings if one.kind is Kind.DENY}))


def _demanded(before: Outcome, after: Outcome) -> tuple[str, ...]:
    """Which obligations differ, by name."""
    names = [part.name for part in fields(Obligations)]
    old, new = before.obligations, after.obligations
    return tuple(name for name in names if getattr(old, name) != getattr(new, name))
