"""Work of this room that nobody waits for."""

from celery import shared_task

from policy import services, store


@shared_task(ignore_result=True)
def drain_counts() -> None:
    """Carry counts of decisions from Redis into the database; beat calls it every minute."""
    store.drain()


@shared_task(ignore_result=True)
def sweep_exceptions() -> int:
    """Mark exceptions that are over and warn of those that soon are; beat calls it every five minutes."""
    return services.sweep_exceptions()
