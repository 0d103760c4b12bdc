"""Hands an erasure to a worker by the task's name, so that whoever queues need not import the task."""

import uuid

from celery import current_app


def queue(request: uuid.UUID, tenant: uuid.UUID) -> None:
    """Send the message. One that is lost is sent again by the sweep."""
    current_app.send_task("datacatalog.erase", args=[str(request), str(tenant)])
