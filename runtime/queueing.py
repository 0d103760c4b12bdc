"""Hands an export to a worker by the task's name, so that whoever queues need not import the task."""

import uuid

from celery import current_app


def queue(export: uuid.UUID, tenant: uuid.UUID) -> None:
    """Send the message. One that is lost is sent again by the sweep."""
    current_app.send_task("runtime.tasks.run_export", args=[str(export), str(tenant)])
