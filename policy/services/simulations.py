"""Simulations of a version: asked for, run by a worker, cancelled, finished (P7, docs/adr/0081)."""

import uuid
from typing import Any

from celery import current_app as celery
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict, Missing
from identity.models import User
from ledger.events import Event
from ledger.log import Actor, record
from notices.kinds import Kind
from notices.services import notify
from policy.models import RulesVersion, Simulation
from policy.states import SIMULATING, SIMULATION, SimulationState
from policy.versions import check_change

MOST_SIMULATED_DAYS = 365
MOST_ATTEMPTS = 3
SIMULATION_TASK = "policy.tasks.simulate"


@transaction.atomic
def start_simulation(*, by: User, version_id: uuid.UUID, days: int) -> Simulation:
    """Try the version on the decisions of the last `days`; the one that waits or runs, where there is one.

    Raises:
        Missing, NotAllowed: there is no such version for `by`, or he may not.
        BadInput: not 1 to 365 days.
    """
    check_change(by)
    version = RulesVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise Missing(_("There is no such version of the rules."))
    if not 1 <= days <= MOST_SIMULATED_DAYS:
        raise BadInput(_("Choose 1 to %(days)d days.") % {"days": MOST_SIMULATED_DAYS}, code="days")
    moving = Simulation.objects.filter(version=version, state__in=SIMULATING)
    if earlier := moving.first():
        return earlier
    try:
        with transaction.atomic():
            row = Simulation.objects.create(tenant_id=by.tenant_id, version=version, days=days, asked_by=by)
    except IntegrityError:  # somebody else asked at the same moment
        return moving.get()
    _note(Event.SIMULATION_STARTED, row, by=by, facts={"days": days})
    queue(row.pk, row.tenant_id)
    return row


@transaction.atomic
def cancel_simulation(*, by: User, simulation_id: uuid.UUID) -> Simulation:
    """Stop it; its worker learns of it within a second or two, and what it found is dropped.

    Raises:
        Missing, NotAllowed: it is not there for `by`, or not his to stop.
        Conflict: it is over.
    """
    check_change(by)
    row = _locked(simulation_id)
    _move(row, SimulationState.CANCELLED, finished_at=timezone.now())
    _note(Event.SIMULATION_CANCELLED, row, by=by, facts={"asked": row.done})
    return row


@transaction.atomic
def claim_simulation(*, simulation_id: uuid.UUID, rules: str, engine: str) -> Simulation | None:
    """Take it for this run, from the beginning; None where it is over or has failed too often.

    `rules` is the revision in force. Counting first means that a draft which kills its worker each time ends.
    """
    row = Simulation.objects.select_for_update(of=("self",)).filter(pk=simulation_id).first()
    if row is None or row.state not in SIMULATING:
        return None
    if row.attempt >= MOST_ATTEMPTS:
        _fail(row, "attempts")
        return None
    now = timezone.now()
    started = {"started_at": now, "done": 0, "total": 0, "rules": rules, "engine": engine}
    _move(row, SimulationState.RUNNING, attempt=row.attempt + 1, seen_at=now, **started)
    return row


def note_progress(*, simulation: Simulation, done: int, total: int) -> bool:
    """Write down how far this run is; False once it counts no more: cancelled, or overtaken by another."""
    return bool(_this_run(simulation).update(done=done, total=total, seen_at=timezone.now()))


@transaction.atomic
def finish_simulation(*, simulation: Simulation, report: dict[str, Any], done: int) -> bool:
    """Keep what this run found, and tell who asked; False where it counts no more."""
    row = _this_run(simulation).select_for_update(of=("self",)).select_related("version", "asked_by").first()
    if row is None:
        return False
    now = timezone.now()
    _move(row, SimulationState.DONE, finished_at=now, done=done, total=done, report=report)
    counts = {name: report[name] for name in ("asked", "without_answer")}
    _note(Event.SIMULATION_FINISHED, row, by=None, facts=counts | {"changed": report["changed"]})
    _tell(Kind.SIMULATION_DONE, row)
    return True


@transaction.atomic
def fail_simulation(*, simulation: Simulation, why: str) -> bool:
    """This run came to nothing; `why` is a code. False where it counts no more."""
    row = _this_run(simulation).select_for_update(of=("self",)).select_related("version", "asked_by").first()
    if row is not None:
        _fail(row, why)
    return row is not None


def queue(simulation_id: uuid.UUID, tenant: uuid.UUID) -> None:
    """By name, since tasks lie above services. A broker that is away is no harm: the sweep looks again."""
    arguments = [str(simulation_id), str(tenant)]
    connection.on_commit(lambda: celery.send_task(SIMULATION_TASK, args=arguments), robust=True)


def _this_run(simulation: Simulation) -> Any:
    mine = Q(pk=simulation.pk, attempt=simulation.attempt, state=SimulationState.RUNNING)
    return Simulation.objects.filter(mine)


def _locked(simulation_id: uuid.UUID) -> Simulation:
    row = Simulation.objects.select_for_update(of=("self",)).filter(pk=simulation_id).first()
    if row is None:
        raise Missing(_("There is no such simulation."))
    return row


def _move(row: Simulation, state: SimulationState, **values: Any) -> None:
    if state not in SIMULATION[SimulationState(row.state)].values():
        text = _("This simulation has moved on: %(state)s.")
        raise Conflict(text % {"state": row.get_state_display()})
    row.state = state
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *values])


def _fail(row: Simulation, why: str) -> None:
    _move(row, SimulationState.FAILED, finished_at=timezone.now(), failure=why)
    _note(Event.SIMULATION_FAILED, row, by=None, facts={"why": why})
    _tell(Kind.SIMULATION_FAILED, row)


def _tell(kind: Kind, row: Simulation) -> None:
    notify(
        kind=kind,
        key=f"{kind.value}:{row.pk}",
        tenant=row.tenant_id,
        person=row.asked_by,
        params={"title": str(row.version)},
        path=row.get_absolute_url(),
    )


def _note(event: Event, row: Simulation, *, by: Actor | None, facts: dict[str, Any]) -> None:
    told = {"version": str(row.version_id), **facts}
    record(event, by=by, tenant=row.tenant_id, person=row.asked_by_id, obj=row.obj, facts=told)
