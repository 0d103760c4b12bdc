"""Work of this room that nobody waits for."""

import logging

from celery import shared_task

from datacatalog import services
from datacatalog.models import Dataset
from identity.models import Tenant
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)


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
