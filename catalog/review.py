"""A draft as it stands: its manifest, what is wrong with it, what policy says, and who mends it where."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog import content as drafting
from catalog import decisions, wizard, words
from catalog import manifest as m
from catalog.content import Content
from catalog.models import Draft
from catalog.selectors import withdrawal
from catalog.templates import Template, registry
from catalog.vocabulary import vocabulary
from identity.errors import Missing
from identity.models import User
from policy.decision import Decision
from policy.outcome import Kind, Tier

TONES = {Kind.DENY: "stop", Kind.WARN: "warn", Kind.OK: "ok"}
# policy code and case -> the input of a field's row that mends it
INPUTS = {
    ("catalog.untagged_field", "classification"): "classification",
    ("catalog.untagged_field", "residency"): "residency",
    ("downgrade.reason", "missing"): "downgrade_reason",
    ("residency.cross_region_export", "storage"): "residency",
    ("retention.bounds", "missing"): "retention_days",
    ("retention.bounds", "too_long"): "retention_days",
    ("retention.bounds", "too_short"): "retention_days",
}
Errors = Mapping[str, list[str]]


class Review:
    """All that the wizard's pages show of one draft for one person. Nothing here is written."""

    def __init__(self, draft: Draft, by: User, content: Content | None = None) -> None:
        self.draft, self.by = draft, by
        self.content: Content = draft.content if content is None else content

    @cached_property
    def template(self) -> Template:
        """The template that the draft starts from.

        Raises:
            Missing: the library no longer has it.
        """
        template = registry().get(self.draft.template_id)
        if template is None:
            raise Missing(_("The template of this draft is gone. Start again from another one."))
        return template

    @cached_property
    def withdrawn(self) -> str:
        """What is to be known of a template that was withdrawn since; empty while it is offered."""
        gone = withdrawal(self.template.id, self.template.version)
        return words.withdrawn(self.template.title, gone) if gone else ""

    @cached_property
    def words(self) -> Any:
        """The tenant's classifications and regions."""
        return vocabulary()

    @cached_property
    def manifest(self) -> m.Manifest:
        """The app as it stands, finished or not."""
        return drafting.manifest_of(self.template, self.content)

    @cached_property
    def problems(self) -> list[m.Problem]:
        """What keeps it from being a manifest."""
        return drafting.problems(self.template, self.content)

    @cached_property
    def decision(self) -> Decision:
        """What policy would say if it were submitted now; only counted."""
        return decisions.on_submit(
            self.manifest,
            by=self.by,
            app_id=self.draft.app_id,
            owners={self.by.pk},
            words=self.words,
            preview=True,
        )

    @property
    def can_submit(self) -> bool:
        """Whether nothing stands in the way."""
        return not self._stops and self.decision.allowed

    @cached_property
    def blocked(self) -> frozenset[str]:
        """The steps with something to mend."""
        steps = {wizard.step_of_problem(problem.path) for problem in self.problems}
        rules = {wizard.step_of_rule(reason.code) for reason in self.decision.denials}
        return frozenset(steps | {step for step in rules if step})

    @cached_property
    def _stops(self) -> list[str]:
        """What keeps it from being submitted before policy is asked."""
        texts = [words.problem(problem) for problem in self.problems]
        if self.withdrawn and self.draft.base_id is None:
            texts.append(self.withdrawn)
        return list(dict.fromkeys(texts))

    def panel(self) -> dict[str, Any]:
        """The policy panel beside every step (templates/_components/policy_panel.html)."""
        return {**self._verdict(), "checks": self._checks(), "source": self._source()}

    def _verdict(self) -> dict[str, str]:
        if not self.can_submit:
            count = len(self._stops) + len(self.decision.denials)
            note = ngettext("%(count)d thing to mend", "%(count)d things to mend", count) % {"count": count}
            return {"tone": "stop", "title": _("Cannot be submitted yet"), "note": note}
        if self.decision.tier is Tier.NONE:
            note = _("Nobody has to approve it.")
            return {"tone": "ok", "title": _("Live as soon as it is submitted"), "note": note}
        title = _("Needs approval: %(who)s") % {"who": self.decision.tier_label}
        because = _("Because %(why)s.") % {"why": "; ".join(self.decision.tier_reasons)}
        return {"tone": "warn", "title": title, "note": because}

    def _checks(self) -> list[dict[str, str]]:
        found = [{"tone": "stop", "text": text, "remedy": "", "code": ""} for text in self._stops]
        return found + [
            {
                "tone": TONES[reason.kind],
                "text": reason.text,
                "remedy": "" if reason.kind is Kind.OK else reason.remedy,
                "code": reason.code,
            }
            for reason in self.decision.reasons
        ]

    def _source(self) -> str:
        return _("The same rules at build and run time · %(revision)s") % {
            "revision": self.decision.revision[:8]
        }

    def row_errors(self) -> dict[str, dict[str, list[str]]]:
        """What is wrong with each field: texts by input, by field id."""
        found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for problem in self.problems:
            path = problem.path
            if len(path) >= 4 and path[0] == "datasets" and path[2] == "fields":
                field = self.content["datasets"][path[1]]["fields"][path[3]]
                text, name = words.problem(problem), str(path[4]) if len(path) > 4 else "label"
                if name == "name" and not field["label"]:
                    continue  # told at the label, which the name is made from
                found[field["id"]][name].append(text)
        for reason in self.decision.denials:
            name = INPUTS.get((reason.code, reason.case), "")
            for field_id in reason.params.get("fields", []) if name else []:
                found[field_id][name].append(reason.remedy)
        return found

    def errors_at(self, *tops: str) -> dict[str, list[str]]:
        """What is wrong below the manifest's members `tops`: texts by the last name of the path."""
        found: dict[str, list[str]] = defaultdict(list)
        for problem in self.problems:
            if problem.path and problem.path[0] in tops:
                found[str(problem.path[-1])].append(words.problem(problem))
        for reason in self.decision.denials:
            if reason.code == "identity.sso_required" and "identity" in tops:
                found["groups"].append(reason.remedy)
        return found
