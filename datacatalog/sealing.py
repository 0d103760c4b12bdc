"""Between a record's plain values and its columns: protected fields are sealed and opened, in batches."""

import base64
import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from datacatalog.specs import DatasetSpec, FieldSpec, FieldType
from vault import keys

TEXTS = frozenset(FieldType) - {
    FieldType.INTEGER,
    FieldType.MONEY,
    FieldType.DATE,
    FieldType.DATETIME,
    FieldType.BOOLEAN,
}
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
    columns = {name: [row[spec.by_id[name].column] for row in rows] for name in fields}
    return opened_columns(spec, [str(row["id"]).encode() for row in rows], columns)


def opened_columns(
    spec: DatasetSpec, records: Sequence[bytes], columns: Mapping[str, Sequence[Any]]
) -> dict[str, list[Any]]:
    """Like opened(), from columns (by field id) of the records whose ids, as ASCII text, are `records`."""
    return {
        name: _open(spec, spec.by_id[name], records, stored) if spec.by_id[name].protected else list(stored)
        for name, stored in columns.items()
    }


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


def _open(spec: DatasetSpec, item: FieldSpec, records: Sequence[bytes], stored: Sequence[Any]) -> list[Any]:
    gaps = None in stored
    filled = [one for one in zip(records, stored, strict=True) if one[1] is not None] if gaps else []
    if gaps and not filled:
        return list(stored)
    owners, boxes = zip(*filled, strict=True) if gaps else (records, stored)
    texts = keys.decrypt_column(spec.tenant, spec.app, item.id, owners, list(map(bytes, boxes)))
    values = texts if item.type in TEXTS else [from_text(item.type, text) for text in texts]
    rest = iter(values)
    return [None if box is None else next(rest) for box in stored] if gaps else values


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
