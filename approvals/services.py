"""Every write of approvals. Each locks the request first, records and tells in the same transaction."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from approvals import timebox
from approvals.approvables import Submission, approvable
from approvals.conditions import conditions
from approvals.evidence import Evidence
from approvals.models import Request, Step, Timer, TimerKind, Vote
from approvals.permissions import check_decide, check_requester, check_see, is_decided_by_others
from approvals.progress import (
    LOSSES,
    count,
    end,
    loss_of,
    move,
    note,
    replace,
    store_evidence,
    submit,
    tell_requester,
)
from approvals.selectors import clock
from approvals.states import LIVE, RequestState, StepState, TimerState, Verdict
from identity.errors import BadInput, Conflict, Missing
from identity.models import User
from ledger.events import Event
from notices.kinds import Kind


class Stale(Conflict):
    """The vote is for something that has changed since; the reviewer must look again."""


@transaction.atomic
def open_request(
    *,
    by: User,
    kind: str,
    obj: str,
    title: str,
    steps: Sequence[Mapping[str, Any]],
    tier: str,
    digest: str,
    evidence: Evidence,
    tier_reason: str = "",
    app: uuid.UUID | None = None,
    decision: uuid.UUID | None = None,
) -> Request:
    """Ask for approval of `obj` ("kind:id"). Without steps it is granted at once, and recorded.

    Raises:
        NoEligibleApprover: a step can be taken by nobody; nothing was opened.
        Conflict: there is a live request about the object.
        UnknownKind: `kind` is not wired.
    """
    approvable(kind)
    request = _create(
        tenant_id=by.tenant_id,
        kind=kind,
        object=obj,
        app=app,
        title=title,
        requester=by,
        tier=tier,
        tier_reason=tier_reason,
        digest=digest,
        decision=decision,
        opened_at=clock(),
    )
    asks = [str(step.get("role") or step.get("group")) for step in steps]
    note(Event.APPROVAL_REQUESTED, request, by=by, facts={"tier": tier, "steps": asks})
    submit(request, Submission(digest, evidence, steps, tier, tier_reason, decision), by=by)
    return request


@transaction.atomic
def vote(
    *, by: User, request_id: uuid.UUID, verdict: Verdict, digest: str, key: uuid.UUID, comment: str = ""
) -> Vote:
    """Approve, reject or ask for changes, for what `digest` names. The same `key` again replays.

    Raises:
        Missing, NotAllowed: no such request for this person; own request; not asked; approved already.
        Conflict: decided meanwhile, `key` was used for another answer, or requester or object is gone,
            which leaves a rejection alone.
        Stale: the subject is no longer what `digest` names.
        BadInput: a rejection or a wish for changes says nothing.
        DomainError: the tenant's access rules ask for more than the voter's session shows.
    """
    request = _locked(request_id)
    comment = comment.strip()
    if earlier := request.votes.filter(key=key).first():
        return _replayed(earlier, by=by, verdict=verdict, digest=digest, comment=comment)
    voter = _present(by)
    check_see(voter, request)
    _check_open(request)
    step = check_decide(voter, request)
    loss = loss_of(request)
    if loss and verdict != Verdict.REJECT:
        raise Conflict(str(LOSSES[loss]))
    if digest != request.digest or (not loss and approvable(request.kind).digest(request) != digest):
        raise Stale(_("This has changed since you opened the page. Look at the changes and decide again."))
    conditions().check(by=voter, request=request)
    if verdict != Verdict.APPROVE and not comment:
        raise BadInput(_("Say why, so that the requester knows what to do."))
    given = Vote.objects.create(
        tenant_id=request.tenant_id,
        request=request,
        step=step,
        voter=voter,
        verdict=verdict,
        comment=comment,
        digest=digest,
        key=key,
        at=clock(),
    )
    note(
        Event.APPROVAL_VOTED,
        request,
        by=voter,
        facts={"verdict": verdict.value, "step": step.asks, "vote": str(given.pk)},
    )
    _apply(request, given, by=voter)
    return given


@transaction.atomic
def withdraw(*, by: User, request_id: uuid.UUID) -> Request:
    """Take the own request back.

    Raises:
        NotAllowed: it is another's.
        Conflict: it is decided already.
    """
    request = _locked(request_id)
    check_see(by, request)
    check_requester(by, request)
    end(request, RequestState.WITHDRAWN, by=by)
    return request


@transaction.atomic
def resubmit(*, by: User, request_id: uuid.UUID, submission: Submission) -> Request:
    """Hand in again after changes were asked for.

    An unchanged digest keeps approvals and goes on with the time that was left; a changed one drops
    them and starts over with the steps that the new decision demands.

    Raises:
        NotAllowed: it is another's.
        Conflict: nobody asked for changes, or it is decided.
        NoEligibleApprover: a step can be taken by nobody; the ball stays with the requester.
    """
    request = _locked(request_id)
    check_see(by, request)
    check_requester(by, request)
    at = clock()
    move(request, RequestState.OPEN, at=at)
    same = submission.digest == request.digest
    note(Event.APPROVAL_RESUBMITTED, request, by=by, facts={"unchanged": same})
    if not same:
        replace(request, submission, by=by)
        return request
    store_evidence(request, submission)
    for step in request.steps.filter(state=StepState.OPEN):
        step.due_at, step.paused_at = timebox.resume(step, at=at), None
        step.save(update_fields=["due_at", "paused_at"])
    return request


@transaction.atomic
def refresh(*, by: User | None, request_id: uuid.UUID) -> bool:
    """Decide again when the subject is no longer what the request is about; whether it had changed.

    Called by whoever changes the subject or the policy, and by the page when a vote came too late.
    """
    request = _locked(request_id)
    subject = approvable(request.kind)
    if request.state != RequestState.OPEN or loss_of(request) or subject.digest(request) == request.digest:
        return False
    replace(request, subject.decide_again(request), by=by)
    return True


@transaction.atomic
def expire(*, timer_id: uuid.UUID, request_id: uuid.UUID) -> bool:
    """End a request whose last rung's time is over; whether it did. Run twice, it ends it once."""
    request = _locked(request_id)
    due = Timer.objects.filter(
        pk=timer_id, kind=TimerKind.EXPIRE, state=TimerState.PENDING, due_at__lte=clock()
    )
    if request.state != RequestState.OPEN or not due.update(state=TimerState.DONE, done_at=clock()):
        return False
    end(request, RequestState.EXPIRED, by=None)
    return True


