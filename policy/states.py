"""What an exception can be, and what follows what (docs/reference/exception-states.md is made from this)."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class ExceptionKind(models.TextChoices):
    """How a rule is set aside: for an app and for days, or by an admin for one person and some hours."""

    EXCEPTION = "exception", _("Exception")
    OVERRIDE = "override", _("Override")


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
