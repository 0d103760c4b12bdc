"""From a manifest to the specs that datacatalog makes tables and models of."""

import uuid

from catalog import manifest as m
from catalog.vocabulary import Vocabulary
from datacatalog.specs import DatasetSpec, FieldSpec, FieldType

# lists are searched and sorted by these; long texts and yes/no gain nothing from an index
_INDEXED = {"text", "email", "phone", "choice", "integer", "money", "date", "datetime"}
MAX_INDEXES = 8  # each costs a write; the fields that come first matter most


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


def _fields(dataset: m.Dataset, words: Vocabulary) -> tuple[FieldSpec, ...]:
    indexed = [field.id for field in dataset.fields if field.type in _INDEXED][:MAX_INDEXES]
    return tuple(
        FieldSpec(
            id=field.id,
            type=FieldType(field.type),
            protected=_protected(field, words),
            required=field.required,
            indexed=field.id in indexed,
        )
        for field in dataset.fields
    )


def _protected(field: m.Field, words: Vocabulary) -> bool:
    known = words.classifications.get(field.classification)
    return known is None or known.protected
