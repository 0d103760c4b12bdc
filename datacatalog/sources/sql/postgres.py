"""PostgreSQL by its own catalog: one query for all columns, in a read-only transaction with a time-out."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import psycopg
from psycopg import sql

from datacatalog.problems import BrokenFile, Problem
from datacatalog.sources.base import MAX_NAME, Source, SourceField, SourceObject
from datacatalog.sources.odcs import field_type
from datacatalog.sources.sql.address import LONGEST, SAMPLES, Address, Tell

CONNECT_SECONDS = 10
STATEMENT_MS = 10_000
_OPTIONS = f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_MS} -c lock_timeout=1000"
_COLUMNS = """
SELECT n.nspname, c.relname, obj_description(c.oid, 'pg_class'), a.attname,
       format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(c.oid, a.attnum)
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
   AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
   AND (%(schema)s = '' OR n.nspname = %(schema)s)
 ORDER BY n.nspname, c.relname, a.attnum
"""
Row = tuple[str, str, str | None, str, str, bool, str | None]


def read(address: Address, reached: str, *, samples: bool, tell: Tell) -> Source:
    """All tables and views that the login may read; `reached` is the address that was checked.

    Raises:
        BrokenFile: as sql.read().
    """
    try:
        with _connect(address, reached) as connection:
            rows: Sequence[Row] = connection.execute(_COLUMNS, {"schema": address.schema}).fetchall()
            tables = [(key, list(group)) for key, group in groupby(rows, key=lambda row: row[:2])]
            objects = []
            for done, ((schema, name), columns) in enumerate(tables, 1):
                values = _samples(connection, schema, name, columns) if samples else {}
                objects.append(_object(schema, name, columns, values))
                tell(done, len(tables))
            connection.rollback()
    except psycopg.errors.QueryCanceled:
        raise BrokenFile([Problem("database_slow")]) from None
    except (psycopg.errors.InvalidPassword, psycopg.errors.InvalidAuthorizationSpecification):
        raise BrokenFile([Problem("database_login")]) from None
    except psycopg.Error as error:  # its text may hold the address; ours does not
        denied = "password" in str(error) or "authentication" in str(error) or "role" in str(error)
        raise BrokenFile([Problem("database_login" if denied else "database_away")]) from None
    return Source(id=address.id, version="", name=address.database, objects=tuple(objects))


def _connect(address: Address, reached: str) -> "psycopg.Connection[Any]":
    where = {"host": address.host} if reached.startswith("/") else {"host": address.host, "hostaddr": reached}
    connection = psycopg.connect(
        **where,  # type: ignore[arg-type]
        port=address.port or 5432,
        dbname=address.database,
        user=address.user,
        password=address.password or None,
        connect_timeout=CONNECT_SECONDS,
        application_name="microapps data catalog",
        options=_OPTIONS,
        passfile="/dev/null",  # never the machine's own logins
        prepare_threshold=None,
    )
    connection.read_only = True
    return connection


def _samples(
    connection: "psycopg.Connection[Any]", schema: str, name: str, columns: Sequence[Row]
) -> dict[str, list[str]]:
    """The beginnings of a few rows; none where the login may not read them."""
    wanted = [row[3] for row in columns if row[4] != "bytea"]
    if not wanted:
        return {}
    parts = [sql.SQL("left({}::text, {})").format(sql.Identifier(one), LONGEST) for one in wanted]
    query = sql.SQL("SELECT {} FROM {}.{} LIMIT {}").format(
        sql.SQL(", ").join(parts), sql.Identifier(schema), sql.Identifier(name), SAMPLES
    )
    try:
        with connection.transaction():
            rows = connection.execute(query).fetchall()
    except psycopg.Error:
        return {}
    return {one: [row[n] for row in rows if row[n]] for n, one in enumerate(wanted)}


def _object(schema: str, name: str, columns: Sequence[Row], values: dict[str, list[str]]) -> SourceObject:
    full = name if schema == "public" else f"{schema}.{name}"
    return SourceObject(
        name=full[:MAX_NAME],
        title=full[:MAX_NAME],
        description=columns[0][2] or "",
        fields=tuple(
            SourceField(
                name=column,
                label=column,
                description=comment or "",
                type=field_type({"name": column, "physicalType": kind}),
                source_type=kind[:100],
                required=needed,
                examples=tuple(values.get(column, ())),
            )
            for _schema, _table, _about, column, kind, needed, comment in columns
        ),
    )
