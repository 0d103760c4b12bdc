"""What reviewers of an app are shown, in the form of approvals/evidence.py."""

from dataclasses import asdict

from django.utils.translation import gettext as _

from approvals import evidence as shown
from approvals.approvables import Submission
from catalog import manifest as m
from catalog import words
from catalog.app_access import totals_of_version
from catalog.models import AppVersion
from catalog.selectors import withdrawal
from catalog.templates import registry
from catalog.vocabulary import Vocabulary, vocabulary
from datacatalog.models.dataset import FIELD_TYPES
from identity.models import User
from policy.decision import Decision
from policy.outcome import Kind, Tier


def submission_of(version: AppVersion, decision: Decision) -> Submission:
    """The version as something to be approved, with the steps that `decision` demands."""
    reasons = "; ".join(decision.tier_reasons)
    return Submission(
        digest=version.digest,
        evidence=collect(version, decision),
        steps=[{"role": step.role, "order": step.order} for step in decision.steps],
        tier=decision.tier.value,
        tier_reason=reasons,
        decision=decision.id,
    )


def collect(version: AppVersion, decision: Decision) -> shown.Evidence:
    """Summary, data with tags, policy's word, and what changed since the live version."""
    manifest, vocabulary_ = version.parsed, vocabulary()
    return shown.Evidence(
        recommendation=_recommendation(decision),
        tags=manifest.classifications(),
        sections=(
            _summary(version, manifest, vocabulary_),
            *(_fields(one, vocabulary_) for one in manifest.datasets),
            _access(manifest, version.app.live_version),
            _decision(decision),
            _changes(version, manifest),
        ),
    )


def _recommendation(decision: Decision) -> shown.Recommendation:
    if not decision.allowed:
        return shown.Recommendation("red", _("The policy refuses this app as it is."))
    if decision.tier in (Tier.NONE, Tier.MANAGER):
        return shown.Recommendation("green", _("All rules pass. Nothing unusual was found."))
    because = "; ".join(decision.tier_reasons)
    return shown.Recommendation("amber", _("All rules pass. Look closely: %(why)s.") % {"why": because})


def _summary(version: AppVersion, manifest: m.Manifest, words_: Vocabulary) -> shown.Facts:
    template = registry().get(manifest.template.id)
    owner = User.objects.filter(pk=manifest.metadata.owner).first() if manifest.metadata.owner else None
    region = words_.regions.get(manifest.hosting.region)
    made_from = f"{template.title if template else manifest.template.id} {manifest.template.version}"
    if gone := withdrawal(manifest.template.id, manifest.template.version):
        made_from = words.withdrawn(made_from, gone)
    kept = _("kept") if version.template_kept else _("changed: this is a design of its own")
    rows = (
        (_("App"), f"{manifest.metadata.title} ({manifest.metadata.name}), {version.number}"),
        (_("Purpose"), manifest.metadata.purpose or "–"),
        (_("Description"), manifest.metadata.description or "–"),
        (_("Owner"), f"{owner or '–'}, {manifest.metadata.unit or '–'}"),
        (_("Template"), made_from),
        (_("Locked parts"), kept),
        (_("Hosted in"), region.label if region else manifest.hosting.region),
        (_("Connectors"), _connectors(manifest, words_) or _("none")),
        (_("Exports a day"), str(manifest.guardrails.exports_per_day or "–")),
        (_("Manifest"), version.digest),
    )
    return shown.Facts(_("Summary"), tuple(shown.Fact(label, value) for label, value in rows))


def _connectors(manifest: m.Manifest, words_: Vocabulary) -> str:
    """Each with where its system lies and what the app may do there."""
    places = {code: region.label for code, region in words_.regions.items()}
    return "; ".join(
        f"{one.id} ({places.get(one.region, one.region) or '?'}): {', '.join(one.operations)}"
        for one in manifest.connectors
    )


def _fields(dataset: m.Dataset, words_: Vocabulary) -> shown.Fields:
    types = {key: str(label) for key, label in FIELD_TYPES}

    def row(field: m.Field) -> shown.Field:
        known = words_.classifications.get(field.classification)
        region = words_.regions.get(field.residency)
        return shown.Field(
            name=field.name,
            label=field.label,
            type=types.get(field.type, field.type),
            classification=known.label if known else field.classification,
            residency=region.label if region else field.residency,
            purpose=_purpose(field),
            retention_days=field.retention_days,
        )

    title = _("Data: %(title)s") % {"title": dataset.title}
    return shown.Fields(title, tuple(row(field) for field in dataset.fields))


def _purpose(field: m.Field) -> str:
    """The purpose, with the builder's reason where he tagged lower than suggested."""
    if not field.downgrade_reason or field.suggestion is None:
        return field.purpose
    return _("%(purpose)s (tagged lower than “%(suggested)s”: %(why)s)") % {
        "purpose": field.purpose,
        "suggested": field.suggestion.classification,
        "why": field.downgrade_reason,
    }


def _access(manifest: m.Manifest, live: AppVersion | None) -> shown.Facts:
    """Who may come in, and for how many people that is new or over."""
    rows = [shown.Fact(_("Groups that may come in"), ", ".join(manifest.identity.groups) or "–")]
    rows += [
        shown.Fact(role.title, f"{', '.join(role.groups) or '–'}: {', '.join(role.permissions)}")
        for role in manifest.roles
    ]
    for title, total in totals_of_version(live.parsed if live else None, manifest):
        text = _("%(gained)d gain it, %(lost)d lose it; %(after)d will hold it") % asdict(total)
        rows.append(shown.Fact(_("People with the role %(role)s") % {"role": title}, text))
    return shown.Facts(_("Access"), tuple(rows))


def _decision(decision: Decision) -> shown.DecisionShown:
    return shown.DecisionShown(
        title=_("What the policy says"),
        id=str(decision.id),
        outcome=_("Allowed; approval: %(tier)s") % {"tier": decision.tier_label}
        if decision.allowed
        else _("Denied"),
        revision=decision.revision,
        reasons=tuple(
            shown.Reason(reason.code, reason.text, reason.remedy if reason.kind is not Kind.OK else "")
            for reason in decision.reasons
        ),
    )


def _changes(version: AppVersion, manifest: m.Manifest) -> shown.Diff:
    live = version.app.live_version
    title = _("Changes")
    if live is None:
        return shown.Diff(title, ())
    base = _("version %(number)s") % {"number": live.number}
    return shown.Diff(title, tuple(map(_change, m.diff(live.parsed, manifest))), base)


def _change(change: m.Change) -> shown.Change:
    kind = change.code.rpartition(".")[2]
    text = words.change(change)
    if kind == "added":
        return shown.Change("added", text)
    return shown.Change("removed", text) if kind == "removed" else shown.Change("changed", text)
