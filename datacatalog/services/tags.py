"""Tags of fields: suggested by the portal, confirmed by a person, lowered only with a reason (D2)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from datacatalog.models import Classification, Dataset, DatasetField
from datacatalog.permissions import check_confirm
from datacatalog.selectors import classifications
from identity.errors import BadInput, Missing
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
def confirm_fields(*, by: User, dataset: Dataset, tags: Sequence[Tag]) -> list[DatasetField]:
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
    DatasetField.objects.bulk_update(
        changed, ["classification", "confirmed_by", "confirmed_at", "downgrade_reason"]
    )
    _record(by, dataset, changed)
    return changed


@transaction.atomic
def confirm_suggestions(*, by: User, dataset: Dataset) -> int:
    """Confirm what is suggested for every field of the dataset that is untagged. Returns how many.

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
    return len(confirm_fields(by=by, dataset=dataset, tags=tags)) if tags else 0


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


__all__ = ["ReasonNeeded", "Tag", "confirm_fields", "confirm_suggestions", "floor_of"]
