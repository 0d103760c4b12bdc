"""Work of this room that nobody waits for."""

from celery import shared_task

from policy import store


@shared_task(ignore_result=True)
def drain_counts() -> None:
    """Carry counts of decisions from Redis into the database; beat calls it every minute."""
    store.drain()
