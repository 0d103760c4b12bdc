"""Tags of fields: suggested by the portal, confirmed by a person, lowered only with a reason (D2)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from datacatalog.models import Classification, Dataset, DatasetField, TagBatch
from datacatalog.permissions import can_import, check_confirm
from datacatalog.selectors import classifications
from datacatalog.suggest.words import squash
from identity.errors import BadInput, Conflict, Missing, NotAllowed
from identity.models import User
from ledger.events import Event
from ledger.log import record

MAX_REASON = 400


@dataclass(frozen=True)
class Tag:
    """What a person decides for one field."""

    field: uuid.UUID
    classification: str
    reason: str = ""


class ReasonNeeded(BadInput):
    """The tag is lower than what was suggested or confirmed, and nobody said why."""


@transaction.atomic
def confirm_fields(
    *, by: User, dataset: Dataset, tags: Sequence[Tag], batch: TagBatch | None = None
) -> list[DatasetField]:
    """Tag fields of one dataset. Each downgrade needs its reason and is an event of its own.

    Raises:
        NotAllowed: the person may not tag.
        Missing: a field is not of this dataset.
        BadInput: a classification is not known.
        ReasonNeeded: a downgrade without a reason; nothing was tagged.
    """
    check_confirm(by, dataset)
    known = classifications()
    ids = [tag.field for tag in tags]
    rows = dataset.fields.select_for_update(of=("self",)).select_related("classification").filter(pk__in=ids)
    fields = {row.pk: row for row in rows}
    changed = [_tag(fields.get(tag.field), tag, known, by) for tag in tags]
    for row in changed:
        row.batch = batch
    DatasetField.objects.bulk_update(
        changed, ["classification", "confirmed_by", "confirmed_at", "downgrade_reason", "batch"]
    )
    _record(by, dataset, changed)
    return changed


@transaction.atomic
def confirm_suggestions(*, by: User, dataset: Dataset) -> TagBatch | None:
    """Confirm what is suggested for every field of the dataset that is untagged; None if there is none.

    Raises:
        NotAllowed: the person may not tag.
    """
    check_confirm(by, dataset)
    known = classifications()
    rows = dataset.fields.filter(classification=None, in_source=True)
    tags = [
        Tag(row.pk, row.suggestion["classification"])
        for row in rows
        if row.suggestion.get("classification") in known
    ]
    if not tags:
        return None
    batch = TagBatch.objects.create(tenant_id=by.tenant_id, by=by, count=len(tags))
    confirm_fields(by=by, dataset=dataset, tags=tags, batch=batch)
    return batch


def alike(*, by: User, field: DatasetField) -> list[DatasetField]:
    """The untagged fields that the tag of `field` would do for: of its name and type, none of a higher class.

    Of the whole tenant for who may tag by a role, else of the same dataset.
    """
    if field.classification is None:
        return []
    known = classifications()
    rows = DatasetField.objects.filter(classification=None, in_source=True, type=field.type)
    if not can_import(by):
        rows = rows.filter(dataset_id=field.dataset_id)
    wanted = _leaf(field.name)
    ids = [key for key, name in rows.values_list("pk", "name") if _leaf(name) == wanted]
    found = DatasetField.objects.filter(pk__in=ids).select_related("dataset", "classification")
    level = field.classification.level
    return [row for row in found.order_by("dataset__title", "pk") if floor_of(row, known) <= level]


def _leaf(name: str) -> str:
    return squash(name.rpartition(".")[2])


@transaction.atomic
def confirm_alike(*, by: User, dataset: Dataset, field: DatasetField) -> TagBatch | None:
    """Give the tag of `field` to all that are alike; None if there are none.

    Raises:
        NotAllowed: the person may not tag.
        Missing: the field is not of this dataset.
    """
    check_confirm(by, dataset)
    if field.dataset_id != dataset.pk:
        raise Missing(_("There is no such field in this dataset."))
    rows = alike(by=by, field=field)
    if not rows or field.classification is None:
        return None
    batch = TagBatch.objects.create(tenant_id=by.tenant_id, by=by, count=len(rows))
    code = field.classification.code
    for _id, group in groupby(rows, key=lambda row: row.dataset_id):
        found = list(group)
        tags = [Tag(row.pk, code) for row in found]
        confirm_fields(by=by, dataset=found[0].dataset, tags=tags, batch=batch)
    return batch


@transaction.atomic
def undo_batch(*, by: User, batch: TagBatch) -> int:
    """Make untagged again what was tagged together and not tagged since. Returns how many.

    Raises:
        NotAllowed: somebody else tagged them.
        Conflict: it was taken back already.
    """
    batch = TagBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.by_id != by.pk:
        raise NotAllowed(_("Who tagged these fields takes it back. Change single tags instead."))
    if batch.undone_at is not None:
        raise Conflict(_("This was taken back already."))
    rows = DatasetField.objects.select_for_update().filter(batch=batch)
    ids = list(rows.values_list("pk", flat=True))
    DatasetField.objects.filter(pk__in=ids).update(
        classification=None, confirmed_by=None, confirmed_at=None, downgrade_reason="", batch=None
    )
    batch.undone_at, batch.undone_by = timezone.now(), by
    batch.save(update_fields=["undone_at", "undone_by"])
    record(Event.FIELDS_UNTAGGED, by=by, obj=f"tagbatch:{batch.pk}", facts={"fields": len(ids)})
    return len(ids)


def floor_of(row: DatasetField, known: dict[str, Classification]) -> int:
    """The level below which tagging `row` is a downgrade: what is suggested, or confirmed if higher."""
    suggested = known.get(row.suggestion.get("classification", ""))
    levels = [item.level for item in (suggested, row.classification) if item is not None]
    return max(levels, default=0)


def _tag(row: DatasetField | None, tag: Tag, known: dict[str, Classification], by: User) -> DatasetField:
    if row is None:
        raise Missing(_("There is no such field in this dataset."))
    if tag.classification not in known:
        raise BadInput(_("Choose a classification for %(field)s.") % {"field": row.label})
    chosen, reason = known[tag.classification], tag.reason.strip()
    lower = chosen.level < floor_of(row, known)
    if lower and not reason:
        text = _("%(class)s is lower than what is suggested for %(field)s. Say why.")
        raise ReasonNeeded(text % {"class": chosen.label, "field": row.label})
    if len(reason) > MAX_REASON:
        raise BadInput(_("The reason is too long: %(limit)d characters at most.") % {"limit": MAX_REASON})
    row.classification = chosen
    row.confirmed_by, row.confirmed_at = by, timezone.now()
    row.downgrade_reason = reason if lower else ""
    return row


def _record(by: User, dataset: Dataset, changed: Sequence[DatasetField]) -> None:
    """The reason itself stays with the field: people write names into reasons."""
    for row in changed:
        if row.downgrade_reason and row.classification is not None:
            suggested = row.suggestion.get("classification", "")
            record(
                Event.FIELD_DOWNGRADED,
                by=by,
                dataset=dataset.pk,
                obj=f"field:{row.pk}",
                tags=[row.classification.code],
                facts={"suggested": suggested, "chosen": row.classification.code},
            )
    record(
        Event.FIELDS_CONFIRMED,
        by=by,
        dataset=dataset.pk,
        tags={row.classification.code for row in changed if row.classification},
        facts={"fields": len(changed)},
    )


__all__ = [
    "ReasonNeeded",
    "Tag",
    "alike",
    "confirm_alike",
    "confirm_fields",
    "confirm_suggestions",
    "floor_of",
    "undo_batch",
]
