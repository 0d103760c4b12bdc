"""The decision point: the one place that asks an engine and keeps what it said (P2, P5).

It fails closed: whatever goes wrong on the way to an outcome becomes a denial with the reason
`engine.unavailable`, kept like any other.
"""

import hashlib
import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NoReturn

from django.conf import settings
from django.db import connections

from identity.tenancy import uuid7
from policy import alarm, conditions, exceptions, levels, revisions, store
from policy.cache import OutcomeCache
from policy.decision import UNAVAILABLE, Decision, Reason
from policy.engines.base import Engine, EngineFault, Fault
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.errors import Refused
from policy.inputs import ENTRY_POINT, PROBE, WRITES, Context, Document, Resource, Subject, to_document
from policy.outcome import NOTHING, Finding, Kind, Outcome, Tier, parse
from policy.revisions import in_force
from policy.rulebook import Rulebook

logger = logging.getLogger(__name__)
outcomes = OutcomeCache()
_denials: ContextVar[list[Decision] | None] = ContextVar("denials", default=None)


def decide(
    subject: Subject,
    action: str,
    resource: Resource,
    context: Context | None = None,
    *,
    preview: bool = False,
    unattended: bool = False,
) -> Decision:
    """Ask the rules whether `subject` may do `action` on `resource`, and keep the answer.

    Outside a transaction a decision that is kept is committed before this returns; inside one it shares
    its fate, except for a denial or a challenge inside `denials_survive`. A preview has no effect on
    anything and is only counted. The tenant's access rules, exceptions and thresholds join by
    themselves (policy/conditions.py, exceptions.py, levels.py); `unattended` is for work that goes on without
    the subject at the edge.
    """
    context = conditions.complete(
        context or Context(), subject=subject, action=str(action), resource=resource, unattended=unattended
    )
    context = exceptions.complete(context, subject=subject, action=str(action), resource=resource)
    context = levels.complete(context, subject=subject, resource=resource)
    facts = _facts(subject, str(action), resource, context)
    answer = _answer(facts, cached=preview or action not in WRITES)
    outcome = answer.outcome
    decision = Decision(
        id=uuid7(),
        tenant=uuid.UUID(subject.tenant),
        subject=subject.id,
        action=str(action),
        app=resource.app.id if resource.app else "",
        allowed=outcome.allow,
        reasons=tuple(_reason(finding) for finding in outcome.findings),
        obligations=outcome.obligations,
        tier=outcome.tier,
        steps=outcome.steps,
        because=outcome.because,
        revision=answer.revision,
        engine=answer.engine,
        duration_ms=answer.took,
        entry_point=ENTRY_POINT,
        input_digest=facts.digest,
        preview=preview,
        tags=_tags(resource),
        document=facts.document,
    )
    if not store.keeps(decision):
        store.count(decision)
        return decision
    store.keep(decision)
    if not decision.allowed or decision.obligations.step_up:
        _survives(decision)
    return decision


def refuse(decision: Decision, reason: Reason) -> NoReturn:
    """Deny what the rules allowed, since nobody here can carry out what they demand with it (fail closed).

    Raises:
        Refused: always.
    """
    denied = replace(decision, allowed=False, reasons=(reason, *decision.reasons))
    _survives(denied)
    raise Refused(denied)


def _survives(decision: Decision) -> None:
    """Written again by the nearest `denials_survive`, if the transaction takes it down."""
    if (denials := _denials.get()) is not None:
        denials.append(decision)


@contextmanager
def denials_survive() -> Iterator[None]:
    """Around a transaction of one's own (a request, a task, a command): what was denied inside is kept,
    whatever becomes of the transaction and of its savepoints."""
    found: list[Decision] = []
    token = _denials.set(found)
    try:
        yield
    finally:
        _denials.reset(token)
        for decision in found:
            store.keep_again(decision)


def engine() -> Engine:
    """The engine that decides: a configured OPA is the authority and has no substitute, else the embedded."""
    return _engine(in_force(), settings.OPA_URL, settings.POLICY_TIMEOUT_SECONDS)


@lru_cache(maxsize=4)
def _engine(rules: Rulebook, url: str, seconds: float) -> Engine:
    return OpaEngine(url, rules.revision, seconds=seconds) if url else EmbeddedEngine(rules, seconds=seconds)


