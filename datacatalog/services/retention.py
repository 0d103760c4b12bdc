"""Deletion by schedule: batch by batch, each with its proof, and again from where it was stopped (D6)."""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Protocol

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from datacatalog import disposal
from datacatalog.models import Dataset, Disposal
from datacatalog.retention import Stage, stages
from datacatalog.selectors import is_held, retention_of
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record

Delete = Callable[[datetime], list[uuid.UUID]]


class Copies(Protocol):
    """What a room above keeps of an app's records besides their table; wired in portal/wiring.py."""

    def dispose(self, dataset: uuid.UUID, fields: Sequence[str]) -> None:
        """Values of `fields`, or of all where none is named, are gone from records of `dataset`: let go of
        every copy that may hold some of them. In the transaction of the batch."""
        ...


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
            ids = delete(cutoff) if _alone(dataset.pk) and not is_held(dataset) else []
            more = len(ids) == disposal.BATCH
            if ids:
                run = run or _begin(dataset, stage, cutoff)
                _batch(run, ids)
                touched += len(ids)
            if run and not more:
                Disposal.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    return touched


def _alone(dataset: uuid.UUID) -> bool:
    """Whether no other run deletes from it; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"retention:{dataset}"])
        row = cursor.fetchone()
    return bool(row and row[0])


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


def _batch(run: Disposal, ids: Sequence[uuid.UUID]) -> None:
    """The proof: how many, and a digest by which a list of ids from elsewhere can be compared."""
    Disposal.objects.filter(pk=run.pk).update(records=F("records") + len(ids), touched_at=timezone.now())
    for path in settings.COPIES_OF_RECORDS:
        copies: Copies = import_string(path)()
        copies.dispose(run.dataset, run.fields)
    digest = hashlib.sha256("\n".join(sorted(map(str, ids))).encode()).hexdigest()
    record(
        Event.RECORDS_DISPOSED,
        by=None,
        tenant=run.tenant_id,
        app=run.app,
        dataset=run.dataset,
        obj=f"disposal:{run.pk}",
        facts={
            "fields": run.fields,
            "days": run.days,
            "cutoff": run.cutoff.isoformat(),
            "records": len(ids),
            "ids_sha256": digest,
        },
    )
