"""Asking two engines the same, many questions at a time, and telling the answers apart."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import partial
from itertools import islice

from policy.engines.base import Engine, EngineFault, Fault
from policy.inputs import Document
from policy.outcome import NOTHING, Kind, Obligations, Outcome, Tier, parse
from policy.simulation.facts import Change, Effect, Question, Report

CHUNK = 1_000  # asked between two words of progress
AT_ONCE = 25  # questions that a thread takes at a time: handing over one costs a tenth of asking it
THREADS = 4
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
        EngineFault: an engine went away, so that its silence tells nothing of the rules.
        Exception: what `tell` raises ends the simulation.
    """
    report = Report()
    ask = partial(_both, now=now, draft=draft)
    with ThreadPoolExecutor(THREADS) as pool:
        before: Iterator[Answered] = iter(())
        for blocks in _chunks(questions):
            asked = pool.map(ask, blocks)
            _count(report, before)
            tell(report.distinct, total)
            before = asked
        _count(report, before)
    tell(report.distinct, total)
    return report


def _chunks(questions: Iterable[Question]) -> Iterator[list[list[Question]]]:
    waiting = iter(questions)
    while chunk := list(islice(waiting, CHUNK)):
        yield [chunk[start : start + AT_ONCE] for start in range(0, len(chunk), AT_ONCE)]


def _count(report: Report, answered: Iterable[Answered]) -> None:
    for block in answered:
        for question, before, after in block:
            report.faults += after is None
            report.add(question, _change(question, before or _NO_ANSWER, after or _NO_ANSWER))


_NO_ANSWER = Outcome(allow=False, findings=(), obligations=NOTHING, tier=Tier.NONE)


def _both(block: list[Question], *, now: Engine, draft: Engine) -> Answered:
    return [(one, one.known or _answer(now, one.document), _answer(draft, one.document)) for one in block]


def _answer(engine: Engine, document: Document) -> Outcome | None:
    """None where there is no answer, which denies (fail closed).

    Raises:
        EngineFault: the engine is not there.
    """
    try:
        return parse(engine.evaluate(document))
    except EngineFault as fault:
        if fault.fault is Fault.AWAY:
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
