"""Exceptions, rules and changes of policy data as things that people approve (approvals/approvables.py)."""

import uuid

from django.utils.translation import gettext as _

from approvals.approvables import Submission
from approvals.models import Request
from approvals.selectors import approvals_of
from approvals.states import RequestState
from identity.errors import Missing
from policy import change_evidence, exception_evidence, overrides, rules_evidence, services
from policy.models import DataChange, PolicyException, RulesVersion
from policy.selectors import kept_decision
from policy.services import checking
from policy.services.asking import digest
from policy.services.changes import CHANGE_STEPS, CHANGE_TIER, change_digest
from policy.services.rules import STEPS as RULES_STEPS
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
        steps = request.steps.order_by("order").values_list("asks", "order")
        return Submission(
            digest=digest(row),
            evidence=exception_evidence.collect(row, refusal),
            steps=[{"role": asks.removeprefix("role:"), "order": order} for asks, order in steps],
            tier=request.tier,
            decision=row.decision,
        )

    def granted(self, request: Request) -> None:
        """It counts from the next question on. An override the rules decide once more."""
        row = _row(request)
        if row.is_override:
            given = [(one.asks, one.by) for one in approvals_of(request) if one.digest == digest(row)]
            overrides.allow(by=row.asked_by, app=row.app, given=given)
        services.grant_exception(by=None, exception_id=row.pk)

    def refused(self, request: Request) -> None:
        """Close it."""
        services.refuse_exception(by=None, exception_id=_id(request))

    def changes_asked(self, request: Request) -> None:
        """The wish itself cannot be edited: its person withdraws it and asks for something else."""


class RulesApproval:
    """Wired under the kind "rules"."""

    @property
    def label(self) -> str:
        """What such objects are called."""
        return _("Version of the rules")

    def digest(self, request: Request) -> str:
        """What is proposed; it never changes."""
        return checking.digest(_version(request))

    def decide_again(self, request: Request) -> Submission:
        """The same step, with the evidence as it is now."""
        row = _version(request)
        return Submission(
            digest=checking.digest(row),
            evidence=rules_evidence.collect(row),
            steps=RULES_STEPS,
            tier=checking.TIER,
        )

    def granted(self, request: Request) -> None:
        """They decide from now on."""
        services.publish_rules(version_id=_id(request))

    def refused(self, request: Request) -> None:
        """Close it."""
        services.close_rules(version_id=_id(request), withdrawn=request.state == RequestState.WITHDRAWN)

    def changes_asked(self, request: Request) -> None:
        """Files cannot be edited here: their author withdraws it and proposes others."""


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


def _version(request: Request) -> RulesVersion:
    row = RulesVersion.objects.select_related("author").filter(pk=_id(request)).first()
    if row is None:
        raise Missing(_("There is no such version of the rules."))
    return row


def _row(request: Request) -> PolicyException:
    row = PolicyException.objects.select_related("asked_by", "person").filter(pk=_id(request)).first()
    if row is None:
        raise Missing(_("There is no such exception."))
    return row


def _id(request: Request) -> uuid.UUID:
    return uuid.UUID(request.object.partition(":")[2])
