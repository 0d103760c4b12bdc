"""Tables of live apps: typed, walled, only ever added to, and whole whatever kills the work."""

import dataclasses
import gc
import threading
import time
import uuid
import weakref
from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connections

from datacatalog import records, sealing, tables
from datacatalog.specs import DatasetSpec, FieldSpec, FieldType
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.services import POSTGRES
from vault import services as vault

EMAIL = FieldSpec("f_01email", FieldType.EMAIL, protected=True, required=True)
BIRTH = FieldSpec("f_02birth", FieldType.DATE, protected=True)
COMPANY = FieldSpec("f_03company", FieldType.TEXT, indexed=True)
BUDGET = FieldSpec("f_04budget", FieldType.MONEY)
SEEN = FieldSpec("f_05seen", FieldType.DATETIME)
OPT_IN = FieldSpec("f_06optin", FieldType.BOOLEAN)
FIELDS = (EMAIL, BIRTH, COMPANY, BUDGET, SEEN, OPT_IN)
VALUES = {
    EMAIL.id: "mia@contoso.example",
    BIRTH.id: date(1990, 5, 17),
    COMPANY.id: "Contoso",
    BUDGET.id: 12_50,
    SEEN.id: datetime(2026, 3, 1, 12, tzinfo=UTC),
    OPT_IN.id: True,
}


def spec_of(cast: Cast, fields: tuple[FieldSpec, ...] = FIELDS, version: int = 1) -> DatasetSpec:
    return DatasetSpec(uuid.uuid4(), cast.tenant.pk, uuid.uuid4(), version, fields)


@pytest.fixture
def spec(committed_cast: Cast) -> DatasetSpec:
    with tenant_scope(committed_cast.tenant.pk):
        vault.provision(by=None, tenant=committed_cast.tenant.pk)
    return spec_of(committed_cast)


@pytest.fixture
def server(committed: None) -> Iterator[psycopg.Connection]:
    """The superuser, who may look at and break anything."""
    with psycopg.connect(POSTGRES.url(), autocommit=True) as connection:
        yield connection


def save(spec: DatasetSpec, values: dict[str, object]) -> records.Record:
    model = records.model_of(spec)
    row = model(tenant_id=spec.tenant)
    for column, value in sealing.sealed(spec, row.pk, values).items():
        setattr(row, column, value)
    row.save(force_insert=True)
    return row


def columns_of(server: psycopg.Connection, spec: DatasetSpec) -> dict[str, str]:
    rows = server.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'apps'"
        " AND table_name = %s",
        [spec.table],
    )
    return dict(rows.fetchall())


def test_a_record_goes_in_and_comes_out_with_protected_fields_sealed(
    spec: DatasetSpec, server: psycopg.Connection
) -> None:
    assert tables.ensure_table(spec)
    with tenant_scope(spec.tenant):
        saved = save(spec, VALUES)
        rows = list(records.model_of(spec).objects.values())
        assert sealing.opened(spec, rows, list(VALUES)) == {name: [value] for name, value in VALUES.items()}
        found = records.model_of(spec).objects.get(sealing.equals(spec, EMAIL.id, "MIA@contoso.example"))
        assert found.pk == saved.pk
        assert records.model_of(spec).objects.filter(sealing.equals(spec, COMPANY.id, "Contoso")).exists()
    stored = server.execute(f'SELECT * FROM apps."{spec.table}"').fetchone()
    assert b"mia" not in b"".join(part for part in stored or () if isinstance(part, bytes))
    types = columns_of(server, spec)
    assert [types[item.column] for item in FIELDS] == [
        "bytea",
        "bytea",
        "text",
        "bigint",
        "timestamp with time zone",
        "boolean",
    ]


def test_empty_values_of_protected_fields_stay_empty(spec: DatasetSpec) -> None:
    tables.ensure_table(spec)
    with tenant_scope(spec.tenant):
        row = save(spec, {EMAIL.id: None, BIRTH.id: ""})
        stored = records.model_of(spec).objects.values().get(pk=row.pk)
        assert stored[EMAIL.column] is stored[EMAIL.index_column] is None
        assert sealing.opened(spec, [stored], [EMAIL.id, BIRTH.id]) == {EMAIL.id: [None], BIRTH.id: [None]}


