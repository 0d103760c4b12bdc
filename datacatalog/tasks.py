"""Work of this room that nobody waits for."""

import logging
import uuid
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from datacatalog import services
from datacatalog.models import Dataset, SubjectRequest
from datacatalog.services.subjects import FORGOTTEN
from datacatalog.states import MOVING, SubjectState
from identity.models import Tenant
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=60)  # how long a task may be on its way, and a batch take, before the sweep looks


@shared_task(name="datacatalog.apply_retention", ignore_result=True)
def apply_retention() -> int:
    """Delete what is due, in every dataset of every tenant; beat calls it every hour.

    A dataset that cannot be worked on does not stop the others.
    """
    touched = 0
    for tenant in Tenant.objects.values_list("pk", flat=True):
        with tenant_scope(tenant):
            datasets = list(Dataset.objects.filter(origin=Dataset.Origin.APP).values_list("pk", flat=True))
        for dataset in datasets:
            try:
                touched += services.apply_retention(tenant=tenant, dataset_id=dataset)
            except Exception:
                logger.exception("retention of dataset %s", dataset)
    return touched


@shared_task(name="datacatalog.erase", ignore_result=True)
def erase(request: str, tenant: str) -> None:
    """Erase what an approved request found."""
    services.erase(tenant=uuid.UUID(tenant), request_id=uuid.UUID(request))


@shared_task(name="datacatalog.resume_erasures", ignore_result=True)
def resume_erasures() -> int:
    """Go on with erasures whose task was lost or whose worker died, in all tenants; how many there were."""
    found = 0
    for tenant in Tenant.objects.values_list("pk", flat=True):
        with tenant_scope(tenant):
            late = SubjectRequest.objects.filter(state__in=MOVING, touched_at__lt=timezone.now() - GRACE)
            requests = list(late.values_list("pk", flat=True))
        for request in requests:
            found += 1
            try:
                services.erase(tenant=tenant, request_id=request)
            except Exception:
                logger.exception("erasure %s", request)
    return found


@shared_task(name="datacatalog.close_forgotten", ignore_result=True)
def close_forgotten() -> int:
    """Close data subjects' requests that nobody sees to any more, in all tenants; how many there were."""
    found = 0
    for tenant in Tenant.objects.values_list("pk", flat=True):
        with tenant_scope(tenant):
            old = SubjectRequest.objects.filter(
                state=SubjectState.FOUND, touched_at__lt=timezone.now() - FORGOTTEN
            )
            requests = list(old.values_list("pk", flat=True))
            for request in requests:
                services.close_forgotten(request_id=request)
        found += len(requests)
    return found


@shared_task(name="datacatalog.read_source", ignore_result=True)
def read_source(run: str, tenant: str) -> None:
    """Read the database, or the large description, of an import that waits for it."""
    services.read_waiting(run_id=uuid.UUID(run), tenant=uuid.UUID(tenant))
