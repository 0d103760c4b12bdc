"""What reviewers of rules are shown, in the form of approvals/evidence.py."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals import evidence as shown
from policy.file_diffs import FileDiff
from policy.models import RulesVersion
from policy.versions import compared
from policy.versions_words import check_label


def collect(row: RulesVersion) -> shown.Evidence:
    """Why, what passed, and what changes; the lines themselves are on the version's page."""
    difference = compared(row)
    rows = (
        (_("Version"), str(row.number)),
        (_("Proposed by"), row.author.display_name),
        (_("Revision"), row.revision),
        (_("Instead of"), row.base),
        (_("Every line"), f"{settings.BASE_URL}{row.get_absolute_url()}"),
    )
    checks = tuple(shown.Fact(check_label(one["name"]), _first_line(one["detail"])) for one in row.checks)
    changes = tuple(_change(one) for one in difference.files)
    text = _("Once approved it decides for every tenant, at once. Look at every line that changes.")
    return shown.Evidence(
        recommendation=shown.Recommendation("amber", text),
        sections=(
            shown.Facts(_("Summary"), tuple(shown.Fact(label, value) for label, value in rows)),
            shown.Text(_("Why"), row.message),
            shown.Facts(_("Checks that passed"), checks),
            shown.Diff(_("What changes"), changes, base=row.base[:12]),
        ),
    )


def _first_line(detail: str) -> str:
    return detail.strip().partition("\n")[0][:200] or _("passed")


def _change(one: FileDiff) -> shown.Change:
    added = ngettext("%(n)d line added", "%(n)d lines added", one.added) % {"n": one.added}
    removed = ngettext("%(n)d removed", "%(n)d removed", one.removed) % {"n": one.removed}
    kind: shown.ChangeKind = (
        "added" if one.change == "added" else "removed" if one.change == "removed" else "changed"
    )
    return shown.Change(kind, f"{one.name}: {added}, {removed}")
