"""Databases other than PostgreSQL, by SQLAlchemy’s inspection, as far as a driver is installed."""

from typing import Any

from django.conf import settings

from datacatalog.problems import BrokenFile, Problem
from datacatalog.sources.base import MAX_NAME, Source, SourceField, SourceObject
from datacatalog.sources.odcs import field_type
from datacatalog.sources.sql.address import LONGEST, SAMPLES, Address, Tell


def read(address: Address, reached: str, *, samples: bool, tell: Tell) -> Source:
    """All tables and views that the login may see; `reached` is the address that was checked, "" for none.

    Raises:
        BrokenFile: as sql.read().
    """
    import sqlalchemy as sa  # a large library that few processes need

    if address.dialect not in settings.DATABASE_IMPORT_DIALECTS:
        raise BrokenFile([Problem("dialect", params={"kind": address.dialect[:40]})])
    url = sa.URL.create(
        address.dialect,
        username=address.user or None,
        password=address.password or None,
        host=reached or None,
        port=address.port,
        database=address.database,
    )
    engine = None
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool, hide_parameters=True)
        with engine.connect() as connection:
            objects = _objects(connection, address.schema or None, samples, tell)
            connection.rollback()
    except (sa.exc.SQLAlchemyError, ImportError, OSError):  # their texts may hold the address
        raise BrokenFile([Problem("database_away")]) from None
    finally:
        if engine is not None:
            engine.dispose()
    return Source(id=address.id, version="", name=address.database, objects=tuple(objects))


def _objects(connection: Any, schema: str | None, samples: bool, tell: Tell) -> list[SourceObject]:
    import sqlalchemy as sa  # as above

    inspector = sa.inspect(connection)
    columns = inspector.get_multi_columns(schema=schema, kind=sa.engine.reflection.ObjectKind.ANY)
    objects = []
    for done, ((where, name), rows) in enumerate(sorted(columns.items(), key=lambda item: str(item[0])), 1):
        values = _samples(connection, where, name, rows) if samples else {}
        full = f"{where}.{name}" if where else name
        fields = tuple(_field(row, values.get(row["name"], ())) for row in rows)
        if fields:
            objects.append(SourceObject(name=full[:MAX_NAME], title=full[:MAX_NAME], fields=fields))
        tell(done, len(columns))
    return objects


def _samples(connection: Any, schema: str | None, name: str, rows: Any) -> dict[str, tuple[str, ...]]:
    import sqlalchemy as sa  # as above

    table = sa.table(name, *[sa.column(row["name"]) for row in rows], schema=schema)
    try:
        found = connection.execute(sa.select(table).limit(SAMPLES)).all()
    except sa.exc.SQLAlchemyError:
        return {}
    return {
        row["name"]: tuple(
            str(line[n])[:LONGEST] for line in found if line[n] is not None and not isinstance(line[n], bytes)
        )
        for n, row in enumerate(rows)
    }


def _field(row: Any, values: tuple[str, ...]) -> SourceField:
    kind = str(row["type"])
    return SourceField(
        name=row["name"][:MAX_NAME],
        label=row["name"][:MAX_NAME],
        description=row.get("comment") or "",
        type=field_type({"name": row["name"], "physicalType": kind.lower()}),
        source_type=kind[:100],
        required=not row.get("nullable", True),
        examples=values,
    )
