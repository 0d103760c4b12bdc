"""Work of the data catalog that nobody waits for at the screen. Tasks take ids and may run twice or late."""

import uuid

from celery import shared_task

from datacatalog import services


@shared_task(ignore_result=True)
def read_source(run: str, tenant: str) -> None:
    """Read the database, or the large description, of an import that waits for it."""
    services.read_waiting(run_id=uuid.UUID(run), tenant=uuid.UUID(tenant))
