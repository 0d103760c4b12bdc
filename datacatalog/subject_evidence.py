"""What the second person is shown before a person's data is erased (approvals/evidence.py): how much is
where, and what is on hold. By what the person was found is on the request's own page alone."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals import evidence as shown
from datacatalog.identifiers import IdentifierKind
from datacatalog.models import SubjectFinding, SubjectRequest


def collect(row: SubjectRequest) -> shown.Evidence:
    """Who asks, how, and one line a dataset."""
    findings = list(row.findings.all())
    labels = kinds()
    rows = (
        (_("Case"), row.reference),
        (_("Asked by"), f"{row.asked_by.display_name}, {row.asked_by.unit or '–'}"),
        (_("Found by"), ", ".join(labels[kind] for kind in row.by_kinds)),
        (
            _("What goes"),
            _("whole records") if row.whole_records else _("the personal fields of the records"),
        ),
        (_("Datasets searched"), str(row.searched)),
    )
    return shown.Evidence(
        recommendation=_recommendation(row, findings),
        sections=(
            shown.Facts(_("Summary"), tuple(shown.Fact(label, value) for label, value in rows)),
            shown.Facts(_("What was found"), tuple(shown.Fact(f.dataset_title, _told(f)) for f in findings)),
        ),
    )


def kinds() -> dict[str, str]:
    """The kinds of identifiers in words."""
    return {
        IdentifierKind.EMAIL: _("e-mail address"),
        IdentifierKind.PHONE: _("phone number"),
        IdentifierKind.NAME: _("name"),
        IdentifierKind.OTHER: _("another value"),
    }


def _told(finding: SubjectFinding) -> str:
    count = ngettext("%(n)d record", "%(n)d records", finding.records) % {"n": finding.records}
    fields = ", ".join(f"{one['label']}: {one['records']}" for one in finding.fields)
    text = f"{count} ({fields})"
    return _("%(found)s; on hold, stays") % {"found": text} if finding.held else text


def _recommendation(row: SubjectRequest, findings: list[SubjectFinding]) -> shown.Recommendation:
    if set(row.by_kinds) <= {IdentifierKind.NAME}:
        text = _("The person is searched by name alone: records of namesakes would go as well.")
        return shown.Recommendation("red", text)
    if any(finding.held for finding in findings):
        text = _("It cannot be undone. What is on hold stays until the hold is released.")
        return shown.Recommendation("amber", text)
    return shown.Recommendation("amber", _("It cannot be undone. Look at the request's page for whom it is."))
