"""Work of running apps that nobody waits for at the screen. Tasks take ids and may run twice or late."""

import logging
import uuid

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from identity.tenancy import tenant_scope
from runtime import export_run, services
from runtime.models import Export
from runtime.queueing import queue
from runtime.states import MOVING, ExportState

logger = logging.getLogger(__name__)
BATCH = 200


@shared_task(ignore_result=True)
def run_export(export: str, tenant: str) -> None:
    """Write the file of a queued export."""
    export_run.run_export(export_id=uuid.UUID(export), tenant=uuid.UUID(tenant))


@shared_task(ignore_result=True)
def sweep_exports() -> int:
    """Find exports that time has passed over, in all tenants; beat calls it every 30 seconds.

    One that cannot be put right is left alone for a while, and those behind it have their turn.
    """
    moved = 0
    for export, tenant in overdue():
        try:
            with tenant_scope(tenant):
                moved += services.rescue(export_id=export, queue=queue) is not None
        except Exception:
            logger.exception("export %s could not be put right", export)
            with tenant_scope(tenant):
                services.postpone_rescue(export_id=export)
    return moved


def overdue() -> list[tuple[uuid.UUID, uuid.UUID]]:
    """(export, tenant) of those that may need a hand, the longest waiting first."""
    now = timezone.now()
    late = now - services.GRACE
    due = (
        Q(state=ExportState.QUEUED, queued_at__lt=late)
        | Q(state=ExportState.RUNNING, started_at__lt=late)
        | Q(state=ExportState.READY, expires_at__lte=now)
    )
    rows = Export.objects.using("sweeper").filter(due, state__in=[*MOVING, ExportState.READY])
    rows = rows.filter(Q(rescue_at=None) | Q(rescue_at__lte=now))
    return list(rows.order_by("queued_at").values_list("pk", "tenant_id")[:BATCH])
