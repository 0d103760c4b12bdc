"""From a manifest to the specs that datacatalog makes tables and models of."""

import uuid

from catalog import manifest as m
from catalog.vocabulary import Vocabulary
from datacatalog.services.apps import AppField
from datacatalog.specs import DatasetSpec, FieldSpec, FieldType

# what lists are filtered by; each index costs a write
_INDEXED = {"choice", "date"}


def dataset_id(app_id: uuid.UUID, key: str) -> uuid.UUID:
    """The id of an app's dataset: the same in every version, so that its table stays."""
    return uuid.uuid5(app_id, key)


def specs(
    manifest: m.Manifest, *, app_id: uuid.UUID, tenant: uuid.UUID, number: int, words: Vocabulary
) -> list[DatasetSpec]:
    """One spec for each dataset. A classification that the tenant does not know is protected."""
    return [
        DatasetSpec(
            id=dataset_id(app_id, one.key),
            tenant=tenant,
            app=app_id,
            version=number,
            fields=_fields(one, words),
        )
        for one in manifest.datasets
    ]


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
        )
        for field in dataset.fields
    ]


def _fields(dataset: m.Dataset, words: Vocabulary) -> tuple[FieldSpec, ...]:
    made = []
    for field in dataset.fields:
        protected = _protected(field, words)
        made.append(
            FieldSpec(
                id=field.id,
                type=FieldType(field.type),
                protected=protected,
                required=field.required,
                indexed=field.type in _INDEXED and not protected,
            )
        )
    return tuple(made)


def _protected(field: m.Field, words: Vocabulary) -> bool:
    known = words.classifications.get(field.classification)
    return known is None or known.protected
