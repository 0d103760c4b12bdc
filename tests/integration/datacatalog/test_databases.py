"""Databases by live introspection: fast, with progress, only where allowed; login and values are gone."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.test import override_settings
from django.utils import timezone

from datacatalog import services
from datacatalog.models import Dataset, DatasetField, ImportRun
from datacatalog.problems import BrokenFile
from datacatalog.sources import sql
from datacatalog.sources.sql import Address, hosts
from identity.errors import NotAllowed
from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.models import EventIndex
from tests import large_api
from tests.cast import Cast
from tests.integration.datacatalog.conftest import eu
from tests.services import POSTGRES
from vault.services import provision

TABLES, COLUMNS = 200, 15
PASSWORD = "canary-password-7351"


@pytest.fixture(scope="module")
def large() -> Iterator[Address]:
    """A database of 200 tables and 3,000 columns, and a login that may only read."""
    superuser = POSTGRES.url(database="postgres")
    names = "id email first_name last_name phone status created_at amount note city zip birth_date active kind ref".split()
    kinds = "bigint,text,varchar(80),varchar(80),text,text,timestamptz,numeric(10;2),text,text,text,date,boolean,text,text"
    body = ", ".join(
        f"{name} {kind.replace(';', ',')}" for name, kind in zip(names, kinds.split(","), strict=True)
    )
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("CREATE DATABASE catalog_source")
        connection.execute(f"CREATE ROLE catalog_reader LOGIN PASSWORD '{PASSWORD}'")
    with psycopg.connect(POSTGRES.url(database="catalog_source"), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA crm")
        for n in range(TABLES):
            connection.execute(f"CREATE TABLE crm.t{n:03} ({body})")
        connection.execute("COMMENT ON TABLE crm.t000 IS 'People who buy'")
        connection.execute("COMMENT ON COLUMN crm.t000.ref IS 'Passport of the holder'")
        connection.execute(
            "INSERT INTO crm.t000 (email, ref) SELECT 'ann' || n || '@contoso.com', 'x' FROM generate_series(1, 9) n"
        )
        connection.execute(
            "INSERT INTO crm.t001 (ref, note) VALUES ('canary@contoso.com', 'n'), ('b@contoso.com', 'n')"
        )
        connection.execute("CREATE TABLE crm.hidden (secret text)")
        connection.execute("GRANT USAGE ON SCHEMA crm TO catalog_reader")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA crm TO catalog_reader")
        connection.execute("REVOKE ALL ON crm.hidden FROM catalog_reader")
    folder = psycopg.conninfo.conninfo_to_dict(superuser)["host"]
    yield Address("postgresql", str(folder), None, "catalog_source", "catalog_reader", PASSWORD)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("DROP DATABASE catalog_source WITH (FORCE)")
        connection.execute("DROP ROLE catalog_reader")


@pytest.fixture
def ready(committed_cast: Cast) -> Cast:
    """A cast whose commits are real, since a worker reads in transactions of its own."""
    with tenant_scope(committed_cast.tenant.pk):
        services.seed_scheme(by=None, tenant=committed_cast.tenant.pk)
        provision(by=None, tenant=committed_cast.tenant.pk)
    return committed_cast


def started(cast: Cast, address: Address, *, samples: bool = False) -> ImportRun:
    with tenant_scope(cast.tenant.pk):
        return services.start_database(by=cast.lena, address=address, region=eu(), samples=samples)


def reread(cast: Cast, run: ImportRun) -> ImportRun:
    with tenant_scope(cast.tenant.pk):
        return ImportRun.objects.select_related("region").get(pk=run.pk)


def everything(cast: Cast) -> str:
    """All rows that an import leaves, as text."""
    with tenant_scope(cast.tenant.pk):
        rows = [list(model.objects.values()) for model in (ImportRun, Dataset, DatasetField)]
        return json.dumps(
            rows,
            default=lambda value: (
                bytes(value).decode("latin-1") if isinstance(value, memoryview) else str(value)
            ),
        )


def test_200_tables_and_3000_columns_in_less_than_30_seconds_with_progress(
    ready: Cast, large: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    real = sql.read

    def watched(address: Address, *, samples: bool, tell: Callable[[int, int], None]) -> object:
        def both(done: int, total: int) -> None:
            tell(done, total)
            row = reread(ready, run)
            seen.append((row.done, row.total))

        return real(address, samples=samples, tell=both)

    with override_settings(DATABASE_IMPORT_HOSTS=[large.host]):
        run = started(ready, large, samples=True)
        assert (run.state, run.plan) == ("reading", None)
        assert PASSWORD not in everything(ready)
        monkeypatch.setattr("datacatalog.services.reading.sql.read", watched)
        began = time.monotonic()
        services.read_waiting(run_id=run.pk, tenant=ready.tenant.pk)
        with tenant_scope(ready.tenant.pk):
            done = services.finish_import(by=ready.lena, run=reread(ready, run))
        assert time.monotonic() - began < 30
    assert (done.counts["new_datasets"], done.counts["new_fields"]) == (TABLES, TABLES * COLUMNS)
    assert {(10, TABLES), (100, TABLES), (TABLES, TABLES)} <= set(seen)
    with tenant_scope(ready.tenant.pk):
        first = Dataset.objects.get(name="crm.t000")
        assert (first.origin, first.description) == ("sql", "People who buy")
        assert first.fields.get(name="ref").suggestion["reason"] == "description"
        kinds = {row.name: row.type for row in first.fields.all()}
        assert (kinds["amount"], kinds["birth_date"], kinds["active"]) == ("money", "date", "boolean")
        hinted = DatasetField.objects.get(dataset__name="crm.t001", name="ref").suggestion
        assert hinted["reason"] == "values_email"  # by its samples
        assert not Dataset.objects.filter(name__contains="hidden").exists()
    left = everything(ready)
    assert "canary@contoso.com" not in left
    assert PASSWORD not in left
    assert reread(ready, run).sealed is None
    sequencer.run_once()
    with tenant_scope(ready.tenant.pk):
        assert EventIndex.objects.get(kind="database.read").object == f"import:{run.pk}"


def test_without_consent_no_row_is_read(ready: Cast, large: Address) -> None:
    with override_settings(DATABASE_IMPORT_HOSTS=[large.host]):
        found = sql.read(large, samples=False, tell=lambda _done, _all: None)
    assert all(not field.examples for item in found.objects for field in item.fields)
    assert PASSWORD not in repr(large)
    assert "catalog_reader" not in large.id


def test_a_second_worker_and_a_second_run_change_nothing(ready: Cast, large: Address) -> None:
    with override_settings(DATABASE_IMPORT_HOSTS=[large.host]):
        run = started(ready, large)
        services.read_waiting(run_id=run.pk, tenant=ready.tenant.pk)
        before = reread(ready, run).counts
        services.read_waiting(run_id=run.pk, tenant=ready.tenant.pk)
        assert reread(ready, run).counts == before


BAD: list[tuple[dict[str, object], str]] = [
    ({"host": "10.1.2.3"}, "are not read from here"),
    ({"password": "wrong", "user": "nobody_here"}, "does not take this name and password"),
    ({"database": "no_such_database"}, "does not answer"),
    ({"port": 5999}, "does not answer"),
    ({"schema": "no_such_schema"}, "no tables"),
    ({"dialect": "oracle"}, "cannot be read here"),
]


@pytest.mark.parametrize(("change", "text"), BAD, ids=[next(iter(one[0])) for one in BAD])
def test_what_goes_wrong_is_told_without_the_login(
    ready: Cast, large: Address, change: dict[str, object], text: str, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import replace

    address = replace(large, **change)  # type: ignore[arg-type]
    with override_settings(DATABASE_IMPORT_HOSTS=[large.host]):
        run = started(ready, address)
        services.read_waiting(run_id=run.pk, tenant=ready.tenant.pk)
    run = reread(ready, run)
    assert run.state == "refused"
    assert text in run.errors[0]["text"]
    assert run.sealed is None
    for place in (everything(ready), caplog.text):
        assert PASSWORD not in place
    with tenant_scope(ready.tenant.pk):
        assert not Dataset.objects.exists()


def test_who_may_not_import_starts_nothing(ready: Cast, large: Address) -> None:
    with tenant_scope(ready.tenant.pk), pytest.raises(NotAllowed):
        services.start_database(by=ready.mia, address=large, region=eu(), samples=False)


def test_others_by_sqlalchemy_as_far_as_they_are_named(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with sqlite3.connect(file) as connection:
        connection.execute(
            "CREATE TABLE buyers (id INTEGER PRIMARY KEY, mail VARCHAR(80) NOT NULL, born DATE)"
        )
        connection.execute("INSERT INTO buyers VALUES (1, 'ann@contoso.com', '1990-01-02')")
        connection.execute("CREATE VIEW grown AS SELECT id FROM buyers")
    address = Address("sqlite", "", None, str(file), "")
    with pytest.raises(BrokenFile, match="1 problems"):
        sql.read(address, samples=False, tell=lambda _done, _all: None)
    with override_settings(DATABASE_IMPORT_DIALECTS=["sqlite"]):
        found = sql.read(address, samples=True, tell=lambda _done, _all: None)
    assert [item.name for item in found.objects] == ["buyers", "grown"]
    fields = {field.name: field for field in found.objects[0].fields}
    assert (fields["mail"].examples, fields["mail"].required) == (("ann@contoso.com",), True)
    assert fields["born"].type == "date"


def test_postgresql_by_sqlalchemy_too(large: Address) -> None:
    from dataclasses import replace

    address = replace(large, dialect="postgresql+psycopg", schema="crm")
    with override_settings(
        DATABASE_IMPORT_DIALECTS=["postgresql+psycopg"], DATABASE_IMPORT_HOSTS=[large.host]
    ):
        found = sql.read(address, samples=False, tell=lambda _done, _all: None)
    assert found.field_count >= TABLES * COLUMNS


@pytest.mark.parametrize(
    ("host", "allowed", "goes"),
    [
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("10.1.2.3", ["10.2.0.0/16"], False),
        ("10.1.2.3", [], False),
        ("127.0.0.1", ["127.0.0.0/8"], False),  # this machine only by its own name
        ("127.0.0.1", ["127.0.0.1"], True),
        ("localhost", ["localhost"], True),
        ("169.254.169.254", ["169.254.0.0/16"], False),  # the metadata service never
        ("169.254.169.254", ["169.254.169.254"], False),
        ("::ffff:169.254.169.254", ["::/0", "0.0.0.0/0"], False),
        ("fe80::1", ["::/0"], False),
        ("fd00:ec2::254", ["::/0"], False),
        ("0.0.0.0", ["0.0.0.0/0"], False),
        ("2130706433", ["10.0.0.0/8"], False),  # 127.0.0.1 in another spelling
        ("localhost", ["*.corp.example"], False),
        ("/run/postgresql", ["localhost"], False),
        ("/run/postgresql", ["/run/postgresql"], True),
    ],
)
def test_which_hosts_are_asked(host: str, allowed: list[str], goes: bool) -> None:
    with override_settings(DATABASE_IMPORT_HOSTS=allowed):
        if goes:
            assert hosts.checked(host)
        else:
            with pytest.raises(BrokenFile):
                hosts.checked(host)


def test_a_large_description_is_read_by_the_same_worker(ready: Cast) -> None:
    content = large_api.text(schemas=400)
    assert len(content) > 1024 * 1024
    with tenant_scope(ready.tenant.pk):
        asked = {"by": ready.lena, "kind": "openapi", "file_name": "a.json", "region": eu()}
        run = services.preview_file(content=content, source="big", **asked)
        broken = services.preview_file(content=content[:-90], **asked)
        assert (run.state, run.plan) == ("reading", None)
        assert b"Large API" not in bytes(run.sealed)
    for one in (run, broken):
        services.read_waiting(run_id=one.pk, tenant=ready.tenant.pk)
    run, broken = reread(ready, run), reread(ready, broken)
    assert (run.state, run.sealed, run.done, run.total) == ("preview", None, 800, 800)
    assert (run.contract_id, run.counts["new_datasets"]) == ("big", 800)
    assert (broken.state, broken.sealed, broken.plan) == ("refused", None, None)
    assert broken.errors[0]["line"] > 1000


def test_what_nobody_came_to_read_is_given_up_with_its_login(ready: Cast, large: Address) -> None:
    first = started(ready, large)
    with tenant_scope(ready.tenant.pk):
        ImportRun.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    second = started(ready, large)
    assert (reread(ready, first).state, reread(ready, first).sealed) == ("refused", None)
    assert reread(ready, second).state == "reading"
