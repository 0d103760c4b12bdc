"""Reads of what was decided, and of the rules."""

import json
import uuid
from dataclasses import dataclass, fields
from functools import lru_cache

from django.db.models import Q

from policy import explain
from policy.decision import UNAVAILABLE, Reason
from policy.inputs import Document
from policy.models import DataChange, StoredDecision, StoredInput
from policy.outcome import Finding, Kind, MaskMethod, Obligations, Outcome, Tier
from policy.reference import Rule, rules
from policy.revisions import in_force
from policy.rulebook import Rulebook
from policy.states import ChangeState


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision of before: its row, its reasons with words, and the facts that it was made on."""

    row: StoredDecision
    reasons: tuple[Reason, ...]
    document: Document

    @property
    def remedies(self) -> tuple[str, ...]:
        """What would make it pass, each once; empty where nothing stood in the way."""
        found = [reason.remedy for reason in self.reasons if reason.kind is Kind.DENY]
        return tuple(dict.fromkeys(text for text in found if text))

    @property
    def is_current(self) -> bool:
        """Whether the rules are still those that it was made by."""
        return self.row.revision == in_force().revision

    @property
    def action(self) -> str:
        """What was asked for, in words."""
        return explain.action(self.row.action)

    @property
    def tier(self) -> str:
        """Whose approval the thing takes, in words."""
        return explain.tier(self.row.tier)

    @property
    def because(self) -> tuple[str, ...]:
        """Why it is this tier, in words."""
        return tuple(explain.because(code) for code in self.row.because)


def kept_decision(pk: uuid.UUID) -> Kept | None:
    """The decision of that id in the tenant at hand, also by the id that an agent answered it under; only
    denials, writes, overrides and sensitive reads are kept."""
    row = StoredDecision.objects.filter(Q(pk=pk) | Q(reported_id=pk)).first()
    if row is None:
        return None
    facts = StoredInput.objects.filter(digest=row.input_digest).values_list("document", flat=True).first()
    reasons = tuple(Reason(one["code"], one["case"], Kind(one["kind"]), one["params"]) for one in row.reasons)
    return Kept(row, reasons, json.loads(facts) if facts else {})


def outcome_of(row: StoredDecision) -> Outcome | None:
    """What the engine had said, without its steps; None where it had said nothing."""
    reasons = [Finding(one["code"], one["case"], Kind(one["kind"]), one["params"]) for one in row.reasons]
    if any(reason.code == UNAVAILABLE for reason in reasons):
        return None
    names = {part.name for part in fields(Obligations)}
    told = {name: value for name, value in row.obligations.items() if name in names}
    told["mask"] = {field: MaskMethod(method) for field, method in told.get("mask", {}).items()}
    return Outcome(
        allow=row.allowed,
        findings=tuple(reasons),
        obligations=Obligations(**told),
        tier=Tier(row.tier),
    )


def waivable_denials(kept: Kept) -> tuple[Reason, ...]:
    """The reasons of a refusal that an exception could set aside, if nothing else stands in the way too."""
    known = rules_in_force()
    return tuple(
        reason
        for reason in kept.reasons
        if reason.kind is Kind.DENY and reason.code in known and known[reason.code][0].waivable
    )


def open_change(kind: str, obj: str) -> DataChange | None:
    """The change of that object that waits for approval; there is one at most."""
    return DataChange.objects.filter(kind=kind, object=obj, state=ChangeState.IN_REVIEW).first()


def rules_in_force() -> dict[str, tuple[Rule, str]]:
    """Each rule by its code, with its source."""
    return _rules_of(in_force())


@lru_cache(maxsize=2)
def _rules_of(book: Rulebook) -> dict[str, tuple[Rule, str]]:
    texts = dict(book.modules)
    return {rule.code: (rule, texts[rule.file]) for rule in rules(book)}
