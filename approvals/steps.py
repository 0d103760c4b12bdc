"""Steps that a decision asks for -> whom they ask, rung by rung, and for how long.

A step is `{"role": "manager"}`, `{"role": "<portal role>"}` or `{"group": "<name>"}` with optional
`needed` (people, default 1), `hours` (business hours until it escalates, default 8), `order` (default:
one after the other; equal numbers are side by side) and `expires` (true: ends the request when the last
rung's time is over; otherwise the last rung is reminded, and the request stays).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from approvals.selectors import people_of
from identity.errors import DomainError
from identity.models import Role, User

MANAGER = "manager"
DEFAULT_HOURS = 8
MAX_NEEDED = 20
# who is asked next when a role does not answer; the last rung is only reminded
NEXT_POOL: Mapping[Role, Role] = {Role.REVIEWER: Role.SECURITY}


class NoEligibleApprover(DomainError):
    """Nobody can take a step that the policy demands; the request is not opened."""

    status = 409


class BadStep(ValueError):
    """The policy asked for something that is no step; a mistake in the rules."""


@dataclass(frozen=True)
class Rung:
    """Whom one level of a step asks: exactly one of the three."""

    person: User | None = None
    role: Role | None = None
    group: str = ""


@dataclass(frozen=True)
class Plan:
    """A step with everybody it may come to. `people` can decide it today."""

    asks: str
    order: int
    needed: int
    hours: int
    expires: bool
    rungs: tuple[Rung, ...]
    people: tuple[User, ...] = field(repr=False)


def plan(steps: Sequence[Mapping[str, Any]], *, requester: User) -> list[Plan]:
    """Every step with its rungs, in order.

    Raises:
        NoEligibleApprover: a step has too few people besides the requester and those of other steps.
        BadStep: a step asks for neither role nor group, or for a number of people out of range.
    """
    plans = [_plan(step, number, requester) for number, step in enumerate(steps, start=1)]
    plans.sort(key=lambda made: made.order)
    if lacking := _first_unfilled(plans):
        raise NoEligibleApprover(_way_out(lacking))
    return plans


def _plan(step: Mapping[str, Any], number: int, requester: User) -> Plan:
    needed, hours = int(step.get("needed", 1)), int(step.get("hours", DEFAULT_HOURS))
    if not 1 <= needed <= MAX_NEEDED or hours < 1:
        raise BadStep(f"step {number}: needed {needed}, hours {hours}")
    asks, rungs = _rungs(step, number, requester)
    pools = [(rung, _people(rung, requester)) for rung in rungs]
    return Plan(
        asks=asks,
        order=int(step.get("order", number)),
        needed=needed,
        hours=hours,
        expires=bool(step.get("expires", False)),
        rungs=tuple(rung for rung, people in pools if people),
        people=tuple({user.pk: user for _rung, people in pools for user in people}.values()),
    )


def _rungs(step: Mapping[str, Any], number: int, requester: User) -> tuple[str, list[Rung]]:
    role, group = step.get("role"), step.get("group")
    if role == MANAGER:
        return MANAGER, [*_managers(requester), Rung(role=Role.REVIEWER)]
    if role in Role.values:
        asked = Role(role)
        pools = [asked, NEXT_POOL[asked]] if asked in NEXT_POOL else [asked]
        return f"role:{asked.value}", [Rung(role=pool) for pool in pools]
    if group:
        return f"group:{group}", [Rung(group=str(group)), Rung(role=Role.SECURITY)]
    raise BadStep(f"step {number} asks for neither a known role nor a group")


def _managers(requester: User) -> Iterable[Rung]:
    """The requester's manager, then that one's; a loop in the directory ends at the requester."""
    first = requester.manager
    second = first.manager if first else None
    seen = {requester.pk}
    for person in (first, second):
        if person and person.pk not in seen:
            seen.add(person.pk)
            yield Rung(person=person)


def _people(rung: Rung, requester: User) -> list[User]:
    found = people_of(person=rung.person, role=rung.role, group=rung.group)
    return [user for user in found if user.pk != requester.pk and user.tenant_id == requester.tenant_id]


def _first_unfilled(plans: Sequence[Plan]) -> Plan | None:
    """The first step that cannot be filled with people who take no other step (augmenting paths)."""
    seats = [plan for plan in plans for _seat in range(plan.needed)]
    taken: dict[Any, int] = {}

    def seat(index: int, tried: set[Any]) -> bool:
        for user in seats[index].people:
            if user.pk in tried:
                continue
            tried.add(user.pk)
            if user.pk not in taken or seat(taken[user.pk], tried):
                taken[user.pk] = index
                return True
        return False

    return next((seats[n] for n in range(len(seats)) if not seat(n, set())), None)


def _way_out(plan: Plan) -> str:
    """What is missing and who can help."""
    if plan.asks == MANAGER:
        return _(
            "Nobody can approve this: your manager in the directory is missing, inactive or asked already, "
            "and nobody else is a reviewer. Ask your platform admins to set your manager or add a reviewer."
        )
    return _(
        "This needs %(needed)s person(s) of “%(asked)s” who take no other step, and there are too few "
        "besides you. Ask your platform admins to add people there."
    ) % {"needed": plan.needed, "asked": plan.asks.partition(":")[2]}
