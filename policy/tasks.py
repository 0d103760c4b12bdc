"""Work of this room that nobody waits for."""

import uuid

from celery import shared_task

from policy import services, store
from policy.services.rules import CHECK_TASK
from policy.simulation import background


@shared_task(ignore_result=True)
def drain_counts() -> None:
    """Carry counts of decisions from Redis into the database; beat calls it every minute."""
    store.drain()


@shared_task(ignore_result=True)
def sweep_exceptions() -> int:
    """Mark exceptions that are over and warn of those that soon are; beat calls it every five minutes."""
    return services.sweep_exceptions()


@shared_task(name=CHECK_TASK, ignore_result=True)
def check_rules(version_id: str, tenant_id: str) -> bool:
    """Run the checks of proposed rules; whether this run did."""
    return services.check_rules(version_id=uuid.UUID(version_id), tenant=uuid.UUID(tenant_id))


@shared_task(name="policy.sweep_checks", ignore_result=True)
def sweep_checks() -> int:
    """Take up proposed rules that lost their worker; beat calls it every half minute."""
    return services.sweep_checks()


@shared_task(ignore_result=True)
def simulate(simulation: str, tenant: str) -> bool:
    """Carry out a simulation; True if this run finished it."""
    return background.carry_out(uuid.UUID(simulation), uuid.UUID(tenant))


@shared_task(ignore_result=True)
def sweep_simulations() -> int:
    """Hand simulations that lost their worker to another; beat calls it twice a minute."""
    return background.sweep()
