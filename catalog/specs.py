"""From a manifest to the specs that datacatalog makes tables and models of.

Whether a field is stored encrypted is said by its class when it first goes live, and stays so with the table
(docs/adr/0041-app-tables.md): a class that is edited later changes who sees what, never how it is stored.
"""

import uuid
from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from catalog import manifest as m
from catalog.models import AppVersion
from catalog.vocabulary import Vocabulary
from datacatalog.services.apps import AppField
from datacatalog.specs import DatasetSpec, FieldSpec, FieldType
from identity.errors import BadInput

# what lists are filtered by; each index costs a write
_INDEXED = {"choice", "date"}


def dataset_id(app_id: uuid.UUID, key: str) -> uuid.UUID:
    """The id of an app's dataset: the same in every version, so that its table stays."""
    return uuid.uuid5(app_id, key)


def specs(
    manifest: m.Manifest, *, app_id: uuid.UUID, tenant: uuid.UUID, number: int, sealed: Collection[str]
) -> list[DatasetSpec]:
    """One spec for each dataset; the fields in `sealed` are stored encrypted."""
    return [
        DatasetSpec(
            id=dataset_id(app_id, one.key),
            tenant=tenant,
            app=app_id,
            version=number,
            fields=_fields(one, sealed),
        )
        for one in manifest.datasets
    ]


def to_seal(manifest: m.Manifest, *, app_id: uuid.UUID, words: Vocabulary) -> list[str]:
    """The ids of the fields that `manifest`, as the app's next version, stores encrypted.

    A field that is stored already stays as it is: what was encrypted once is not stored in clear again.

    Raises:
        BadInput: a field that is stored in clear is of a protected class by now.
    """
    stored = stored_fields(app_id)
    for field in manifest.fields():
        if stored.get(field.id) is False and is_protected(field, words):
            raise BadInput(
                _(
                    "“%(field)s” is stored unencrypted, and its classification asks for encryption by now. "
                    "Remove the field and add a new one for it."
                )
                % {"field": field.label}
            )
    return [field.id for field in manifest.fields() if stored.get(field.id, is_protected(field, words))]


def stored_fields(app_id: uuid.UUID) -> Mapping[str, bool]:
    """The fields that the app's tables hold, by id: whether encrypted."""
    rows = AppVersion.objects.filter(app=app_id, live_at__isnull=False).order_by("number")
    return {field.id: field.id in row.encrypted for row in rows for field in row.parsed.fields()}


def is_protected(field: m.Field, words: Vocabulary) -> bool:
    """Whether the field's class asks for encryption now. One that the tenant does not know does."""
    known = words.classifications.get(field.classification)
    return known is None or known.protected


def published(dataset: m.Dataset) -> list[AppField]:
    """The dataset's fields as the data catalog describes them."""
    return [
        AppField(
            id=field.id,
            label=field.label,
            type=FieldType(field.type),
            classification=field.classification,
            residency=field.residency,
            purpose=field.purpose[:400],
            retention_days=field.retention_days,
            required=field.required,
            suggestion={"classification": field.suggestion.classification} if field.suggestion else {},
            downgrade_reason=field.downgrade_reason[:400],
            source=_id(field.source.field) if field.source else None,
        )
        for field in dataset.fields
    ]


def _id(text: str) -> uuid.UUID | None:
    """None for what another installation, or a hand, has written into the manifest."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _fields(dataset: m.Dataset, sealed: Collection[str]) -> tuple[FieldSpec, ...]:
    return tuple(
        FieldSpec(
            id=field.id,
            type=FieldType(field.type),
            protected=field.id in sealed,
            required=field.required,
            indexed=field.type in _INDEXED and field.id not in sealed,
        )
        for field in dataset.fields
    )
