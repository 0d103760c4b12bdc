"""What reviewers of an export are shown, in the form of approvals/evidence.py. Counts and tags, no value."""

from django.utils.translation import gettext as _

from approvals import evidence as shown
from approvals.approvables import Submission
from datacatalog.models.dataset import FIELD_TYPES
from policy.decision import Decision
from policy.outcome import Kind, Tier
from runtime import store
from runtime.exports import Subject


def submission(subject: Subject, decision: Decision) -> Submission:
    """The export as something to be approved, with the steps that `decision` demands."""
    return Submission(
        digest=subject.digest,
        evidence=collect(subject, decision),
        steps=[{"role": step.role, "order": step.order} for step in decision.steps],
        tier=decision.tier.value,
        tier_reason="; ".join(decision.tier_reasons),
        decision=decision.id,
    )


def collect(subject: Subject, decision: Decision) -> shown.Evidence:
    """Who wants what, for what, going where; the fields with their tags; policy's word."""
    return shown.Evidence(
        recommendation=_recommendation(subject, decision),
        tags=tuple(subject.dataset.tags(subject.fields)),
        sections=(_summary(subject), _fields(subject), _decision(decision)),
    )


def _recommendation(subject: Subject, decision: Decision) -> shown.Recommendation:
    if not decision.allowed and not decision.needs_approval:
        return shown.Recommendation("red", _("The policy refuses this export as it is."))
    if subject.export.raw:
        return shown.Recommendation(
            "amber", _("Values leave in clear. Approve only if tokens would not do for the purpose.")
        )
    if decision.tier is Tier.NONE:
        return shown.Recommendation("green", _("All rules pass."))
    because = "; ".join(decision.tier_reasons)
    text = _("Protected values leave as tokens. Look closely: %(why)s.")
    return shown.Recommendation("amber", text % {"why": because})


def _summary(subject: Subject) -> shown.Facts:
    export = subject.export
    region = subject.live.design.regions.get(export.target)
    rows = (
        (_("App"), f"{subject.live.title} ({subject.live.slug}), {subject.live.design.number}"),
        (_("Data"), export.dataset_title),
        (_("Asked by"), f"{export.requester.display_name}, {export.requester.unit or '–'}"),
        (_("Purpose"), export.purpose),
        (_("Goes to"), region.label if region else export.target),
        (_("Protected values"), _("in clear") if export.raw else _("as tokens")),
        (_("Records today"), str(store.rows_of(subject.live, subject.dataset).count())),
    )
    return shown.Facts(_("Summary"), tuple(shown.Fact(label, value) for label, value in rows))


def _fields(subject: Subject) -> shown.Fields:
    types = {key: str(label) for key, label in FIELD_TYPES}
    regions = subject.live.design.regions
    rows = []
    for item in subject.fields:
        told = item.definition
        region = regions.get(told.residency)
        rows.append(
            shown.Field(
                name=told.name,
                label=told.label,
                type=types.get(told.type, told.type),
                classification=item.badge["label"],
                residency=region.label if region else told.residency,
                purpose=told.purpose,
                retention_days=told.retention_days,
            )
        )
    return shown.Fields(_("Data: %(title)s") % {"title": subject.export.dataset_title}, tuple(rows))


def _decision(decision: Decision) -> shown.DecisionShown:
    outcome = _("Allowed; approval: %(tier)s") if decision.allowed else _("Needs approval: %(tier)s")
    return shown.DecisionShown(
        title=_("What the policy says"),
        id=str(decision.id),
        outcome=outcome % {"tier": decision.tier_label},
        revision=decision.revision,
        reasons=tuple(
            shown.Reason(reason.code, reason.text, reason.remedy if reason.kind is not Kind.OK else "")
            for reason in decision.reasons
        ),
    )