def _come_up(rules: Rulebook) -> None:
    """Start the engine of rules that are to decide: nobody waits for it, nor meets one that is none."""
    if not settings.OPA_URL:
        parse(_engine(rules, "", settings.POLICY_TIMEOUT_SECONDS).evaluate(PROBE))


def _did_not_come_up(rules: Rulebook) -> None:
    try:
        alarm.rules_not_loaded(rules)
    finally:
        connections.close_all()  # it is called in a thread that has no end of a request


def _retire(_rules: Rulebook) -> None:
    """Let the engine of before go, once whoever had begun to ask it has his answer."""
    global _last
    before, _last = _last, engine()
    if before is not None and before is not _last:
        timer = threading.Timer(2 * settings.POLICY_TIMEOUT_SECONDS, before.close)
        timer.daemon = True
        timer.start()


_last: Engine | None = None
revisions.on_change(before=_come_up, after=_retire, failed=_did_not_come_up)


@dataclass(frozen=True)
class _Facts:
    """An input in the forms that are needed of it. Nobody changes the document."""

    document: Document
    digest: str


@lru_cache(maxsize=512)
def _facts(subject: Subject, action: str, resource: Resource, context: Context) -> _Facts:
    """Made once for equal facts: the parts of a page ask about the same app again and again."""
    document = to_document(subject, action, resource, context)
    text = store.canonical(document).encode(errors="surrogatepass")
    return _Facts(document, hashlib.sha256(text).hexdigest())


@dataclass(frozen=True, slots=True)
class _Answer:
    """An outcome, by whom, and the milliseconds that it took."""

    outcome: Outcome
    revision: str
    engine: str
    took: float


def _answer(facts: _Facts, *, cached: bool) -> _Answer:
    chosen = engine()
    key = (f"{chosen.name} {chosen.revision}", ENTRY_POINT, facts.digest)
    if cached and (known := outcomes.get(key)) and chosen.alive():
        return _Answer(known, chosen.revision, chosen.name, 0.0)
    revision, started = chosen.revision, time.perf_counter()
    try:
        said, revision = _said(chosen, facts.document)
        outcome = parse(said)
    except EngineFault as fault:
        logger.error("policy engine %s: %s", chosen.name, fault)
        outcomes.clear()  # who cannot be asked is not quoted either
        outcome = unavailable(fault.fault)
    except Exception:
        logger.exception("policy engine %s failed", chosen.name)
        outcomes.clear()
        outcome = unavailable(Fault.DIED)
    else:
        if cached and revision == chosen.revision:
            outcomes.put(key, outcome, settings.POLICY_TIMEOUT_SECONDS)
    return _Answer(outcome, revision, chosen.name, _milliseconds(started))


def _said(chosen: Engine, document: Document) -> tuple[object, str]:
    """The engine's answer, and the revision that it is by."""
    if isinstance(chosen, OpaEngine):
        return chosen.evaluate_by(document, _accepted)
    return chosen.evaluate(document), chosen.revision


def _accepted(loaded: frozenset[str]) -> str:
    """Of the revisions that an OPA has loaded, the one in force.

    New rules reach it and this process one after the other: it may be ahead, and for some seconds behind.

    Raises:
        EngineFault: it decides by rules that count no longer, or never did.
    """
    if (now := in_force().revision) in loaded:
        return now
    revisions.refresh()
    if (now := in_force().revision) in loaded:
        return now
    for revision in sorted(loaded):
        if revisions.still_counts(revision):
            return revision
    raise EngineFault(Fault.REVISION)


def unavailable(fault: Fault) -> Outcome:
    """What an engine that gave no answer is taken to have said."""
    finding = Finding(UNAVAILABLE, "denied", Kind.DENY, {"fault": fault.value})
    return Outcome(allow=False, findings=(finding,), obligations=NOTHING, tier=Tier.NONE)


def _milliseconds(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)


def _reason(finding: Finding) -> Reason:
    return Reason(finding.code, finding.case, finding.kind, finding.params)


def _tags(resource: Resource) -> tuple[str, ...]:
    """The classifications of what is touched, for the ledger's index."""
    classes = {field.classification for field in conditions.touched_fields(resource)}
    return tuple(sorted(classes - {""}))
