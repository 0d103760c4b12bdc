"""Work of the vault in the queue: thin, by ids, safe to run twice."""

import logging
import uuid

from celery import shared_task

from vault import services
from vault.errors import KeysUnavailable
from vault.services.destruction import DESTROY_TASK
from vault.services.rotation import REWRAP_TASK

logger = logging.getLogger(__name__)


@shared_task(name=REWRAP_TASK, ignore_result=True)
def rewrap(job: str, tenant: str) -> None:
    """Take a tenant's data keys to their new key."""
    try:
        services.run_rewrap(job_id=uuid.UUID(job), tenant=uuid.UUID(tenant))
    except KeysUnavailable as error:
        logger.warning("re-wrapping %s waits: %s", job, error.code)


@shared_task(name=DESTROY_TASK, ignore_result=True)
def destroy_key(destruction: str, tenant: str) -> None:
    """Destroy the keys of a granted destruction."""
    try:
        services.finish_destruction(destruction_id=uuid.UUID(destruction), tenant=uuid.UUID(tenant))
    except KeysUnavailable as error:
        logger.warning("destruction %s waits: %s", destruction, error.code)


@shared_task(ignore_result=True)
def sweep_keys() -> None:
    """Go on with what lost its worker; beat calls it every 30 seconds."""
    services.sweep_rewraps()
    services.sweep_destructions()


@shared_task(ignore_result=True)
def sweep_ages() -> int:
    """Warn of old keys; beat calls it every hour."""
    return services.sweep_ages()
