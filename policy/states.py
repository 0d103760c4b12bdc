"""What exceptions, rules, simulations and changes of policy data can be (docs/reference/ shows it)."""

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


class VersionState(models.TextChoices):
    """Where a version of the rules stands."""

    CHECKING = "checking", _("Being checked")
    FAILED = "failed", _("Failed its checks")
    IN_REVIEW = "in_review", _("Waiting for review")
    PUBLISHED = "published", _("Published")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


VERSION: Mapping[VersionState, Mapping[str, VersionState]] = {
    VersionState.CHECKING: {
        "a check fails": VersionState.FAILED,
        "all checks pass": VersionState.IN_REVIEW,
        "its author takes it back": VersionState.WITHDRAWN,
    },
    VersionState.IN_REVIEW: {
        "approved": VersionState.PUBLISHED,
        "rejected, expired or lapsed": VersionState.REFUSED,
        "withdrawn": VersionState.WITHDRAWN,
    },
    VersionState.FAILED: {},
    VersionState.PUBLISHED: {},
    VersionState.REFUSED: {},
    VersionState.WITHDRAWN: {},
}
OPEN_VERSIONS = frozenset({VersionState.CHECKING, VersionState.IN_REVIEW})


def version_may_move(before: VersionState | str, after: VersionState) -> bool:
    """Whether the table of versions knows this transition."""
    return after in VERSION[VersionState(before)].values()


def may_move(before: ExceptionState | str, after: ExceptionState) -> bool:
    """Whether the table knows this transition."""
    return after in EXCEPTION[ExceptionState(before)].values()


class SimulationState(models.TextChoices):
    """Where a simulation stands."""

    WAITING = "waiting", _("Waiting for a worker")
    RUNNING = "running", _("Running")
    DONE = "done", _("Finished")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


SIMULATION: Mapping[SimulationState, Mapping[str, SimulationState]] = {
    SimulationState.WAITING: {
        "a worker takes it": SimulationState.RUNNING,
        "somebody cancels it": SimulationState.CANCELLED,
    },
    SimulationState.RUNNING: {
        "its worker is gone, another begins anew": SimulationState.RUNNING,
        "all was asked": SimulationState.DONE,
        "the draft cannot be asked, or too many attempts": SimulationState.FAILED,
        "somebody cancels it": SimulationState.CANCELLED,
    },
    SimulationState.DONE: {},
    SimulationState.FAILED: {},
    SimulationState.CANCELLED: {},
}

SIMULATING = frozenset({SimulationState.WAITING, SimulationState.RUNNING})
SIMULATION_ENDED = frozenset(set(SimulationState) - SIMULATING)


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
