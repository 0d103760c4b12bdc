"""Tables of live apps' data, in the schema `apps`: the only module that makes, alters or drops them.

One table a dataset, typed columns named by field id, walled by tenant like every other table. All of it
runs as the role portal_apps_ddl in one transaction of its own: killed at any point it leaves what was
there before, and run again it finishes. Changes only add, since two versions of an app may be live:
docs/adr/0041-app-tables.md.
"""

import hashlib
import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _
from psycopg import errors as pg
from psycopg import sql

from datacatalog.specs import DatasetSpec, FieldSpec, FieldType, table_of
from identity.errors import Conflict, Unavailable
from identity.walls import TENANT

ALIAS = "apps_ddl"
SCHEMA = "apps"
WRITER = "portal_app"
LOCK_TIMEOUT = "100ms"  # a waiting ALTER stalls every reader that comes after it
TRIES = 40
# Clear texts by which a person is found (finding.py)
FOUND_BY = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE})
# A value that is stored in clear, as vault.keys.normalise has it for one that is sealed. A stored column,
# since row-level security lets no index on an expression help: casefold() is not leakproof
NORMAL = (
    "casefold(btrim(regexp_replace(normalize({column}, NFKC) COLLATE pg_unicode_fast, '\\s+', ' ', 'g')))"
)
MAX_PAUSE_SECONDS = 0.5

_PG_TYPES = {
    FieldType.TEXT: "text",
    FieldType.LONG_TEXT: "text",
    FieldType.EMAIL: "text",
    FieldType.PHONE: "text",
    FieldType.URL: "text",
    FieldType.CHOICE: "text",
    FieldType.INTEGER: "bigint",
    FieldType.MONEY: "bigint",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamp with time zone",
    FieldType.BOOLEAN: "boolean",
}


class TypeChanged(Conflict):
    """A field would change the type of its column; it needs a new field id."""


class TableBusy(Unavailable):
    """Others held the table for longer than a change may wait for it."""


def ensure_table(spec: DatasetSpec) -> bool:
    """Make the dataset's table, or add the columns and indexes that it lacks. True if anything changed.

    Commits by itself on the connection `apps_ddl`. Columns that the spec no longer names stay.

    Raises:
        TypeChanged: a column is there with another type; nothing was changed.
        TableBusy: the locks were not to be had; nothing was changed.
    """
    return _retried(spec, lambda cursor: _ensure(cursor, spec))


def drop_table(spec: DatasetSpec) -> bool:
    """Drop the dataset's table with all its records. True if there was one.

    Raises:
        TableBusy: the locks were not to be had; nothing was changed.
    """

    def drop(cursor: CursorWrapper) -> bool:
        existed = bool(_columns(cursor, spec.table))
        _run(cursor, "DROP TABLE IF EXISTS {table}", spec)
        return existed

    return _retried(spec, drop)


def _retried(spec: DatasetSpec, work: Callable[[CursorWrapper], bool]) -> bool:
    """Do `work` in one transaction under the dataset's lock, again if a lock was not free."""
    for attempt in range(TRIES):
        try:
            with _locked(spec) as cursor:
                return work(cursor)
        except OperationalError as error:
            if not isinstance(error.__cause__, pg.LockNotAvailable | pg.DeadlockDetected):
                raise
        pause = min(MAX_PAUSE_SECONDS, 0.02 * 1.5**attempt)
        time.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - jitter, not a secret
    raise TableBusy(_("The app's data is in use. Try again in a moment."))


@contextmanager
def _locked(spec: DatasetSpec) -> Iterator[CursorWrapper]:
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [spec.table])
        yield cursor


def _ensure(cursor: CursorWrapper, spec: DatasetSpec) -> bool:
    have = _columns(cursor, spec.table)
    wanted = _wanted(spec)
    _refuse_type_changes(have, wanted)
    if not have:
        _create(cursor, spec)
    missing = [name for name in wanted if name not in have]
    if missing:
        add = sql.SQL("ADD COLUMN {} {}")
        adds = [add.format(sql.Identifier(name), sql.SQL(wanted[name])) for name in missing]
        # nullable, no default: neither rewrites the table nor breaks the older version's writers
        _run(cursor, "ALTER TABLE {table} {adds}", spec, adds=sql.SQL(", ").join(adds))
    if not have:
        _add_normal(cursor, spec)
    indexes = _make_indexes(cursor, spec)
    return bool(missing) or not have or indexes


