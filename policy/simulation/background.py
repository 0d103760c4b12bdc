"""A simulation that somebody asked for on a page, run by a worker (docs/adr/0081).

What is in force and which engine answers are told from this process. The run may be killed at any point: it
holds no transaction while it asks, and the sweep hands it to another worker, which begins anew.
"""

import logging
import uuid
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from identity.tenancy import tenant_scope
from policy.engines.base import EngineFault
from policy.engines.binary import binary
from policy.models import Simulation
from policy.revisions import in_force
from policy.services.simulations import (
    claim_simulation,
    fail_simulation,
    finish_simulation,
    note_progress,
    queue,
)
from policy.simulation.run import run_simulation
from policy.simulation.told import document
from policy.states import SIMULATING, SimulationState

logger = logging.getLogger(__name__)
STALE = timedelta(seconds=90)  # a run that lives is seen every second, and twice a minute at the worst
BATCH = 50


class _Stopped(Exception):
    """The run counts no more."""


def carry_out(simulation_id: uuid.UUID, tenant: uuid.UUID) -> bool:
    """Run it from the beginning; True if this call finished it. Safe to call twice, late or never."""
    rules, opa = in_force(), binary(build=False) or ""
    engine = "opa" if opa else "embedded"
    with tenant_scope(tenant):
        row = claim_simulation(simulation_id=simulation_id, rules=rules.revision, engine=engine)
        draft = row.version.rulebook if row else rules
    if row is None:
        return False

    def tell(done: int, total: int) -> None:
        with tenant_scope(tenant):
            if not note_progress(simulation=row, done=done, total=total):
                raise _Stopped

    since = timezone.now() - timedelta(days=row.days)
    try:
        report = run_simulation(tenant=tenant, rules=rules, draft=draft, since=since, opa=opa, tell=tell)
    except _Stopped:
        return False
    except EngineFault as fault:
        logger.warning("simulation %s cannot be carried out: %s", simulation_id, fault)
        return _failed(row, "engine")
    except Exception:
        logger.exception("simulation %s broke off", simulation_id)
        return _failed(row, "error")
    with tenant_scope(tenant):
        return finish_simulation(simulation=row, report=document(report), done=report.distinct)


def sweep() -> int:
    """Queue again what has lost its worker or its message; how many that were. Beat calls it."""
    before = timezone.now() - STALE
    lost = Q(state=SimulationState.WAITING, asked_at__lt=before) | Q(
        state=SimulationState.RUNNING, seen_at__lt=before
    )
    rows = Simulation.objects.using("sweeper").filter(lost, state__in=SIMULATING).order_by("asked_at")
    found = list(rows.values_list("pk", "tenant_id")[:BATCH])
    for simulation_id, tenant in found:
        queue(simulation_id, tenant)
    return len(found)


def _failed(row: Simulation, why: str) -> bool:
    with tenant_scope(row.tenant_id):
        fail_simulation(simulation=row, why=why)
    return False
