"""Rows of one dataset of a live app, sealed on the way in and opened on the way out. Decides nothing:
the gateway does, and it alone comes here (.importlinter)."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from psycopg import sql

from catalog.manifest import FieldType
from datacatalog import masking, sealing
from datacatalog.records import Record, model_of
from datacatalog.tables import SCHEMA
from identity.errors import Missing
from identity.tenancy import tenant_scope
from runtime.fields import form_field
from runtime.live import LiveApp, LiveDataset, LiveField

Row = Mapping[str, Any]
Masks = Mapping[str, masking.Method]

PAGE_SIZE = 25
MOST_COUNTED = 10_000  # beyond it nobody turns pages; counting on would cost every reader
BATCH = 1000
_SEARCHED = frozenset(
    {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.CHOICE}
)


@dataclass(frozen=True)
class Query:
    """What a list shows: rows that hold `text`, ordered by the field `sort` ("" is newest first)."""

    text: str = ""
    sort: str = ""
    descending: bool = False
    page: int = 1


@dataclass(frozen=True)
class Found:
    """A page of rows; `count` stops at MOST_COUNTED, which `capped` tells."""

    rows: Sequence[Row]
    count: int
    capped: bool
    page: int


def on(live: LiveApp) -> AbstractContextManager[None]:
    """The tenant, on the database that holds the app's records."""
    return nullcontext() if live.database == "default" else tenant_scope(live.tenant, using=live.database)


