"""What an export can be, and what may follow what (docs/reference/export-states.md is made from this)."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExportState(models.TextChoices):
    """Where an export stands."""

    WAITING = "waiting", _("Waiting for approval")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Being written")
    READY = "ready", _("Ready")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


EXPORT: Mapping[ExportState, Mapping[str, ExportState]] = {
    ExportState.WAITING: {
        "approved": ExportState.QUEUED,
        "rejected, withdrawn, expired or lapsed": ExportState.REFUSED,
    },
    ExportState.QUEUED: {
        "a worker takes it": ExportState.RUNNING,
        "refused when decided again": ExportState.REFUSED,
    },
    ExportState.RUNNING: {
        "file complete": ExportState.READY,
        "its worker died": ExportState.QUEUED,
        "given up": ExportState.FAILED,
    },
    ExportState.READY: {"kept long enough": ExportState.EXPIRED},
    ExportState.REFUSED: {},
    ExportState.FAILED: {},
    ExportState.EXPIRED: {},
}

# still on its way: the page asks again by itself
MOVING = frozenset({ExportState.QUEUED, ExportState.RUNNING})
# has had, or is about to have, an effect: counts against the day's limit
COUNTED = frozenset({ExportState.QUEUED, ExportState.RUNNING, ExportState.READY, ExportState.EXPIRED})
STARTED = frozenset({ExportState.RUNNING, ExportState.READY, ExportState.FAILED, ExportState.EXPIRED})
WITH_FILE = frozenset({ExportState.READY, ExportState.EXPIRED})


def may_move(before: ExportState | str, after: ExportState) -> bool:
    """Whether the table knows this transition."""
    return after in EXPORT[ExportState(before)].values()
