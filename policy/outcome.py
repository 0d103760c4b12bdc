"""What an engine said, checked and put in order. Pure Python.

An engine answers JSON; only what has exactly the shape of a decision becomes an Outcome. Sets of the rules
arrive as lists in an order of the engine's own, so everything is sorted here: equal decisions are equal.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from policy.engines.base import EngineFault, Fault


class Kind(StrEnum):
    """What a reason says; the order is the order in which people read them."""

    DENY = "deny"
    WARN = "warn"
    OK = "ok"


class MaskMethod(StrEnum):
    """How a value leaves the store: not at all, as a stable token, or with its middle hidden."""

    HIDE = "hide"
    TOKEN = "token"  # noqa: S105 - a method's name
    PARTIAL = "partial"


class Tier(StrEnum):
    """How much approval something takes."""

    NONE = "none"
    MANAGER = "manager"
    MANAGER_THEN_SECURITY = "manager_then_security"
    TWO_PERSON = "two_person"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word: `code` names the rule, `case` what it found, `params` the particulars."""

    code: str
    case: str
    kind: Kind
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One approval that is needed. Steps of equal `order` run side by side."""

    role: str
    order: int


@dataclass(frozen=True, slots=True)
class Obligations:
    """What the caller must do when it acts on an allowed decision.

    `mask` says by field id how its value is shown; `record_read` that the read is an event; `step_up` that
    the person signs in anew, stronger or fresher, first; `watermark` that the output names who took it;
    `ticket` that the ticket's reference is recorded with the act; `write_only` that nothing of the answer is
    passed on but whether it worked; `per_hour` that the act is counted, since no more are allowed in an hour.
    """

    mask: Mapping[str, MaskMethod]
    record_read: bool = False
    step_up: bool = False
    watermark: bool = False
    ticket: bool = False
    write_only: bool = False
    per_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rules' answer to one input."""

    allow: bool
    findings: tuple[Finding, ...]
    obligations: Obligations
    tier: Tier
    steps: tuple[Step, ...] = ()
    because: tuple[str, ...] = ()


NOTHING = Obligations(mask={})
T = TypeVar("T")
_FLAGS = {"record_read", "step_up", "ticket", "watermark", "write_only"}


def parse(answer: Any) -> Outcome:
    """The Outcome in an engine's answer.

    Raises:
        EngineFault: nonsense, a flat contradiction (allowed, yet a rule denies) included.
    """
    try:
        outcome = _outcome(answer)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EngineFault(Fault.NONSENSE, f"{type(error).__name__} in the answer") from error
    denied = any(finding.kind is Kind.DENY for finding in outcome.findings)
    if outcome.allow == denied and (denied or outcome.findings):
        raise EngineFault(Fault.NONSENSE, "allowed and denied at once")
    return outcome


def _outcome(answer: Any) -> Outcome:
    tier = answer["tier"]
    return Outcome(
        allow=_typed(answer["allow"], bool),
        findings=tuple(sorted(_findings(answer["findings"]), key=_reading_order)),
        obligations=_obligations(answer["obligations"]),
        tier=Tier(tier["name"]),
        steps=tuple(
            Step(_typed(step["role"], str), _typed(step["order"], int))
            for step in sorted(tier["steps"], key=lambda step: (step["order"], step["role"]))
        ),
        because=tuple(sorted(_typed(code, str) for code in tier["because"])),
    )


def _findings(raw: Any) -> Iterator[Finding]:
    for code, found in _typed(raw, dict).items():
        for finding in _typed(found, list):
            yield Finding(
                code=_typed(code, str),
                case=_typed(finding["case"], str),
                kind=Kind(finding["kind"]),
                params={_typed(name, str): _sorted(value) for name, value in finding["params"].items()},
            )


def _obligations(raw: Any) -> Obligations:
    flags = {_typed(flag, str) for flag in raw["flags"]}
    rate = {_typed(name, str): _typed(limit, int) for name, limit in raw["rate"].items()}
    if flags - _FLAGS or set(rate) - {"per_hour"}:
        raise ValueError("an obligation that nobody knows cannot be honoured")
    mask = {field: MaskMethod(method) for field, method in sorted(raw["mask"].items())}
    return Obligations(mask=mask, **dict.fromkeys(flags, True), per_hour=rate.get("per_hour"))


def _reading_order(finding: Finding) -> tuple[int, str, str, str]:
    order = list(Kind).index(finding.kind)
    return order, finding.code, finding.case, json.dumps(finding.params, sort_keys=True)


def _sorted(value: Any) -> Any:
    return sorted(value, key=json.dumps) if isinstance(value, list) else value


def _typed(value: Any, kind: type[T]) -> T:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} instead of {kind.__name__}")
    return value
