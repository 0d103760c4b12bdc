"""Between a record's plain values and its columns: protected fields are sealed and opened, in batches."""

import base64
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from datacatalog.specs import DatasetSpec, FieldSpec, FieldType
from vault import keys

TOKEN_BYTES = 15  # 24 characters of base32 without padding


def sealed(spec: DatasetSpec, record: uuid.UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Column values for `values` (by field id): as they are, or ciphertext and blind index.

    Raises:
        KeyError: a value for a field that the spec does not have.
        KeysUnavailable: the tenant's keys are away.
    """
    return sealed_many(spec, [(record, values)])[0]


def sealed_many(
    spec: DatasetSpec, rows: Sequence[tuple[uuid.UUID, Mapping[str, Any]]]
) -> list[dict[str, Any]]:
    """Like sealed() for many records, with one look-up of the keys."""
    columns: list[dict[str, Any]] = [{} for _row in rows]
    slots: list[tuple[dict[str, Any], FieldSpec, uuid.UUID, str]] = []
    for columns_of_row, (record, values) in zip(columns, rows, strict=True):
        for name, value in values.items():
            item = spec.by_id[name]
            if not item.protected:
                columns_of_row[item.column] = value
            elif value in (None, ""):
                columns_of_row[item.column] = columns_of_row[item.index_column] = None
            else:
                slots.append((columns_of_row, item, record, to_text(value)))
    if slots:
        places = [(keys.Place(item.id, record), text) for _c, item, record, text in slots]
        boxes = keys.encrypt_many(spec.tenant, spec.app, places)
        for (columns_of_row, item, _record, text), box in zip(slots, boxes, strict=True):
            columns_of_row[item.column] = box
            columns_of_row[item.index_column] = keys.blind_index(spec.tenant, spec.id, item.id, text)
    return columns


def opened(
    spec: DatasetSpec, rows: Iterable[Mapping[str, Any]], fields: Sequence[str]
) -> dict[str, list[Any]]:
    """The plain values of `fields`, column by column, of `rows` (dicts with `id` and those columns).

    Only what is asked for is opened: leave out the fields that nobody will see.

    Raises:
        KeyError: a field that the spec does not have, or that the rows were read without.
        CannotDecrypt: a value does not belong where it was found.
        KeysUnavailable: the tenant's keys are away.
    """
    rows = list(rows)
    opened_columns: dict[str, list[Any]] = {}
    for name in fields:
        item = spec.by_id[name]
        values = [row[item.column] for row in rows]
        opened_columns[name] = _open(spec, item, rows, values) if item.protected else values
    return opened_columns


def equals(spec: DatasetSpec, field: str, value: Any) -> Q:
    """The condition that a record's `field` is `value`; by blind index if the field is protected.

    Raises:
        KeyError: no such field.
        KeysUnavailable: the tenant's keys are away.
    """
    item = spec.by_id[field]
    if not item.protected:
        return Q(**{item.column: value})
    return Q(**{item.index_column: keys.blind_index(spec.tenant, spec.id, item.id, to_text(value))})


def _open(
    spec: DatasetSpec, item: FieldSpec, rows: Sequence[Mapping[str, Any]], boxes: Sequence[Any]
) -> list[Any]:
    filled = [
        (keys.Place(item.id, row["id"]), bytes(box))
        for row, box in zip(rows, boxes, strict=True)
        if box is not None
    ]
    texts = iter(keys.decrypt_many(spec.tenant, spec.app, filled) if filled else [])
    return [None if box is None else from_text(item.type, next(texts)) for box in boxes]


def to_text(value: Any) -> str:
    """The one text of a value: what is sealed and indexed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def from_text(kind: FieldType, text: str) -> Any:
    """The value again, as the unprotected column of that type would give it."""
    match kind:
        case FieldType.INTEGER | FieldType.MONEY:
            return int(text)
        case FieldType.DATE:
            return dt.date.fromisoformat(text)
        case FieldType.DATETIME:
            return dt.datetime.fromisoformat(text)
        case FieldType.BOOLEAN:
            return text == "true"
        case _:
            return text


def tokens(spec: DatasetSpec, field: str, texts: Sequence[str]) -> list[str]:
    """One token a text: equal for equal values of this field, unrelated to those of any other.

    Keyed and one-way; not a part of the blind index that is stored, so that a token seen outside finds
    no row by itself.
    """
    digests = keys.blind_indexes(spec.tenant, spec.id, f"token:{field}", texts)
    return ["tok_" + base64.b32encode(digest[:TOKEN_BYTES]).decode().lower() for digest in digests]
