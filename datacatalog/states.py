"""Where a data subject's request stands, and what follows what."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubjectKind(models.TextChoices):
    """Which right: Articles 15 and 17 GDPR."""

    ACCESS = "access", _("Access")
    ERASURE = "erasure", _("Erasure")


class SubjectState(models.TextChoices):
    """Where a request stands."""

    FOUND = "found", _("Searched")
    WAITING = "waiting", _("Waiting for approval")
    QUEUED = "queued", _("Approved")
    RUNNING = "running", _("Being erased")
    HELD = "held", _("Erased, but for what is on hold")
    DONE = "done", _("Erased")
    CLOSED = "closed", _("Closed")


SUBJECT: Mapping[SubjectState, Mapping[str, SubjectState]] = {
    SubjectState.FOUND: {
        "its person asks for the erasure": SubjectState.WAITING,
        "its person closes it, or forgets it": SubjectState.CLOSED,
    },
    SubjectState.WAITING: {
        "approved": SubjectState.QUEUED,
        "rejected, withdrawn, expired or lapsed": SubjectState.FOUND,
    },
    SubjectState.QUEUED: {"a worker begins": SubjectState.RUNNING},
    SubjectState.RUNNING: {
        "nothing is left": SubjectState.DONE,
        "a legal hold keeps the rest": SubjectState.HELD,
    },
    SubjectState.HELD: {
        "it is run again": SubjectState.QUEUED,
        "its person closes it": SubjectState.CLOSED,
    },
    SubjectState.DONE: {},
    SubjectState.CLOSED: {},
}
MOVING = frozenset({SubjectState.QUEUED, SubjectState.RUNNING})
OVER = frozenset({SubjectState.DONE, SubjectState.CLOSED})


def may_move(before: SubjectState | str, after: SubjectState) -> bool:
    """Whether the table knows this transition."""
    return after in SUBJECT[SubjectState(before)].values()