@transaction.atomic
def lapse(*, by: User | None, request_id: uuid.UUID) -> bool:
    """Close a request whose requester has left or whose object is gone; whether it was one."""
    request = _locked(request_id)
    why = loss_of(request) if request.is_live else ""
    if why:
        end(request, RequestState.LAPSED, by=by, why=why)
    return bool(why)


@transaction.atomic
def lapse_about(*, by: User, app: uuid.UUID) -> int:
    """Close every live request about an app that has just been retired; how many there were."""
    ids = Request.objects.filter(app=app, state__in=LIVE).order_by("pk").values_list("pk", flat=True)
    return sum(lapse(by=by, request_id=one) for one in ids)


def _create(**values: Any) -> Request:
    try:
        with transaction.atomic():
            return Request.objects.create(**values)
    except IntegrityError as error:
        if "request_one_live" not in str(error):
            raise
        raise Conflict(_("This is waiting for approval already.")) from error


def _locked(request_id: uuid.UUID) -> Request:
    """The request under its lock, which orders everything that happens to it."""
    request = Request.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise Missing(_("There is no such request, or you are not asked for it."))
    return request


def _present(by: User) -> User:
    """The voter as they are now, kept so until commit: not deactivated, not taken out of a group."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM identity_user WHERE id = %s FOR SHARE", [by.pk])
        cursor.execute("SELECT 1 FROM identity_membership WHERE user_id = %s FOR SHARE", [by.pk])
    return User.objects.get(pk=by.pk)  # a fresh object: roles are remembered on the old one


def _replayed(earlier: Vote, *, by: User, verdict: Verdict, digest: str, comment: str) -> Vote:
    sent = (by.pk, verdict, digest, comment)
    if sent != (earlier.voter_id, earlier.verdict, earlier.digest, earlier.comment):
        raise Conflict(_("This form was sent before with another answer; the first one counts."))
    return earlier


def _check_open(request: Request) -> None:
    if not is_decided_by_others(request):
        raise Conflict(_("This request has moved on: %(state)s.") % {"state": request.get_state_display()})


def _apply(request: Request, given: Vote, *, by: User) -> None:
    match Verdict(given.verdict):
        case Verdict.APPROVE:
            given.step.request = request  # one object under the lock, not two
            count(given.step, by=by)
        case Verdict.REJECT:
            end(request, RequestState.REJECTED, by=by)
        case Verdict.CHANGES:
            _hand_back(request, given, by=by)


def _hand_back(request: Request, given: Vote, *, by: User) -> None:
    """The ball goes to the requester; deadlines stand still."""
    move(request, RequestState.CHANGES, at=given.at)
    for step in request.steps.filter(state=StepState.OPEN):
        timebox.hold(step)
        Step.objects.filter(pk=step.pk).update(paused_at=given.at)
    note(Event.APPROVAL_CHANGES_ASKED, request, by=by, facts={"vote": str(given.pk)})
    approvable(request.kind).changes_asked(request)
    tell_requester(request, Kind.APPROVAL_CHANGES, cause=str(given.pk))
