"""What a simulation asks and finds."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from policy.inputs import Document
from policy.outcome import Outcome


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
