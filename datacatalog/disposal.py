"""Deleting from an app's table, a batch at a time. Decides nothing: services/retention.py and
services/erasure.py do.

The table itself tells which fields are sealed: their blind index goes with the ciphertext. Rows that somebody
is changing are passed over; the next run finds them.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from psycopg import sql

from datacatalog.specs import table_of
from datacatalog.tables import SCHEMA, columns_of

BATCH = 1000


def clear_values(dataset: uuid.UUID, fields: Sequence[str], before: datetime) -> list[uuid.UUID]:
    """Remove the values of `fields` from up to BATCH records made before then; the records' ids."""
    columns = _columns(dataset, fields)
    if not columns:
        return []
    filled = sql.SQL(" OR ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in columns)
    return _run(dataset, _emptying(dataset, columns), sql.SQL("AND ({})").format(filled), before)


def delete_records(dataset: uuid.UUID, before: datetime) -> list[uuid.UUID]:
    """Delete up to BATCH records made before then; their ids."""
    if not columns_of(dataset):
        return []
    return _run(dataset, _deleting(dataset), sql.SQL(""), before)


def remove(dataset: uuid.UUID, records: Sequence[uuid.UUID], fields: Sequence[str]) -> None:
    """Empty `fields` of these records, or delete them where no field is named."""
    columns = _columns(dataset, fields)
    change = _emptying(dataset, columns) if columns else _deleting(dataset)
    query = change + sql.SQL(" WHERE id = ANY(%s::uuid[])")
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection), [list(records)])


def _columns(dataset: uuid.UUID, fields: Sequence[str]) -> list[str]:
    have = columns_of(dataset)
    return [name for field in fields for name in (field, f"{field}_bidx") if name in have]


def _emptying(dataset: uuid.UUID, columns: Sequence[str]) -> sql.Composed:
    emptied = sql.SQL(", ").join(sql.SQL("{} = NULL").format(sql.Identifier(name)) for name in columns)
    return sql.SQL("UPDATE {table} SET {emptied}, updated_at = now()").format(
        table=_table(dataset), emptied=emptied
    )


def _deleting(dataset: uuid.UUID) -> sql.Composed:
    return sql.SQL("DELETE FROM {}").format(_table(dataset))


def _run(
    dataset: uuid.UUID, change: sql.Composable, also: sql.Composable, before: datetime
) -> list[uuid.UUID]:
    # materialized, or the planner may look for the due rows again for each row and pass the limit
    query = sql.SQL(
        "WITH due AS MATERIALIZED (SELECT id FROM {table} WHERE created_at < %s {also}"
        " ORDER BY created_at, id LIMIT %s FOR UPDATE SKIP LOCKED)"
        " {change} WHERE id IN (SELECT id FROM due) RETURNING id"
    ).format(table=_table(dataset), also=also, change=change)
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection), [before, BATCH])
        return [row[0] for row in cursor.fetchall()]


def _table(dataset: uuid.UUID) -> sql.Identifier:
    return sql.Identifier(SCHEMA, table_of(dataset))
