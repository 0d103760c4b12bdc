"""Datasets that apps make: described here, stored by tables.py."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from datacatalog import tables
from datacatalog.models import Dataset, DatasetField
from datacatalog.selectors import classifications, fields_by_id, regions
from datacatalog.specs import DatasetSpec, FieldType
from identity.errors import BadInput
from identity.models import User
from identity.tenancy import uuid7
from ledger.events import Event
from ledger.log import record

FROM_MANIFEST = (
    "position",
    "label",
    "type",
    "required",
    "classification",
    "residency",
    "purpose",
    "retention_days",
    "suggestion",
    "downgrade_reason",
    "confirmed_by",
    "confirmed_at",
    "in_source",
    "source",
)


@dataclass(frozen=True)
class AppField:
    """One field as an app's manifest has it; the builder has confirmed its tag by submitting."""

    id: str
    label: str
    type: FieldType
    classification: str
    residency: str = ""
    purpose: str = ""
    retention_days: int | None = None
    required: bool = False
    suggestion: dict[str, Any] = field(default_factory=dict, hash=False)
    downgrade_reason: str = ""
    source: uuid.UUID | None = None


@transaction.atomic
def publish_app_dataset(
    *,
    by: User,
    app: uuid.UUID,
    name: str,
    title: str,
    region: str,
    fields: Sequence[AppField],
    dataset_id: uuid.UUID | None = None,
) -> Dataset:
    """Describe in the catalog what an app stores under `name` (the manifest's key); again, it updates.

    `dataset_id` is given by who has made the table already, under an id of its own.

    Fields that the manifest no longer has are marked, never deleted: their column is still there.

    Raises:
        BadInput: a region or classification that the tenant does not have, or another region than
            the one in which the records lie already.
    """
    places = regions()
    if region not in places:
        raise BadInput(_("There is no region “%(region)s”.") % {"region": region})
    dataset, _new = Dataset.objects.select_for_update(of=("self",)).get_or_create(
        tenant_id=by.tenant_id,
        app=app,
        name=name,
        origin=Dataset.Origin.APP,
        defaults={"id": dataset_id or uuid7(), "title": title, "region": places[region], "owner": by},
    )
    if dataset.region_id != places[region].pk:
        raise BadInput(
            _("Records of %(title)s lie in another region; moving them is a change of its own.")
            % {"title": title}
        )
    Dataset.objects.filter(pk=dataset.pk).update(title=title, changed_at=timezone.now())
    codes = _save_fields(by, dataset, fields)
    record(
        Event.DATASET_PUBLISHED, by=by, app=app, dataset=dataset.pk, tags=codes, facts={"fields": len(fields)}
    )
    dataset.title = title
    return dataset


def _save_fields(by: User, dataset: Dataset, fields: Sequence[AppField]) -> set[str]:
    known, places = classifications(), regions()
    there = fields_by_id(item.source for item in fields if item.source)
    have = {row.name: row for row in dataset.fields.all()}
    rows = []
    for position, item in enumerate(fields):
        if item.classification not in known:
            raise BadInput(_("Choose a classification for %(field)s.") % {"field": item.label})
        row = have.pop(item.id, None) or DatasetField(tenant_id=dataset.tenant_id, name=item.id)
        row.dataset, row.position, row.in_source = dataset, position, True
        row.label, row.type, row.required = item.label, item.type.value, item.required
        row.classification, row.residency = known[item.classification], places.get(item.residency)
        row.purpose, row.retention_days = item.purpose, item.retention_days
        row.suggestion, row.downgrade_reason = item.suggestion, item.downgrade_reason
        row.confirmed_by, row.confirmed_at = by, timezone.now()
        row.source = there.get(item.source) if item.source else None
        rows.append(row)
    DatasetField.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["dataset", "name"], update_fields=FROM_MANIFEST
    )
    DatasetField.objects.filter(pk__in=[row.pk for row in have.values()]).update(in_source=False)
    return {item.classification for item in fields}


@transaction.atomic
def ensure_storage(*, by: User | None, spec: DatasetSpec) -> bool:
    """Make or extend the table of an app's dataset. True if anything changed.

    The table commits by itself, since another role makes it. If this transaction fails afterwards the
    table stays as a harmless addition, and the next run finds it done.

    Raises:
        TypeChanged, TableBusy: see tables.ensure_table; nothing was changed.
    """
    changed = tables.ensure_table(spec)
    if changed:
        facts = {"version": spec.version, "fields": len(spec.fields)}
        record(
            Event.DATASET_STORAGE_CHANGED,
            by=by,
            tenant=spec.tenant,
            app=spec.app,
            dataset=spec.id,
            facts=facts,
        )
    return changed


@transaction.atomic
def drop_storage(*, by: User | None, spec: DatasetSpec) -> bool:
    """Delete the table of an app's dataset with every record in it. True if there was one.

    Raises:
        TableBusy: others hold it; nothing was deleted.
    """
    dropped = tables.drop_table(spec)
    if dropped:
        record(Event.DATASET_STORAGE_DROPPED, by=by, tenant=spec.tenant, app=spec.app, dataset=spec.id)
    return dropped
