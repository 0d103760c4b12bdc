"""What a request, a step and a timer can be, and what may follow what.

The diagram in docs/reference/approvals-states.md is made from these tables (docs/approvals_states.py).
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestState(models.TextChoices):
    """Where a request stands."""

    OPEN = "open", _("Waiting for a decision")
    CHANGES = "changes", _("Changes asked for")
    GRANTED = "granted", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    LAPSED = "lapsed", _("Lapsed")


class StepState(models.TextChoices):
    """Where one step of a request stands."""

    WAITING = "waiting", _("Not yet its turn")
    OPEN = "open", _("Waiting for a decision")
    GRANTED = "granted", _("Approved")
    CLOSED = "closed", _("Ended without approval")


class TimerState(models.TextChoices):
    """A step has one pending timer at most; the others are planned behind it."""

    PLANNED = "planned", _("Planned")
    PENDING = "pending", _("Running")
    HELD = "held", _("Held while the ball is with the requester")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("No longer needed")


class Verdict(models.TextChoices):
    """What a reviewer may say."""

    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")
    CHANGES = "changes", _("Ask for changes")


REQUEST: Mapping[RequestState, Mapping[str, RequestState]] = {
    RequestState.OPEN: {
        "last step approved": RequestState.GRANTED,
        "rejected": RequestState.REJECTED,
        "changes asked": RequestState.CHANGES,
        "withdrawn": RequestState.WITHDRAWN,
        "time is over": RequestState.EXPIRED,
        "its requester or object is gone": RequestState.LAPSED,
    },
    RequestState.CHANGES: {
        "resubmitted": RequestState.OPEN,
        "withdrawn": RequestState.WITHDRAWN,
        "rejected, its requester being gone": RequestState.REJECTED,
        "its requester or object is gone": RequestState.LAPSED,
    },
    RequestState.GRANTED: {},
    RequestState.REJECTED: {},
    RequestState.WITHDRAWN: {},
    RequestState.EXPIRED: {},
    RequestState.LAPSED: {},
}

STEP: Mapping[StepState, Mapping[str, StepState]] = {
    StepState.WAITING: {"its turn": StepState.OPEN, "request ended or subject changed": StepState.CLOSED},
    StepState.OPEN: {
        "enough approvals": StepState.GRANTED,
        "request ended or subject changed": StepState.CLOSED,
    },
    StepState.GRANTED: {"request ended or subject changed": StepState.CLOSED},
    StepState.CLOSED: {},
}

TIMER: Mapping[TimerState, Mapping[str, TimerState]] = {
    TimerState.PLANNED: {
        "the one before is done": TimerState.PENDING,
        "changes asked": TimerState.HELD,
        "step ended": TimerState.DROPPED,
    },
    TimerState.PENDING: {
        "swept": TimerState.DONE,
        "changes asked": TimerState.HELD,
        "step ended": TimerState.DROPPED,
    },
    TimerState.HELD: {
        "resubmitted, next": TimerState.PENDING,
        "resubmitted, later": TimerState.PLANNED,
        "step ended": TimerState.DROPPED,
    },
    TimerState.DONE: {},
    TimerState.DROPPED: {},
}

CLOSED = frozenset(state for state, onward in REQUEST.items() if not onward)
LIVE = frozenset(RequestState) - CLOSED


def may_move(before: RequestState, after: RequestState) -> bool:
    """Whether the table of requests knows this transition."""
    return after in REQUEST[before].values()
