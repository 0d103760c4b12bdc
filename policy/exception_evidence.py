"""What reviewers of an exception are shown, in the form of approvals/evidence.py."""

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from approvals import evidence as shown
from policy import explain
from policy.models import PolicyException
from policy.outcome import Kind
from policy.selectors import Kept, rules_in_force


def collect(row: PolicyException, refusal: Kept | None) -> shown.Evidence:
    """The rule, what would pass it, for how long, and the refusal that it was asked from."""
    rule = rules_in_force()[row.rule][0] if row.rule in rules_in_force() else None
    rows = [
        (_("Rule"), f"{rule.title} ({row.rule})" if rule else row.rule),
        (_("App"), row.app_title),
        (_("Dataset"), row.dataset or _("any")),
        (_("Region"), row.region or _("any")),
        (_("Asked by"), f"{row.asked_by.display_name}, {row.asked_by.unit or '–'}"),
        (_("Until"), date_format(localtime(row.expires_at), "j M Y, H:i T")),
    ]
    if row.jurisdiction:
        rows.append((_("Law that values may go to"), row.jurisdiction))
    if row.person:
        rows += [(_("For"), row.person.display_name), (_("Action"), explain.action(row.action))]
    sections: list[shown.Section] = [
        shown.Facts(_("Summary"), tuple(shown.Fact(label, str(value)) for label, value in rows)),
        shown.Text(_("Why"), row.reason),
        shown.Text(row.control_label, row.control),
    ]
    if rule:
        sections.append(shown.Text(_("What the rule is for"), rule.description))
    if refusal:
        sections.append(_refusal(refusal))
    return shown.Evidence(recommendation=_recommendation(row), tags=(), sections=tuple(sections))


def _recommendation(row: PolicyException) -> shown.Recommendation:
    if row.is_override:
        text = _("An admin wants to override a rule for one person. Every use is told and on the record.")
        return shown.Recommendation("amber", text)
    text = _("While it lasts, what this rule forbids is done by this app. Every use is on the record.")
    return shown.Recommendation("amber", text)


def _refusal(kept: Kept) -> shown.DecisionShown:
    return shown.DecisionShown(
        title=_("The refusal"),
        id=str(kept.row.pk),
        outcome=_("Refused: %(action)s") % {"action": kept.action},
        revision=kept.row.revision,
        reasons=tuple(
            shown.Reason(reason.code, reason.text, reason.remedy)
            for reason in kept.reasons
            if reason.kind is not Kind.OK
        ),
    )
