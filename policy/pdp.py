"""The decision point: the one place that asks an engine and keeps what it said (P2, P5).

It fails closed: whatever goes wrong on the way to an outcome becomes a denial with the reason
`engine.unavailable`, kept like any other.
"""

import hashlib
import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NoReturn

from django.conf import settings

from identity.tenancy import uuid7
from policy import conditions, exceptions, levels, store
from policy.cache import OutcomeCache
from policy.decision import UNAVAILABLE, Decision, Reason
from policy.engines.base import Engine, EngineFault, Fault
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OpaEngine
from policy.errors import Refused
from policy.inputs import ENTRY_POINT, WRITES, Context, Document, Resource, Subject, to_document
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
    context = exceptions.complete(context, subject=subject, resource=resource)
    context = levels.complete(context, subject=subject, resource=resource)
    facts = _facts(subject, str(action), resource, context)
    outcome, took = _outcome(facts, cached=preview or action not in WRITES)
    chosen = engine()
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
        revision=chosen.revision,
        engine=chosen.name,
        duration_ms=took,
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


def _outcome(facts: _Facts, *, cached: bool) -> tuple[Outcome, float]:
    """The outcome, and the milliseconds that the engine took."""
    chosen = engine()
    key = (f"{chosen.name} {chosen.revision}", ENTRY_POINT, facts.digest)
    if cached and (known := outcomes.get(key)) and chosen.alive():
        return known, 0.0
    started = time.perf_counter()
    try:
        outcome = parse(chosen.evaluate(facts.document))
    except EngineFault as fault:
        logger.error("policy engine %s: %s", chosen.name, fault)
        outcomes.clear()  # who cannot be asked is not quoted either
        return unavailable(fault.fault), _milliseconds(started)
    except Exception:
        logger.exception("policy engine %s failed", chosen.name)
        outcomes.clear()
        return unavailable(Fault.DIED), _milliseconds(started)
    if cached:
        outcomes.put(key, outcome, settings.POLICY_TIMEOUT_SECONDS)
    return outcome, _milliseconds(started)


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
