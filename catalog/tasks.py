"""Work of the catalog in the queue: thin, by ids, safe to run twice."""

import uuid

from celery import shared_task

from catalog import launch as launching
from catalog.services.live import LAUNCH_TASK


@shared_task(name=LAUNCH_TASK)
def launch(version_id: str, tenant_id: str) -> bool:
    """Bring a version live; True if this run did."""
    return launching.launch(uuid.UUID(version_id), uuid.UUID(tenant_id))


@shared_task(name="catalog.sweep_launches")
def sweep_launches() -> int:
    """Finish launches that lost their worker (beat, settings.CELERY_BEAT_SCHEDULE)."""
    return launching.sweep()
