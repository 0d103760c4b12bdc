"""What reviewers of a change of policy data are shown, in the form of approvals/evidence.py."""

from django.utils.translation import gettext as _

from approvals import evidence as shown
from policy.datakinds import Told, data_kind
from policy.models import DataChange


def collect(row: DataChange) -> shown.Evidence:
    """What it is, each difference, what of it protects less, whom it concerns, and why it is asked."""
    owner = data_kind(row.kind)
    told = owner.tell(row.object, row.before, row.after)
    name = owner.named(row.object, row.after if row.before is None else row.before)
    rows = (
        (_("What"), owner.label),
        (_("Which"), name),
        (_("Asked by"), f"{row.asked_by.display_name}, {row.asked_by.unit or '–'}"),
    )
    summary = tuple(shown.Fact(label, value) for label, value in rows)
    sections: list[shown.Section] = [shown.Facts(_("Summary"), summary + told.affected)]
    if told.grave:
        sections.append(shown.Text(_("Less protection than before"), " ".join(told.grave)))
    sections.append(shown.Diff(_("What changes"), told.changes, _("what holds now")))
    sections.append(shown.Text(_("Why"), row.reason))
    if told.follows:
        sections.append(shown.Text(_("What follows"), told.follows))
    return shown.Evidence(recommendation=_recommendation(told), sections=tuple(sections))


def _recommendation(told: Told) -> shown.Recommendation:
    if told.grave:
        return shown.Recommendation(
            "amber", _("Data is protected less than before: look at that part first.")
        )
    return shown.Recommendation("green", _("Nothing is protected less than before."))
