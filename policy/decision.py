"""A decision as a value: what was answered, why, under which rules."""

import uuid
from dataclasses import dataclass, field
from typing import NoReturn

from policy import explain
from policy.errors import Refused, StepUpNeeded
from policy.inputs import Action, Document
from policy.outcome import Finding, Kind, Obligations, Step, Tier
from policy.thresholds import DEFAULTS

UNAVAILABLE = "engine.unavailable"
CONDITIONS = "access.conditions"
EXCEPTION = "policy.exception"
TRANSFER = "exception"  # the case that lacks an exception for a transfer


@dataclass(frozen=True, slots=True)
class Reason(Finding):
    """A finding with words for it, in the language of whoever reads."""

    @property
    def text(self) -> str:
        """What the rule found, as one sentence."""
        return explain.text(self.code, self.case, self.params)

    @property
    def remedy(self) -> str:
        """What would make it pass; empty where nothing is wrong."""
        return explain.remedy(self.code, self.case, self.params)

    @property
    def laws(self) -> tuple[str, ...]:
        """Jurisdictions that an exception could let values go to; none for what is no forbidden transfer."""
        found = self.params.get("jurisdictions", ()) if self.case == TRANSFER else ()
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to one question. It is no bool: an allowed decision carries obligations to be honoured.

    `tier`, `steps` and `because` say which approvals the thing takes, granted or not. `input_digest` is the
    SHA-256 of the canonical input, `duration_ms` what the engine took (0 from the cache).
    """

    id: uuid.UUID
    tenant: uuid.UUID
    subject: str
    action: str
    app: str = ""
    allowed: bool
    reasons: tuple[Reason, ...]
    obligations: Obligations
    tier: Tier
    steps: tuple[Step, ...]
    because: tuple[str, ...]
    revision: str
    engine: str
    duration_ms: float
    entry_point: str
    input_digest: str
    preview: bool = False
    tags: tuple[str, ...] = ()
    document: Document = field(repr=False, compare=False)

    def __bool__(self) -> NoReturn:
        raise TypeError("a Decision is no bool: look at .allowed, and honour .obligations")

    @property
    def denials(self) -> tuple[Reason, ...]:
        """The reasons that stand in the way."""
        return tuple(reason for reason in self.reasons if reason.kind is Kind.DENY)

    @property
    def undecided(self) -> bool:
        """Denied because no engine answered."""
        return any(reason.code == UNAVAILABLE for reason in self.reasons)

    @property
    def needs_approval(self) -> bool:
        """Denied, but for nothing else than approvals that are missing: `steps` says whose."""
        return bool(self.denials) and all(
            (reason.code, reason.case) == ("approval.tier", "missing") for reason in self.denials
        )

    @property
    def refused_by_conditions(self) -> str:
        """The first case, where nothing but conditions of access stands in the way; else empty."""
        only = bool(self.denials) and all(reason.code == CONDITIONS for reason in self.denials)
        return self.denials[0].case if only else ""

    @property
    def exceptions_used(self) -> tuple[str, ...]:
        """Ids of the exceptions without which it would have been denied (P6)."""
        return tuple(sorted(one["id"] for one in self._set_aside_by))

    @property
    def is_override(self) -> bool:
        """Whether an admin asks for an override, or had one without which this would be denied."""
        used = any(one.get("override") for one in self._set_aside_by)
        return used or self.action == Action.ADMIN_OVERRIDE

    @property
    def _set_aside_by(self) -> list[Document]:
        """A rule on transfers names the exceptions itself; of all others the answer names the rules."""
        covering: list[Document] = self.document.get("context", {}).get("exceptions", [])
        rules = {
            rule for reason in self.reasons if reason.code == EXCEPTION for rule in reason.params["rules"]
        }
        ids = {one for reason in self.reasons for one in reason.params.get("exceptions", ())}
        return [one for one in covering if one["rule"] in rules or one["id"] in ids]

    @property
    def tier_label(self) -> str:
        """The tier in words."""
        return explain.tier(self.tier)

    @property
    def tier_reasons(self) -> tuple[str, ...]:
        """Why it is this tier, in words."""
        return tuple(explain.because(code) for code in self.because)

    def for_people(self) -> list[dict[str, str]]:
        """What stands in the way, as an API says it: rule, finding and remedy."""
        return [
            {"code": reason.code, "case": reason.case, "text": reason.text, "remedy": reason.remedy}
            for reason in self.denials
        ]

    @property
    def sign_in_asked(self) -> tuple[tuple[str, ...], int | None]:
        """The sign-in that would meet every rule in question: contexts, best first, and age in seconds."""
        rules: list[Document] = self.document.get("context", {}).get("access_rules", [])
        lists = [rule["acr"] for rule in rules if rule.get("acr")]
        common = [acr for acr in lists[0] if all(acr in each for each in lists)] if lists else []
        ages = [rule["max_age_minutes"] for rule in rules if rule.get("max_age_minutes")]
        return tuple(common or (lists[0] if lists else ())), min(ages) * 60 if ages else None

    @property
    def never_shown(self) -> frozenset[str]:
        """Ids of the credential fields in question: nothing typed into them may be kept."""
        app: Document = self.document.get("resource", {}).get("app", {})
        own: Document = self.document.get("context", {}).get("thresholds", {})
        limit = own.get("credential_level", DEFAULTS.credential_level)
        return frozenset(
            field["id"]
            for dataset in app.get("datasets", [])
            for field in dataset.get("fields", [])
            if field["level"] >= limit
        )

    def raise_if_denied(self) -> None:
        """Go on only when allowed, by somebody who has proved what the rules ask.

        Raises:
            Refused: it is not.
            StepUpNeeded: it is, after a stronger or fresher sign-in.
        """
        if not self.allowed:
            raise Refused(self)
        if self.obligations.step_up:
            raise StepUpNeeded(self)
