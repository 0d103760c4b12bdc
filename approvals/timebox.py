"""A step's time box: reminder, escalation rung by rung, expiry. Called under the request's lock.

All its timers are made when the step opens, so that every deadline can be shown; one of them runs at a
time (a unique index keeps it so), and the sweep sets the next one running.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from approvals.calendar import Calendar
from approvals.models import Ask, Step, Timer, TimerKind
from approvals.selectors import people_of
from approvals.states import TimerState

UNFINISHED = (TimerState.PLANNED, TimerState.PENDING, TimerState.HELD)


def start(step: Step, *, at: datetime) -> datetime:
    """Plan the box of a step that opens at `at`; returns when its first rung's time is over."""
    moments = list(_moments(step, at=at))
    Timer.objects.bulk_create(
        Timer(
            tenant_id=step.tenant_id,
            request_id=step.request_id,
            step=step,
            seq=seq,
            kind=kind,
            level=level,
            due_at=due,
            state=TimerState.PENDING if seq == 0 else TimerState.PLANNED,
        )
        for seq, (kind, level, due) in enumerate(moments)
    )
    return _level_end(moments, 0)


def hold(step: Step) -> None:
    """Stop the box while the ball is with the requester."""
    step.timers.filter(state__in=UNFINISHED).update(state=TimerState.HELD)


def resume(step: Step, *, at: datetime) -> datetime | None:
    """Go on after a pause with the business time that was left; returns the rung's new deadline."""
    held = list(step.timers.filter(state=TimerState.HELD).order_by("seq"))
    asks = {ask.level: ask for ask in step.ladder.select_related("person")}
    paused = step.paused_at or at
    for place, timer in enumerate(held):
        days = calendar_of(asks[timer.level])
        timer.due_at = days.add(at, days.between(paused, timer.due_at))
        timer.state = TimerState.PENDING if place == 0 else TimerState.PLANNED
    Timer.objects.bulk_update(held, ["due_at", "state"])
    ends = [timer.due_at for timer in held if timer.level == step.level]
    return max(ends, default=step.due_at)


def drop(steps: "list[Step]") -> None:
    """The boxes of `steps` are no longer needed."""
    Timer.objects.filter(step__in=steps, state__in=UNFINISHED).update(state=TimerState.DROPPED)


def calendar_of(ask: Ask) -> Calendar:
    """The working days of whoever a rung means: the person's, else those of the pool's first by name."""
    people = people_of(person=ask.person, role=ask.role, group=ask.group_name)
    zone = people[0].time_zone if people else settings.TIME_ZONE
    return Calendar(zone=zone, country=settings.APPROVALS_HOLIDAYS)


def _moments(step: Step, *, at: datetime) -> Iterator[tuple[TimerKind, int, datetime]]:
    """(kind, rung, due) in order: each rung is reminded at half time; its end leads to the next."""
    asks = list(step.ladder.select_related("person"))
    rung_time = timedelta(hours=step.hours)
    start = at
    for ask in asks:
        days = calendar_of(ask)
        yield TimerKind.REMIND, ask.level, days.add(start, rung_time / 2)
        end = days.add(start, rung_time)
        if ask is not asks[-1]:
            yield TimerKind.ESCALATE, ask.level, end
        else:
            yield (TimerKind.EXPIRE if step.expires else TimerKind.REMIND), ask.level, end
        start = end


def _level_end(moments: list[tuple[TimerKind, int, datetime]], level: int) -> datetime:
    return max(due for _kind, of, due in moments if of == level)