def _create(cursor: CursorWrapper, spec: DatasetSpec) -> None:
    tenant = sql.Literal(str(spec.tenant))
    _run(
        cursor,
        """
        CREATE TABLE {table} (
            id uuid PRIMARY KEY DEFAULT uuidv7(),
            tenant_id uuid NOT NULL CHECK (tenant_id = {tenant}::uuid),
            created_at timestamptz NOT NULL DEFAULT now(),
            created_by uuid,
            updated_at timestamptz NOT NULL DEFAULT now()
        )""",
        spec,
        tenant=tenant,
    )
    _run(cursor, "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", spec)
    _run(cursor, "ALTER TABLE {table} FORCE ROW LEVEL SECURITY", spec)
    wall = f"(tenant_id = {TENANT})"
    _run(cursor, f"CREATE POLICY tenant_wall ON {{table}} USING {wall} WITH CHECK {wall}", spec)
    _run(cursor, "REVOKE ALL ON {table} FROM PUBLIC", spec)
    _run(
        cursor, "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}", spec, role=sql.Identifier(WRITER)
    )


def _add_normal(cursor: CursorWrapper, spec: DatasetSpec) -> None:
    """In a new table alone: later it would be written anew, with everybody waiting. Without it a search reads
    the table."""
    add = sql.SQL("ADD COLUMN {} text GENERATED ALWAYS AS ({}) STORED")
    texts = [item for item in spec.fields if not item.protected and item.type in FOUND_BY]
    adds = [add.format(sql.Identifier(item.find_column), normal(item)) for item in texts]
    if adds:
        _run(cursor, "ALTER TABLE {table} {adds}", spec, adds=sql.SQL(", ").join(adds))


def normal(item: FieldSpec) -> sql.Composed:
    """The expression for the form by which a clear text is compared."""
    return sql.SQL(NORMAL).format(column=sql.Identifier(item.column))


def _make_indexes(cursor: CursorWrapper, spec: DatasetSpec) -> bool:
    """The newest first for lists, protected fields by blind index, others where the spec asks."""
    cursor.execute(
        "SELECT indexname FROM pg_indexes WHERE schemaname = %s AND tablename = %s", [SCHEMA, spec.table]
    )
    have = {row[0] for row in cursor.fetchall()}
    known = _columns(cursor, spec.table)
    changed = False
    for columns in _indexed(spec):
        name = _index_name(spec, columns)
        if name in have or not known.keys() >= set(columns):
            continue
        listed = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
        _run(
            cursor,
            "CREATE INDEX {name} ON {table} ({columns})",
            spec,
            name=sql.Identifier(name),
            columns=listed,
        )
        changed = True
    return changed


def _indexed(spec: DatasetSpec) -> Iterator[tuple[str, ...]]:
    yield ("tenant_id", "created_at", "id")
    for item in spec.fields:
        if item.protected:
            yield (item.index_column,)
        elif item.indexed:
            yield (item.column, "id")
        elif item.type in FOUND_BY:
            yield (item.find_column,)


def _index_name(spec: DatasetSpec, columns: tuple[str, ...]) -> str:
    """Names of tables and fields together are longer than the 63 bytes that PostgreSQL keeps."""
    return "ix_" + hashlib.sha256("|".join([spec.table, *columns]).encode()).hexdigest()[:40]


def _wanted(spec: DatasetSpec) -> dict[str, str]:
    """Column -> type as format_type() spells it."""
    wanted: dict[str, str] = {}
    for item in spec.fields:
        wanted[item.column] = _pg_type(item)
        if item.protected:
            wanted[item.index_column] = "bytea"
    return wanted


def _pg_type(item: FieldSpec) -> str:
    return "bytea" if item.protected else _PG_TYPES[item.type]


def columns_of(dataset: uuid.UUID) -> frozenset[str]:
    """The columns of the dataset's table, as everybody may read them; none if there is no table."""
    with connection.cursor() as cursor:
        return frozenset(_columns(cursor, table_of(dataset)))


def _columns(cursor: CursorWrapper, table: str) -> dict[str, str]:
    """What the table has; empty if there is none."""
    cursor.execute(
        """
        SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
        """,
        [f"{SCHEMA}.{table}"],
    )
    return dict(cursor.fetchall())


def _refuse_type_changes(have: dict[str, str], wanted: dict[str, str]) -> None:
    for name, kind in wanted.items():
        if have.get(name, kind) != kind:
            raise TypeChanged(
                _(
                    "Field %(field)s is stored as %(have)s and cannot become %(wanted)s. "
                    "Add a new field for the new type and leave this one as it is."
                )
                % {"field": name, "have": have[name], "wanted": kind}
            )


def _run(cursor: CursorWrapper, statement: str, spec: DatasetSpec, **parts: sql.Composable) -> None:
    """One statement; every name in it is quoted."""
    table = sql.Identifier(SCHEMA, spec.table)
    query = sql.SQL(statement).format(table=table, **parts)
    cursor.execute(query.as_string(cursor.connection))
