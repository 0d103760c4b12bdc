"""Reads across requests. Every list costs the same number of queries however many rows it has."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, QuerySet

from approvals.models import Ask, Request, Vote
from approvals.permissions import asked
from approvals.states import LIVE, RequestState, StepState, Verdict
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
    """Open requests that `user` may decide now."""
    ladder = Ask.objects.filter(
        asked(user),
        step__request=OuterRef("pk"),
        step__state=StepState.OPEN,
        level__lte=F("step__level"),
    )
    approved = Vote.objects.filter(
        request=OuterRef("pk"), voter=user.pk, verdict=Verdict.APPROVE, dropped_at=None
    )
    return Request.objects.filter(Exists(ladder), ~Exists(approved), state=RequestState.OPEN).exclude(
        requester=user.pk
    )
