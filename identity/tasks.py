"""Work of identity in the queue: thin, by ids, safe to run twice or late."""

import uuid

from celery import shared_task

from identity import services
from identity.signals import receiving


@shared_task(ignore_result=True)
def offboard(offboarding: str, tenant: str) -> None:
    """Carry out the steps of a person's leaving."""
    services.run_offboarding(offboarding_id=uuid.UUID(offboarding), tenant=uuid.UUID(tenant))


@shared_task(ignore_result=True)
def sweep_offboardings() -> int:
    """Steps that a lost task or a failure left; beat calls it every 30 seconds."""
    return sum(services.run_step(step_id=step, tenant=tenant) for step, tenant in services.overdue())


@shared_task(ignore_result=True)
def poll_signals() -> int:
    """Ask the transmitters that we poll for security events; beat calls it every 10 seconds."""
    return receiving.poll_due()
