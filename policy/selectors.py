"""Reads of what was decided, and of the rules."""

import json
import uuid
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache

from django.db.models import Q

from identity.presence import presence
from policy import explain
from policy.decision import UNAVAILABLE, Reason
from policy.inputs import Document
from policy.models import DataChange, RulesVersion, Simulation, StoredDecision, StoredInput
from policy.outcome import Finding, Kind, MaskMethod, Obligations, Outcome, Tier
from policy.reference import Rule, rules
from policy.revisions import in_force
from policy.rulebook import Rulebook
from policy.rules import revision_of, rules_of
from policy.states import ChangeState, SimulationState


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
    def dataset(self) -> str:
        """The dataset's key; empty where none was named."""
        return str(self._part("resource").get("dataset", ""))

    @property
    def region(self) -> str:
        """The region that data would have gone to; empty where none was named."""
        target = self._part("context").get("target")
        return str(target.get("region", "")) if isinstance(target, dict) else ""

    @property
    def owners(self) -> tuple[str, ...]:
        """Ids of the app's owners, as the facts name them."""
        app = self._part("resource").get("app")
        return tuple(app.get("owners", ())) if isinstance(app, dict) else ()

    def _part(self, name: str) -> Document:
        """Facts of an agent elsewhere may have another shape."""
        found = self.document.get(name)
        return found if isinstance(found, dict) else {}

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
    return tuple(
        reason
        for reason in kept.reasons
        if reason.kind is Kind.DENY and (rule := _rule(reason.code)) and rule.waivable
        if not rule.transfer or reason.laws
    )


def overridable_denials(kept: Kept) -> tuple[Reason, ...]:
    """The reasons of a refusal that an admin could override, if nothing else stands in the way too."""
    return tuple(
        reason
        for reason in kept.reasons
        if reason.kind is Kind.DENY and (rule := _rule(reason.code)) and rule.overridable
    )


def _rule(code: str) -> Rule | None:
    known = rules_in_force().get(code)
    return known[0] if known else None


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


def overridden_until(tenant: uuid.UUID, app: uuid.UUID) -> datetime | None:
    """When the last override in the app ends; None while none is in force. Asks nothing of the database where
    the person of the request has brought the tenant's rules."""
    here = presence()
    revision = here.access_revision if here is not None else revision_of(tenant)
    waivers = rules_of(tenant, revision).waivers
    ends = [one.until for one in waivers if one.facts.override and one.app == str(app) and one.current]
    return datetime.fromtimestamp(max(ends), UTC) if ends else None


def newest_simulation(version: RulesVersion) -> Simulation | None:
    """The last one of the version that came to its end; evidence for who reviews it."""
    return Simulation.objects.filter(version=version, state=SimulationState.DONE).first()
