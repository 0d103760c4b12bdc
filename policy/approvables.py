"""Exceptions and changes of policy data as something that people approve (approvals/approvables.py has the
contract)."""

import uuid

from django.utils.translation import gettext as _

from approvals.approvables import Submission
from approvals.models import Request
from approvals.states import RequestState
from identity.errors import Missing
from policy import change_evidence, exception_evidence, services
from policy.models import DataChange, PolicyException
from policy.selectors import kept_decision
from policy.services.changes import CHANGE_STEPS, CHANGE_TIER, change_digest
from policy.services.exceptions import STEPS, TIER, digest
from policy.states import ChangeState


class ExceptionApproval:
    """Wired under the kind "exception"."""

    @property
    def label(self) -> str:
        """What such objects are called."""
        return _("Policy exception")

    def digest(self, request: Request) -> str:
        """What is asked; it never changes."""
        return digest(_row(request))

    def decide_again(self, request: Request) -> Submission:
        """The same steps, with the evidence as it is now."""
        row = _row(request)
        refusal = kept_decision(row.decision) if row.decision else None
        return Submission(
            digest=digest(row),
            evidence=exception_evidence.collect(row, refusal),
            steps=STEPS,
            tier=TIER,
            decision=row.decision,
        )

    def granted(self, request: Request) -> None:
        """It counts from the next question on."""
        services.grant_exception(by=None, exception_id=_id(request))

    def refused(self, request: Request) -> None:
        """Close it."""
        services.refuse_exception(by=None, exception_id=_id(request))

    def changes_asked(self, request: Request) -> None:
        """The wish itself cannot be edited: its person withdraws it and asks for something else."""


class DataChangeApproval:
    """Wired under the kind "policydata"."""

    @property
    def label(self) -> str:
        """What such objects are called."""
        return _("Change of policy data")

    def digest(self, request: Request) -> str:
        """What is asked; it never changes. Whether it still fits is looked at when it takes effect."""
        return change_digest(_change(request))

    def decide_again(self, request: Request) -> Submission:
        """The same step, with the evidence as it is now."""
        row = _change(request)
        return Submission(
            digest=change_digest(row),
            evidence=change_evidence.collect(row),
            steps=CHANGE_STEPS,
            tier=CHANGE_TIER,
        )

    def granted(self, request: Request) -> None:
        """In effect with this vote, or the vote is refused."""
        services.apply_change(by=None, change_id=_id(request))

    def refused(self, request: Request) -> None:
        """Close it."""
        states = {
            RequestState.REJECTED: ChangeState.REFUSED,
            RequestState.WITHDRAWN: ChangeState.WITHDRAWN,
        }
        state = states.get(RequestState(request.state), ChangeState.FAILED)
        services.close_change(by=None, change_id=_id(request), state=state)

    def changes_asked(self, request: Request) -> None:
        """The change itself cannot be edited: its person withdraws it and asks for another."""


def _change(request: Request) -> DataChange:
    row = DataChange.objects.select_related("asked_by").filter(pk=_id(request)).first()
    if row is None:
        raise Missing(_("There is no such change."))
    return row


def _row(request: Request) -> PolicyException:
    row = PolicyException.objects.select_related("asked_by").filter(pk=_id(request)).first()
    if row is None:
        raise Missing(_("There is no such exception."))
    return row


def _id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.object.partition(":")[2])
