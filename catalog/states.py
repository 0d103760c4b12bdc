"""What an app, a version and a draft can be, and what may follow what.

The diagram in docs/reference/app-states.md is made from these tables (docs/catalog_pages.py).
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppState(models.TextChoices):
    """Where an app stands."""

    NEW = "new", _("Not live yet")
    LIVE = "live", _("Live")
    RETIRED = "retired", _("Retired")


class VersionState(models.TextChoices):
    """Where one version of an app stands."""

    SUBMITTED = "submitted", _("Waiting for approval")
    CHANGES = "changes", _("Changes asked for")
    LAUNCHING = "launching", _("Going live")
    LIVE = "live", _("Live")
    REPLACED = "replaced", _("Replaced")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FAILED = "failed", _("Could not go live")


class DraftState(models.TextChoices):
    """Where a draft stands."""

    OPEN = "open", _("Draft")
    SUBMITTED = "submitted", _("Submitted")


class TemplateState(models.TextChoices):
    """Where one version of a template stands in a tenant. What nobody has withdrawn is published."""

    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


APP: Mapping[AppState, Mapping[str, AppState]] = {
    AppState.NEW: {"first version live": AppState.LIVE, "retired": AppState.RETIRED},
    AppState.LIVE: {"retired": AppState.RETIRED},
    AppState.RETIRED: {},
}

VERSION: Mapping[VersionState, Mapping[str, VersionState]] = {
    VersionState.SUBMITTED: {
        "approved": VersionState.LAUNCHING,
        "changes asked": VersionState.CHANGES,
        "rejected, expired or lapsed": VersionState.REFUSED,
        "withdrawn": VersionState.WITHDRAWN,
    },
    VersionState.CHANGES: {
        "withdrawn, or submitted again as a new version": VersionState.WITHDRAWN,
        "rejected, expired or lapsed": VersionState.REFUSED,
    },
    VersionState.LAUNCHING: {
        "tables made, pointer set": VersionState.LIVE,
        "given up": VersionState.FAILED,
    },
    VersionState.LIVE: {"another version live, or app retired": VersionState.REPLACED},
    VersionState.REPLACED: {"rolled back to": VersionState.LAUNCHING},
    VersionState.REFUSED: {},
    VersionState.WITHDRAWN: {},
    VersionState.FAILED: {"tried again": VersionState.LAUNCHING},
}

DRAFT: Mapping[DraftState, Mapping[str, DraftState]] = {
    DraftState.OPEN: {"submitted": DraftState.SUBMITTED},
    DraftState.SUBMITTED: {"changes asked, rejected or withdrawn": DraftState.OPEN},
}

TEMPLATE: Mapping[TemplateState, Mapping[str, TemplateState]] = {
    TemplateState.PUBLISHED: {"withdrawn": TemplateState.WITHDRAWN},
    TemplateState.WITHDRAWN: {"published again": TemplateState.PUBLISHED},
}

# versions that wait for people
PENDING = frozenset({VersionState.SUBMITTED, VersionState.CHANGES})
# versions that have tables, or are about to
STORED = frozenset({VersionState.LAUNCHING, VersionState.LIVE, VersionState.REPLACED})


def may_move(before: VersionState | str, after: VersionState) -> bool:
    """Whether the table of versions knows this transition."""
    return after in VERSION[VersionState(before)].values()
