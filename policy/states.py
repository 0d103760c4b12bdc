"""What an exception and a change of policy data can be, and what follows what.

docs/reference/exception-states.md and data-change-states.md are made from this.
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExceptionState(models.TextChoices):
    """Where an exception stands. That its time is over counts at once, whatever this says."""

    ASKED = "asked", _("Waiting for approval")
    ACTIVE = "active", _("In force")
    REFUSED = "refused", _("Refused")
    ENDED = "ended", _("Ended early")
    EXPIRED = "expired", _("Expired")


EXCEPTION: Mapping[ExceptionState, Mapping[str, ExceptionState]] = {
    ExceptionState.ASKED: {
        "approved": ExceptionState.ACTIVE,
        "rejected, withdrawn, expired or lapsed": ExceptionState.REFUSED,
    },
    ExceptionState.ACTIVE: {
        "somebody ends it": ExceptionState.ENDED,
        "its time is over": ExceptionState.EXPIRED,
    },
    ExceptionState.REFUSED: {},
    ExceptionState.ENDED: {},
    ExceptionState.EXPIRED: {},
}

GRANTED = frozenset({ExceptionState.ACTIVE, ExceptionState.ENDED, ExceptionState.EXPIRED})
CLOSED = frozenset({ExceptionState.REFUSED, ExceptionState.ENDED, ExceptionState.EXPIRED})


def may_move(before: ExceptionState | str, after: ExceptionState) -> bool:
    """Whether the table knows this transition."""
    return after in EXCEPTION[ExceptionState(before)].values()


class ChangeState(models.TextChoices):
    """Where a change of policy data stands."""

    IN_REVIEW = "in_review", _("Waiting for approval")
    APPLIED = "applied", _("In effect")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    FAILED = "failed", _("Came to nothing")


CHANGE: Mapping[ChangeState, Mapping[str, ChangeState]] = {
    ChangeState.IN_REVIEW: {
        "approved, and still what was there": ChangeState.APPLIED,
        "rejected": ChangeState.REFUSED,
        "withdrawn": ChangeState.WITHDRAWN,
        "expired, or who asked has left": ChangeState.FAILED,
    },
    ChangeState.APPLIED: {},
    ChangeState.REFUSED: {},
    ChangeState.WITHDRAWN: {},
    ChangeState.FAILED: {},
}
CHANGE_CLOSED = frozenset(set(ChangeState) - {ChangeState.IN_REVIEW})