def test_nobody_else_sees_or_writes_the_rows(spec: DatasetSpec, committed_cast: Cast) -> None:
    tables.ensure_table(spec)
    model = records.model_of(spec)
    with tenant_scope(spec.tenant):
        save(spec, VALUES)
    with tenant_scope(committed_cast.other.pk):
        assert not model.objects.exists()
        with pytest.raises(DatabaseError):
            model.objects.create(tenant_id=spec.tenant)
    assert not model.objects.exists()
    with tenant_scope(committed_cast.other.pk), pytest.raises(IntegrityError):
        model.objects.create(tenant_id=committed_cast.other.pk)  # right tenant set, but not this table's


@pytest.mark.parametrize("role", ["portal_owner", "portal_apps_ddl", "portal_sweeper", "portal_sequencer"])
def test_no_other_role_reads_the_rows(spec: DatasetSpec, role: str) -> None:
    tables.ensure_table(spec)
    with tenant_scope(spec.tenant):
        save(spec, VALUES)
    with psycopg.connect(POSTGRES.url(role)) as connection:
        try:
            assert connection.execute(f'SELECT * FROM apps."{spec.table}"').fetchall() == []
        except psycopg.errors.InsufficientPrivilege:
            assert role != "portal_apps_ddl"


def test_again_changes_nothing_and_more_fields_only_add(
    spec: DatasetSpec, server: psycopg.Connection
) -> None:
    tables.ensure_table(spec)
    assert not tables.ensure_table(spec)
    with tenant_scope(spec.tenant):
        save(spec, VALUES)
    added = FieldSpec("f_07notes", FieldType.LONG_TEXT, protected=True, required=True)
    newer = dataclasses.replace(spec, version=2, fields=(EMAIL, added))
    assert tables.ensure_table(newer)
    assert set(columns_of(server, newer)) >= {item.column for item in (*FIELDS, added)}
    with tenant_scope(spec.tenant):
        save(spec, VALUES)  # the old version still writes, and the new one reads both
        assert records.model_of(newer).objects.count() == 2


def test_a_type_change_is_refused_and_nothing_is_changed(
    spec: DatasetSpec, server: psycopg.Connection
) -> None:
    tables.ensure_table(spec)
    before = columns_of(server, spec)
    for changed in (
        FieldSpec(COMPANY.id, FieldType.DATE),
        FieldSpec(COMPANY.id, FieldType.TEXT, protected=True),
        FieldSpec(EMAIL.id, FieldType.EMAIL),
    ):
        wrong = dataclasses.replace(spec, fields=(changed, FieldSpec("f_99new", FieldType.TEXT)))
        with pytest.raises(tables.TypeChanged, match=changed.id):
            tables.ensure_table(wrong)
    assert columns_of(server, spec) == before


@pytest.fixture(params=["CREATE TABLE", "ALTER TABLE", "CREATE POLICY", "REVOKE", "GRANT", "CREATE INDEX"])
def deadly(request: pytest.FixtureRequest, server: psycopg.Connection) -> Iterator[str]:
    """The server process dies right after the first such command of portal_apps_ddl."""
    server.execute(
        """
        CREATE FUNCTION public.kill_me() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            IF session_user = 'portal_apps_ddl' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        END $$
        """
    )
    server.execute(
        "CREATE EVENT TRIGGER deadly ON ddl_command_end WHEN TAG IN "
        f"('{request.param}') EXECUTE FUNCTION public.kill_me()"
    )
    try:
        yield request.param
    finally:
        server.execute("DROP EVENT TRIGGER IF EXISTS deadly")
        server.execute("DROP FUNCTION public.kill_me")


def test_killed_half_way_it_leaves_nothing_and_is_finished_by_the_next_run(
    spec: DatasetSpec, server: psycopg.Connection, deadly: str
) -> None:
    with pytest.raises(DatabaseError):
        tables.ensure_table(spec)
    assert columns_of(server, spec) == {}
    server.execute("DROP EVENT TRIGGER deadly")
    assert tables.ensure_table(spec)
    with tenant_scope(spec.tenant):
        save(spec, VALUES)


