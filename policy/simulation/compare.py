"""Asking two engines the same, many questions at a time, and telling the answers apart."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from itertools import islice

from policy.engines.base import Engine, EngineFault, Fault
from policy.inputs import Document
from policy.outcome import NOTHING, Kind, Obligations, Outcome, Tier, parse
from policy.simulation.facts import Change, Effect, Question, Report

CHUNK = 1_000  # questions that are read while as many are asked
AT_ONCE = 25  # that a thread takes at a time: handing over one costs a tenth of asking it
THREADS = 4
EVERY = 0.5  # seconds between two words of progress
MOST_SLOW = 20  # questions without an answer in time, after which the rules are too slow to be tried
Tell = Callable[[int, int], None]
Answered = list[tuple[Question, Outcome | None, Outcome | None]]


def simulate(
    *,
    questions: Iterable[Question],
    total: int,
    now: Engine,
    draft: Engine,
    tell: Tell = lambda _done, _all: None,
) -> Report:
    """Ask both engines every question. `tell(done, total)` hears of the progress now and then.

    The next questions are read while the last are asked; never more than two chunks are held.

    Raises:
        EngineFault: an engine went away or is too slow, so that its silence tells nothing of the rules.
        Exception: what `tell` raises ends the simulation.
    """
    report, pair, spoken = Report(), _Pair(now, draft), 0.0

    def count(answered: Iterable[Answered]) -> None:
        nonlocal spoken
        for block in answered:
            for question, before, after in block:
                report.faults += after is None
                report.add(question, _change(question, before or _NO_ANSWER, after or _NO_ANSWER))
            if time.monotonic() - spoken >= EVERY:
                tell(report.distinct, total)
                spoken = time.monotonic()

    pool = ThreadPoolExecutor(THREADS)
    try:
        asked: Iterator[Answered] = iter(())
        for blocks in _chunks(questions):
            last, asked = asked, pool.map(pair.ask, blocks)
            count(last)
        count(asked)
    finally:
        pool.shutdown(cancel_futures=True)
    tell(report.distinct, total)
    return report


def _chunks(questions: Iterable[Question]) -> Iterator[list[list[Question]]]:
    waiting = iter(questions)
    while chunk := list(islice(waiting, CHUNK)):
        yield [chunk[start : start + AT_ONCE] for start in range(0, len(chunk), AT_ONCE)]


_NO_ANSWER = Outcome(allow=False, findings=(), obligations=NOTHING, tier=Tier.NONE)


class _Pair:
    """The two engines, asked by several threads."""

    def __init__(self, now: Engine, draft: Engine) -> None:
        self._now, self._draft = now, draft
        self._slow = 0

    def ask(self, block: list[Question]) -> Answered:
        """Both answers to each; the one in force is not asked what it has said."""
        return [
            (one, one.known or self._answer(self._now, one), self._answer(self._draft, one)) for one in block
        ]

    def _answer(self, engine: Engine, question: Question) -> Outcome | None:
        """None where there is no answer, which denies (fail closed)."""
        try:
            return parse(engine.evaluate(question.document))
        except EngineFault as fault:
            self._slow += fault.fault is Fault.TIMED_OUT
            if fault.fault is Fault.AWAY or self._slow > MOST_SLOW:
                raise
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
