"""Finding a person's records in the table of one dataset (D6): encrypted fields by blind index, others by
equal text, both through indexes. Decides nothing: services/subjects.py does.

It goes by the catalog and by what the table has, since apps that are retired still hold records. Free text is
not looked into, nor are numbers and dates that are stored in clear.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection
from psycopg import sql

from datacatalog import sealing
from datacatalog.identifiers import Identifier
from datacatalog.models import Dataset, DatasetField
from datacatalog.specs import DatasetSpec, FieldSpec, FieldType
from datacatalog.tables import FOUND_BY, SCHEMA, columns_of, normal
from vault import keys

Row = dict[str, Any]
_NEVER = {FieldType.LONG_TEXT, FieldType.BOOLEAN, FieldType.MONEY}
_CONTACTS = {FieldType.EMAIL, FieldType.PHONE}


@dataclass(frozen=True)
class Shelf:
    """A dataset as it is stored, versions of before included."""

    spec: DatasetSpec
    labels: Mapping[str, str] = field(hash=False)
    personal: frozenset[str]
    comparable: frozenset[str]  # clear texts with a column to compare by; the others are read through

    @property
    def searched(self) -> list[FieldSpec]:
        """The fields that are looked into."""
        return [
            item
            for item in self.spec.fields
            if item.type not in _NEVER and (item.protected or item.type in FOUND_BY)
        ]


def shelf_of(dataset: Dataset) -> Shelf | None:
    """How an app's dataset is stored; None where there is no table."""
    have = columns_of(dataset.pk)
    if not have or dataset.app is None:
        return None
    rows: Iterable[DatasetField] = dataset.fields.select_related("classification")
    kept = [row for row in rows if row.name in have]
    fields = tuple(
        FieldSpec(row.name, FieldType(row.type), protected=f"{row.name}_bidx" in have) for row in kept
    )
    return Shelf(
        DatasetSpec(dataset.pk, dataset.tenant_id, dataset.app, 0, fields),
        {row.name: row.label for row in kept},
        frozenset(row.name for row in kept if _is_personal(row)),
        frozenset(item.id for item in fields if item.find_column in have),
    )


def _is_personal(row: DatasetField) -> bool:
    """What nobody has tagged is taken for personal."""
    return row.classification is None or row.classification.personal or FieldType(row.type) in _CONTACTS


@dataclass(frozen=True)
class Search:
    """The records on `shelf` that hold one of the identifiers."""

    shelf: Shelf
    identifiers: Sequence[Identifier] = field(repr=False)

    @cached_property
    def _conditions(self) -> dict[str, tuple[sql.Composable, list[Any]]]:
        """By field: a condition and what fills its place."""
        forms = sorted({keys.normalise(form) for one in self.identifiers for form in one.forms})
        spec = self.shelf.spec
        found: dict[str, tuple[sql.Composable, list[Any]]] = {}
        for item in self.shelf.searched:
            if item.protected:
                indexes = keys.blind_indexes(spec.tenant, spec.id, item.id, forms)
                test = sql.SQL("{} = ANY(%s::bytea[])").format(sql.Identifier(item.index_column))
                found[item.id] = (test, indexes)
            else:
                ready = item.id in self.shelf.comparable
                compared = sql.Identifier(item.find_column) if ready else normal(item)
                test = sql.SQL("{} = ANY(%s::text[])").format(compared)
                found[item.id] = (test, forms)
        return found

    def count(self) -> tuple[int, dict[str, int]]:
        """How many records, and in which fields; one query.

        Raises:
            KeysUnavailable: the tenant's keys are away.
        """
        if not self._conditions:
            return 0, {}
        tests = [test for test, _values in self._conditions.values()]
        filters = sql.SQL(", ").join(sql.SQL("count(*) FILTER (WHERE {})").format(test) for test in tests)
        query, values = self._query(sql.SQL("SELECT count(*), {}").format(filters))
        with connection.cursor() as cursor:
            cursor.execute(query.as_string(cursor.connection), [*values, *values])
            total, *counts = cursor.fetchone()
        by_field = dict(zip(self._conditions, counts, strict=True))
        return total, {name: number for name, number in by_field.items() if number}

    def locked(self, limit: int) -> list[uuid.UUID]:
        """Up to `limit` of them, locked in the open transaction; one that is being changed is waited for."""
        if not self._conditions:
            return []
        query, values = self._query(sql.SQL("SELECT id").format())
        query += sql.SQL(" ORDER BY id LIMIT %s FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute(query.as_string(cursor.connection), [*values, limit])
            return [row[0] for row in cursor.fetchall()]

    def opened(self, after: uuid.UUID, limit: int) -> list[Row]:
        """Up to `limit` records behind `after`, by id, every field in clear.

        Raises:
            CannotDecrypt, KeysUnavailable: a value does not open.
        """
        spec = self.shelf.spec
        if not self._conditions:
            return []
        columns = ["id", "created_at", *(item.column for item in spec.fields)]
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        query, values = self._query(sql.SQL("SELECT {}").format(listed))
        query += sql.SQL(" AND id > %s ORDER BY id LIMIT %s")
        with connection.cursor() as cursor:
            cursor.execute(query.as_string(cursor.connection), [*values, after, limit])
            rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        clear = sealing.opened(spec, rows, [item.id for item in spec.fields])
        return [row | {name: clear[name][n] for name in clear} for n, row in enumerate(rows)]

    def _query(self, what: sql.Composed) -> tuple[sql.Composed, list[Any]]:
        tests, values = zip(*self._conditions.values(), strict=True)
        table = sql.Identifier(SCHEMA, self.shelf.spec.table)
        query = sql.SQL("{} FROM {} WHERE ({})").format(what, table, sql.SQL(" OR ").join(tests))
        return query, list(values)