@pytest.mark.parametrize("deadly", ["ALTER TABLE", "CREATE INDEX"], indirect=True)
def test_killed_while_adding_it_leaves_the_old_table_working(
    spec: DatasetSpec, server: psycopg.Connection, deadly: str
) -> None:
    server.execute("ALTER EVENT TRIGGER deadly DISABLE")
    tables.ensure_table(spec)
    before = columns_of(server, spec)
    more = (
        FieldSpec("f_08a", FieldType.TEXT, indexed=True),
        FieldSpec("f_09b", FieldType.TEXT, protected=True),
    )
    newer = dataclasses.replace(spec, version=2, fields=FIELDS + more)
    server.execute("ALTER EVENT TRIGGER deadly ENABLE")
    with pytest.raises(DatabaseError):
        tables.ensure_table(newer)
    assert columns_of(server, spec) == before
    with tenant_scope(spec.tenant):
        save(spec, VALUES)
    server.execute("ALTER EVENT TRIGGER deadly DISABLE")
    assert tables.ensure_table(newer)
    assert not tables.ensure_table(newer)


def test_a_report_that_holds_the_table_delays_the_change_but_no_reader(spec: DatasetSpec) -> None:
    tables.ensure_table(spec)
    newer = dataclasses.replace(spec, version=2, fields=(*FIELDS, FieldSpec("f_10late", FieldType.TEXT)))
    done: list[bool] = []

    def change() -> None:
        try:
            done.append(tables.ensure_table(newer))
        finally:
            connections.close_all()

    with psycopg.connect(POSTGRES.url("portal_app")) as report:
        report.execute(f'SELECT count(*) FROM apps."{spec.table}"')
        worker = threading.Thread(target=change)
        worker.start()
        slowest = 0.0
        for _ in range(30):
            started = time.monotonic()
            with tenant_scope(spec.tenant):
                records.model_of(spec).objects.exists()
            slowest = max(slowest, time.monotonic() - started)
            time.sleep(0.02)
        assert not done
    worker.join()
    assert done == [True]
    assert slowest < 0.5


def test_who_waits_too_long_is_told_and_nothing_changes(
    spec: DatasetSpec, server: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables.ensure_table(spec)
    monkeypatch.setattr(tables, "TRIES", 2)
    with psycopg.connect(POSTGRES.url("portal_app")) as report:
        report.execute(f'SELECT count(*) FROM apps."{spec.table}"')
        with pytest.raises(tables.TableBusy):
            tables.drop_table(spec)
    assert columns_of(server, spec)


def test_two_go_lives_at_once_make_one_table(spec: DatasetSpec) -> None:
    changed: list[bool] = []

    def go_live() -> None:
        try:
            changed.append(tables.ensure_table(spec))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=go_live) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(changed) == [False, False, False, True]


def test_a_dropped_table_is_gone_and_dropping_again_is_harmless(
    spec: DatasetSpec, server: psycopg.Connection
) -> None:
    tables.ensure_table(spec)
    assert tables.drop_table(spec)
    assert columns_of(server, spec) == {}
    assert not tables.drop_table(spec)


def test_lists_and_look_ups_use_indexes(spec: DatasetSpec, server: psycopg.Connection) -> None:
    tables.ensure_table(spec)
    with tenant_scope(spec.tenant):
        model = records.model_of(spec)
        model.objects.bulk_create([model(tenant_id=spec.tenant, f_03company=f"c{n}") for n in range(3000)])
    server.execute(f'ANALYZE apps."{spec.table}"')
    with tenant_scope(spec.tenant):
        assert "Index Scan" in model.objects.all()[:25].explain()
        assert "Index" in model.objects.filter(sealing.equals(spec, EMAIL.id, "a@b.example")).explain()
        assert "Index" in model.objects.filter(f_03company="c7").explain()


def test_model_classes_are_cached_by_version_and_freed_when_they_fall_out(spec: DatasetSpec) -> None:
    one = records.model_of(spec)
    assert records.model_of(dataclasses.replace(spec)) is one
    assert records.model_of(dataclasses.replace(spec, version=2)) is not one
    gone = weakref.ref(one)
    del one
    records.model_of.cache_clear()
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("bad", ["email", "f_", 'f_x"; DROP TABLE x', "f_ABC", "f_" + "a" * 41])
def test_only_ids_become_column_names(bad: str) -> None:
    with pytest.raises(ValueError, match="no field id"):
        FieldSpec(bad, FieldType.TEXT)
