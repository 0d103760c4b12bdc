"""Deletion by schedule: batch by batch, each with its proof, and again from where it was stopped (D6)."""

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils import timezone

from datacatalog import disposal
from datacatalog.models import Dataset, Disposal
from datacatalog.retention import Stage, stages
from datacatalog.selectors import is_held, retention_of
from datacatalog.services import disposals
from identity.tenancy import tenant_scope

Delete = Callable[[datetime], list[uuid.UUID]]


def apply_retention(*, tenant: uuid.UUID, dataset_id: uuid.UUID) -> int:
    """Delete what is due in an app's dataset; how many records were touched.

    Call it outside of any transaction: each batch commits with its event, so that one that is killed has done
    what it says and the next goes on. Two at once do no harm: the second finds the lock taken and leaves.
    """
    with tenant_scope(tenant):
        dataset = Dataset.objects.get(pk=dataset_id)
        plan = stages(retention_of(dataset))
        now = timezone.now()
    return sum(_stage(dataset, stage, stage.cutoff(now)) for stage in plan)


def _stage(dataset: Dataset, stage: Stage, cutoff: datetime) -> int:
    if stage.fields:
        delete: Delete = partial(disposal.clear_values, dataset.pk, stage.fields)
    else:
        delete = partial(disposal.delete_records, dataset.pk)
    run: Disposal | None = None
    touched, more = 0, True
    while more:
        with tenant_scope(dataset.tenant_id):
            ids = delete(cutoff) if disposals.alone(dataset.pk) and not is_held(dataset) else []
            more = len(ids) == disposal.BATCH
            if ids:
                run = run or _begin(dataset, stage, cutoff)
                disposals.note_batch(run, ids)
                touched += len(ids)
            if run and not more:
                Disposal.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    return touched


def _begin(dataset: Dataset, stage: Stage, cutoff: datetime) -> Disposal:
    return Disposal.objects.create(
        tenant_id=dataset.tenant_id,
        dataset=dataset.pk,
        dataset_title=dataset.title,
        app=dataset.app,
        fields=list(stage.fields),
        days=stage.days,
        cutoff=cutoff,
    )
