"""Work of this room that nobody waits for."""

import uuid

from celery import shared_task

from policy import services, store
from policy.simulation import background


@shared_task(ignore_result=True)
def drain_counts() -> None:
    """Carry counts of decisions from Redis into the database; beat calls it every minute."""
    store.drain()


@shared_task(ignore_result=True)
def sweep_exceptions() -> int:
    """Mark exceptions that are over and warn of those that soon are; beat calls it every five minutes."""
    return services.sweep_exceptions()


@shared_task(ignore_result=True)
def simulate(simulation: str, tenant: str) -> bool:
    """Carry out a simulation; True if this run finished it."""
    return background.carry_out(uuid.UUID(simulation), uuid.UUID(tenant))


@shared_task(ignore_result=True)
def sweep_simulations() -> int:
    """Hand simulations that lost their worker to another; beat calls it twice a minute."""
    return background.sweep()
