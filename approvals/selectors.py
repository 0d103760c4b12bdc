"""Reads across requests. Every list costs the same number of queries however many rows it has."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from approvals.models import Ask, Evidence, Request, Step, TimerKind, Vote
from approvals.permissions import asked, visible_to
from approvals.states import CLOSED, LIVE, RequestState, StepState, Verdict
from identity.models import Role, User
from identity.roles import holders

PAGE_SIZE = 25


def clock() -> datetime:
    """The database's time at this moment, not at the start of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


def people_of(*, person: User | None, role: str | None, group: str) -> list[User]:
    """Active people that a rung means today, by name."""
    if person:
        return [person] if person.is_active else []
    if role:
        return holders(Role(role))
    return list(User.objects.filter(is_active=True, directory_groups__name=group).distinct())


@dataclass(frozen=True)
class Granted:
    """An approval that counts: what the step asked for, who gave it, for which digest."""

    asks: str
    by: uuid.UUID
    digest: str


def approvals_of(request: Request) -> list[Granted]:
    """The approvals that count, for a decision that is made again on them."""
    votes = request.votes.filter(verdict=Verdict.APPROVE, dropped_at=None).select_related("step")
    return [Granted(vote.step.asks.removeprefix("role:"), vote.voter_id, vote.digest) for vote in votes]


def live_request(obj: str) -> Request | None:
    """The request about `obj` ("kind:id") that can still be decided."""
    return Request.objects.filter(object=obj, state__in=LIVE).first()


def last_request(obj: str) -> Request | None:
    """The newest request about `obj` ("kind:id"), however it ended."""
    return Request.objects.filter(object=obj).order_by("-opened_at", "-id").first()


def waiting_for(user: User) -> QuerySet[Request]:
    """Requests that `user` may decide now, those left behind by their requester included."""
    ladder = Ask.objects.filter(
        asked(user),
        step__request=OuterRef("pk"),
        step__state=StepState.OPEN,
        level__lte=F("step__level"),
    )
    approved = Vote.objects.filter(
        request=OuterRef("pk"), voter=user.pk, verdict=Verdict.APPROVE, dropped_at=None
    )
    left = Q(state=RequestState.CHANGES, requester__is_active=False)
    rows = Request.objects.filter(Q(state=RequestState.OPEN) | left, Exists(ladder), ~Exists(approved))
    return rows.exclude(requester=user.pk)


class Tab(models.TextChoices):
    """The lists of the inbox."""

    WAITING = "waiting", _("Waiting for me")
    MINE = "mine", _("Asked by me")
    OPEN = "open", _("All open")
    CLOSED = "closed", _("Closed")


def listed(user: User, tab: Tab) -> QuerySet[Request]:
    """Requests of `tab` that `user` may see, unordered."""
    seen = Request.objects.filter(visible_to(user))
    match tab:
        case Tab.WAITING:
            return waiting_for(user)
        case Tab.MINE:
            return Request.objects.filter(requester=user.pk)
        case Tab.OPEN:
            return seen.filter(state__in=LIVE)
        case Tab.CLOSED:
            return seen.filter(state__in=CLOSED)


def counts(user: User) -> dict[Tab, int]:
    """How many requests each tab has."""
    return {tab: listed(user, tab).count() for tab in Tab}


def inbox(user: User, tab: Tab, *, words: str = "", kind: str = "") -> QuerySet[Request]:
    """The rows of a tab with their deadline (`due_at`): nearest deadline first, closed ones newest first."""
    due = Step.objects.filter(request=OuterRef("pk"), state=StepState.OPEN, paused_at=None)
    rows = listed(user, tab).select_related("requester")
    rows = rows.annotate(due_at=Subquery(due.order_by("due_at").values("due_at")[:1]))
    if words:
        rows = rows.filter(Q(title__icontains=words) | Q(requester__display_name__icontains=words))
    if kind:
        rows = rows.filter(kind=kind)
    if tab == Tab.CLOSED:
        return rows.order_by("-closed_at", "-pk")
    if tab == Tab.MINE:
        return rows.order_by("-opened_at", "-pk")
    return rows.order_by(F("due_at").asc(nulls_last=True), "pk")


def shown_steps(request: Request) -> list[Step]:
    """The steps that count now, with whom they ask and who approved."""
    votes = Vote.objects.filter(verdict=Verdict.APPROVE, dropped_at=None).select_related("voter")
    steps = request.steps.all() if request.state in CLOSED else request.steps.exclude(state=StepState.CLOSED)
    return list(
        steps.prefetch_related(
            Prefetch("ladder", Ask.objects.select_related("person")),
            Prefetch("votes", votes, to_attr="approvals"),
            "timers",
        )
    )


def evidence_now(request: Request) -> Evidence:
    """What reviewers decide on."""
    return request.evidence.latest("number")


def evidence_seen(request: Request, digest: str) -> Evidence | None:
    """The document that a page with `digest` showed."""
    return request.evidence.filter(digest=digest).order_by("-number").first()


@dataclass(frozen=True)
class Moment:
    """One line of the request's story."""

    at: datetime
    title: str
    who: str = ""
    text: str = ""
    tone: str = ""


_SAID = {
    Verdict.APPROVE: (_("Approved"), "ok"),
    Verdict.REJECT: (_("Rejected"), "stop"),
    Verdict.CHANGES: (_("Asked for changes"), "warn"),
}
_SWEPT = {
    TimerKind.REMIND: (_("Reminded"), ""),
    TimerKind.ESCALATE: (_("Overdue: escalated"), "warn"),
    TimerKind.EXPIRE: (_("Time is over"), "stop"),
}
_ENDED = {
    RequestState.WITHDRAWN: (_("Withdrawn"), ""),
    RequestState.EXPIRED: (_("Expired"), "stop"),
    RequestState.LAPSED: (_("Lapsed"), ""),
    RequestState.GRANTED: (_("Took effect"), "ok"),
}


def story(request: Request) -> list[Moment]:
    """Everything that happened to the request, oldest first."""
    name = request.requester.display_name
    again = request.evidence.filter(number__gt=1).values_list("collected_at", flat=True)
    moments = [Moment(request.opened_at, str(_("Asked for approval")), name)]
    moments += [Moment(at, str(_("Evidence collected again")), tone="info") for at in again]
    for vote in request.votes.select_related("voter"):
        title, tone = _SAID[Verdict(vote.verdict)]
        moments.append(Moment(vote.at, str(title), vote.voter.display_name, vote.comment, tone))
        if vote.dropped_at:
            moments.append(
                Moment(vote.dropped_at, str(_("An approval fell: the subject changed")), tone="warn")
            )
    for timer in request.timers.filter(done_at__isnull=False):
        title, tone = _SWEPT[TimerKind(timer.kind)]
        moments.append(Moment(timer.done_at or timer.due_at, str(title), tone=tone))
    if request.closed_at and RequestState(request.state) in _ENDED:
        title, tone = _ENDED[RequestState(request.state)]
        moments.append(Moment(request.closed_at, str(title), tone=tone))
    return sorted(moments, key=lambda moment: moment.at)