def find(
    live: LiveApp,
    dataset: LiveDataset,
    query: Query,
    fields: Sequence[LiveField],
    masks: Masks,
    searched: Sequence[LiveField],
) -> Found:
    """The rows of one page: two queries, however many rows there are.

    Only the fields `searched` are looked into; of what is masked nothing is told by order or by part.
    """
    rows = _rows(live, dataset)
    if query.text:
        rows = rows.filter(_matches(dataset, query.text, searched, masks))
    with on(live):
        count = rows.order_by()[: MOST_COUNTED + 1].count()
        capped = count > MOST_COUNTED
        count = min(count, MOST_COUNTED)
        page = max(1, min(query.page, -(-count // PAGE_SIZE)))
        start = (page - 1) * PAGE_SIZE
        ordered = _ordered(rows, dataset, query, masks)
        listed = ordered.values("id", "created_at", *(item.column for item in fields))
        return Found(list(listed[start : start + PAGE_SIZE]), count, capped, page)


def get(live: LiveApp, dataset: LiveDataset, record: uuid.UUID, fields: Sequence[LiveField]) -> Row:
    """One row.

    Raises:
        Missing: there is none.
    """
    columns = ("id", "created_at", "created_by", "updated_at", *(item.column for item in fields))
    with on(live):
        row = _rows(live, dataset).filter(pk=record).values(*columns).first()
    if row is None:
        raise Missing(_("There is no such record; it may have been deleted."))
    return row


def lock(live: LiveApp, dataset: LiveDataset, record: uuid.UUID) -> Record:
    """One row to be changed in the open transaction.

    Raises:
        Missing: there is none.
    """
    rows = _rows(live, dataset).select_for_update().only("id", "created_at", "updated_at")
    row = rows.filter(pk=record).first()
    if row is None:
        raise Missing(_("There is no such record; it may have been deleted."))
    return row


def insert(
    live: LiveApp, dataset: LiveDataset, record: uuid.UUID, values: Mapping[str, Any], by: uuid.UUID
) -> bool:
    """Store a new row under the id `record`; False if this person has stored it before."""
    row = model_of(dataset.spec)(id=record, tenant_id=live.tenant, created_by=by)
    for column, value in sealing.sealed(dataset.spec, record, values).items():
        setattr(row, column, value)
    try:
        with transaction.atomic(using=live.database):
            row.save(force_insert=True, using=live.database)
    except IntegrityError:
        if not _rows(live, dataset).filter(pk=record, created_by=by).exists():
            raise
        return False
    return True


def update(live: LiveApp, dataset: LiveDataset, row: Record, values: Mapping[str, Any]) -> None:
    """Store `values` in a locked row; other fields stay."""
    columns = sealing.sealed(dataset.spec, row.pk, values)
    for column, value in columns.items():
        setattr(row, column, value)
    row.save(using=live.database, update_fields=[*columns, "updated_at"])


def delete(live: LiveApp, row: Record) -> None:
    """Remove a locked row."""
    row.delete(using=live.database)


def stream(
    live: LiveApp, dataset: LiveDataset, fields: Sequence[LiveField], masks: Masks
) -> Iterator[list[list[Any]]]:
    """What may leave of all rows, oldest first, column by column in batches.

    From a cursor of the server, in its binary protocol: one snapshot, little memory, and no object a row.
    What is hidden is not even fetched.
    """
    columns = sql.SQL(", ").join(_fetched(item, masks) for item in fields)
    query = sql.SQL("SELECT id::text AS record, {} FROM {} ORDER BY created_at, id").format(
        columns, sql.Identifier(SCHEMA, dataset.spec.table)
    )
    connections[live.database].ensure_connection()
    with connections[live.database].connection.cursor(f"export_{uuid.uuid4().hex}", binary=True) as cursor:
        cursor.execute(query)
        with ThreadPoolExecutor(max_workers=1) as ahead:  # the database makes the next batch meanwhile
            coming = ahead.submit(cursor.fetchmany, BATCH)
            while rows := coming.result():
                coming = ahead.submit(cursor.fetchmany, BATCH)
                records, *stored = zip(*rows, strict=True)
                yield _leaving(dataset, fields, masks, records, stored)


def _fetched(item: LiveField, masks: Masks) -> sql.Composable:
    column = sql.Identifier(item.column)
    if masks.get(item.id) is masking.Method.HIDE:
        return sql.SQL("CASE WHEN {} IS NOT NULL THEN {} END").format(column, sql.Literal(masking.DOTS))
    return column


def _leaving(
    dataset: LiveDataset,
    fields: Sequence[LiveField],
    masks: Masks,
    records: Sequence[str],
    stored: Sequence[Sequence[Any]],
) -> list[list[Any]]:
    columns = {item.id: values for item, values in zip(fields, stored, strict=True)}
    hidden = {name for name, method in masks.items() if method is masking.Method.HIDE}
    shown = {name: values for name, values in columns.items() if name not in hidden}
    owners = [record.encode() for record in records]
    columns |= sealing.opened_columns(dataset.spec, owners, shown)
    masked = _masked(dataset, columns, fields, {name: masks[name] for name in masks if name not in hidden})
    return [masked[item.id] for item in fields]


def rows_of(live: LiveApp, dataset: LiveDataset) -> QuerySet[Record]:
    """All rows, for counting by fields that are not protected."""
    return _rows(live, dataset).order_by()


def values_of(
    dataset: LiveDataset, rows: Sequence[Row], fields: Sequence[LiveField], masks: Masks
) -> dict[str, list[Any]]:
    """Column by column what may leave: opened, then masked. What is hidden is never opened."""
    hidden = [item for item in fields if masks.get(item.id) is masking.Method.HIDE]
    shown = [item.id for item in fields if item not in hidden]
    columns = sealing.opened(dataset.spec, rows, shown)
    for item in hidden:
        columns[item.id] = [None if row[item.column] is None else masking.DOTS for row in rows]
    return _masked(dataset, columns, fields, {name: masks[name] for name in masks if name in shown})


def _masked(
    dataset: LiveDataset, columns: Mapping[str, Sequence[Any]], fields: Sequence[LiveField], masks: Masks
) -> dict[str, list[Any]]:
    obligations = [{"field": name, "method": method.value} for name, method in masks.items()]
    kinds = {item.id: item.mask_kind for item in fields}
    return masking.apply(columns, obligations, kinds, _tokens(dataset))


def _tokens(dataset: LiveDataset) -> masking.Tokens:
    return lambda field, texts: sealing.tokens(dataset.spec, field, texts)


def _rows(live: LiveApp, dataset: LiveDataset) -> QuerySet[Record]:
    return model_of(dataset.spec)._default_manager.using(live.database)


def _ordered(rows: QuerySet[Record], dataset: LiveDataset, query: Query, masks: Masks) -> QuerySet[Record]:
    item = dataset.by_id.get(query.sort)
    if item is None or not item.plain or item.id in masks:
        return rows.order_by("-created_at", "-id")
    column = F(item.column)
    by = column.desc(nulls_last=True) if query.descending else column.asc(nulls_last=True)
    return rows.order_by(by, "-id")


def _matches(dataset: LiveDataset, text: str, fields: Iterable[LiveField], masks: Masks) -> Q:
    """Part of a plain text, or exactly the value of any other field."""
    found = Q(pk__in=[])
    for item in fields:
        if item.plain and item.id not in masks and item.type in _SEARCHED:
            found |= Q(**{f"{item.column}__icontains": text})
            continue
        try:
            value = form_field(item).clean(text)
        except ValidationError:
            continue
        if item.type != FieldType.BOOLEAN and value not in (None, ""):
            found |= sealing.equals(dataset.spec, item.id, value)
    return found
