"""How a request moves on: every function here runs under the request's lock (services.py takes it)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals import evidence as documents
from approvals import timebox
from approvals.approvables import Submission, approvable
from approvals.models import Ask, Evidence, Request, Step, Vote
from approvals.selectors import clock
from approvals.states import CLOSED, RequestState, StepState, Verdict, may_move
from approvals.steps import Plan, plan
from identity.errors import Conflict, Missing
from identity.models import Role, User
from ledger.events import Event
from ledger.log import record
from notices.kinds import Kind
from notices.services import notify

UNGRANTED = (StepState.WAITING, StepState.OPEN)

# how a request ended -> event, notice to the requester
ENDINGS: Mapping[RequestState, tuple[Event, Kind]] = {
    RequestState.GRANTED: (Event.APPROVAL_GRANTED, Kind.APPROVAL_GRANTED),
    RequestState.REJECTED: (Event.APPROVAL_REJECTED, Kind.APPROVAL_REJECTED),
    RequestState.WITHDRAWN: (Event.APPROVAL_WITHDRAWN, Kind.APPROVAL_WITHDRAWN),
    RequestState.EXPIRED: (Event.APPROVAL_EXPIRED, Kind.APPROVAL_EXPIRED),
    RequestState.LAPSED: (Event.APPROVAL_LAPSED, Kind.APPROVAL_LAPSED),
}
# why nothing can come of a live request any more, for whoever would decide it
LOSSES: Mapping[str, Promise] = {
    "requester": gettext_lazy("The person who asked for this has left. It can only be rejected."),
    "object": gettext_lazy("What this asks for is not there any more. It can only be rejected."),
}


def loss_of(request: Request) -> str:
    """The key in LOSSES of what the request has lost; "" while it can still be approved."""
    if not request.requester.is_active:
        return "requester"
    try:
        approvable(request.kind).digest(request)
    except Missing:
        return "object"
    return ""


def move(request: Request, state: RequestState, *, at: datetime) -> None:
    """Change the state, along the table of states.py alone.

    Raises:
        Conflict: the request is no longer where this would be possible.
    """
    if not may_move(RequestState(request.state), state):
        raise Conflict(_("This request has moved on: %(state)s.") % {"state": request.get_state_display()})
    request.state = state
    request.closed_at = at if state in CLOSED else None
    request.save(update_fields=["state", "closed_at"])


def end(request: Request, state: RequestState, *, by: User | None, why: str = "") -> None:
    """Grant, or close in another way: steps and timers end, the owner of the object acts, all told."""
    at = clock()
    move(request, state, at=at)
    close_steps(request, keep_granted=state == RequestState.GRANTED, at=at)
    event, kind = ENDINGS[state]
    note(event, request, by=by, facts={"why": why} if why else None)
    subject = approvable(request.kind)
    if state == RequestState.GRANTED:
        subject.granted(request)
    else:
        with suppress(Missing):  # gone by itself: nothing is left that could take effect
            subject.refused(request)
    if request.requester.is_active and (by is None or by.pk != request.requester_id):
        tell_requester(request, kind, cause=str(request.pk))


def close_steps(request: Request, *, keep_granted: bool, at: datetime) -> None:
    """End what is unfinished; with `keep_granted` false also what was granted."""
    states = UNGRANTED if keep_granted else (*UNGRANTED, StepState.GRANTED)
    steps = list(request.steps.filter(state__in=states))
    timebox.drop(steps)
    Step.objects.filter(pk__in=[step.pk for step in steps]).update(
        state=StepState.CLOSED, closed_at=at, paused_at=None
    )


def submit(request: Request, submission: Submission, *, by: User | None) -> None:
    """Freeze the evidence and open the first steps; without steps the request is granted at once."""
    store_evidence(request, submission)
    plans = plan(submission.steps, requester=request.requester)
    for made in plans:
        _make_step(request, made)
    _go_on(request, by=by)


def store_evidence(request: Request, submission: Submission) -> Evidence:
    """The next evidence document of the request, with its hash."""
    document = submission.evidence.to_json()
    return Evidence.objects.create(
        tenant_id=request.tenant_id,
        request=request,
        number=request.evidence.count() + 1,
        digest=submission.digest,
        document=document,
        sha256=documents.sha256_of(document),
        collected_at=clock(),
    )


def replace(request: Request, submission: Submission, *, by: User | None) -> None:
    """The subject changed: approvals so far fall, steps start over as the new decision demands."""
    at = clock()
    fallen = request.votes.filter(verdict=Verdict.APPROVE, dropped_at=None)
    voters = list(fallen.select_related("voter"))
    fallen.update(dropped_at=at)
    close_steps(request, keep_granted=False, at=at)
    request.digest, request.decision = submission.digest, submission.decision
    request.tier, request.tier_reason = submission.tier, submission.tier_reason
    request.save(update_fields=["digest", "decision", "tier", "tier_reason"])
    if voters:
        note(Event.APPROVAL_VOTES_DROPPED, request, by=by, facts={"votes": len(voters)})
    for vote in voters:
        _tell(request, Kind.APPROVAL_CHANGED, cause=str(vote.pk), person=vote.voter)
    submit(request, submission, by=by)


def count(step: Step, *, by: User) -> None:
    """After an approval: grant the step if it has enough, and go on. A fresh statement under the lock."""
    given = Vote.objects.filter(step=step, verdict=Verdict.APPROVE, dropped_at=None).count()
    if given < step.needed:
        return
    timebox.drop([step])
    step.state, step.closed_at = StepState.GRANTED, clock()
    step.save(update_fields=["state", "closed_at"])
    _go_on(step.request, by=by)


def note(event: Event, request: Request, *, by: User | None, facts: Mapping[str, Any] | None = None) -> None:
    """Record an event about the request."""
    record(
        event,
        by=by,
        tenant=request.tenant_id,
        app=request.app,
        person=request.requester_id,
        obj=f"approval:{request.pk}",
        decision=request.decision,
        facts={"of": request.object, "digest": request.digest, **(facts or {})},
    )


def tell_requester(request: Request, kind: Kind, *, cause: str) -> None:
    """A notice to whoever asked."""
    _tell(request, kind, cause=cause, person=request.requester)


def _go_on(request: Request, *, by: User | None) -> None:
    """Open the next steps when none is open; grant the request when none is left."""
    steps = list(request.steps.filter(state__in=UNGRANTED))
    if any(step.state == StepState.OPEN for step in steps):
        return
    if not steps:
        end(request, RequestState.GRANTED, by=by)
        return
    for step in _first(steps):
        _open(request, step)


def _first(steps: Sequence[Step]) -> list[Step]:
    turn = min(step.order for step in steps)
    return [step for step in steps if step.order == turn]


def _make_step(request: Request, made: Plan) -> None:
    step = Step.objects.create(
        tenant_id=request.tenant_id,
        request=request,
        order=made.order,
        asks=made.asks,
        needed=made.needed,
        hours=made.hours,
        expires=made.expires,
    )
    Ask.objects.bulk_create(
        Ask(
            tenant_id=request.tenant_id,
            step=step,
            level=level,
            person=rung.person,
            role=rung.role or "",
            group_name=rung.group,
        )
        for level, rung in enumerate(made.rungs)
    )


def _open(request: Request, step: Step) -> None:
    step.state, step.opened_at = StepState.OPEN, clock()
    step.due_at = timebox.start(step, at=step.opened_at)
    step.save(update_fields=["state", "opened_at", "due_at"])
    tell_asked(request, step.ladder.select_related("person")[0])


def tell_asked(request: Request, ask: Ask) -> None:
    """A notice to whom a rung means; the same rung that has come to somebody else tells anew."""
    _tell(
        request,
        Kind.APPROVAL_WAITING,
        cause=f"{ask.step_id}:{ask.person_id or ask.role or ask.group_name}",
        person=ask.person,
        role=Role(ask.role) if ask.role else None,
        group=ask.group_name,
    )


def _tell(
    request: Request,
    kind: Kind,
    *,
    cause: str,
    person: User | None = None,
    role: Role | None = None,
    group: str = "",
) -> None:
    notify(
        kind=kind,
        key=f"{kind.value}:{cause}",
        tenant=request.tenant_id,
        person=person,
        role=role,
        group=group,
        besides=request.requester_id if person is None else None,
        params={"title": request.title},
        path=request.get_absolute_url(),
    )
