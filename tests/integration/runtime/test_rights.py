"""A person is found across apps however he is written, and gets a copy; nothing tells who he is (D6)."""

import hashlib
import json
import logging
import time
import uuid
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg import sql

from catalog.models import App
from catalog.services.live import retire
from datacatalog import services, tables
from datacatalog.finding import Search, shelf_of
from datacatalog.models import SubjectRequest
from datacatalog.specs import table_of
from datacatalog.states import SubjectKind, SubjectState
from datacatalog.tasks import close_forgotten
from identity.errors import BadInput, Conflict, NotAllowed
from identity.tenancy import tenant_scope
from policy.errors import StepUpNeeded
from tests import rights
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.conditions import browser
from tests.integration.runtime.test_records import events, leaks
from tests.integration.runtime.test_retention import app_with, dataset
from tests.live_apps import BUDGET, CANARIES, COMPANY, EMAIL, FIELDS, NAME, PHONE, add
from tests.rights import MAIL, PERSON
from tests.rights import PHONE as NUMBER
from tests.services import POSTGRES

OPEN = [{**field, "classification": "internal"} for field in FIELDS]
OTHER = {EMAIL: "other@example.org", NAME: "Other Person", PHONE: "+4930999999"}


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return app_with(committed_cast.lena, {})


@pytest.fixture
def clear(committed_cast: Cast) -> App:
    """An app that stores the same in clear."""
    return app_with(committed_cast.lena, {}, slug="clear", base=OPEN)


@pytest.mark.parametrize("identifier", [MAIL, NUMBER, PERSON], ids=["mail", "phone", "name"])
def test_a_person_is_found_however_he_is_written(
    committed_cast: Cast, app: App, clear: App, identifier
) -> None:
    cast = committed_cast
    add(app, cast.mia)
    add(app, cast.mia, **OTHER)
    add(clear, cast.mia, **{EMAIL: "CANARY.mail@Example.org", NAME: "Canary  Person", PHONE: "030 12345678"})
    add(clear, cast.mia, **OTHER)
    row = rights.search(cast.ada, identifiers=[identifier])
    assert [one.records for one in rights.findings(row)] == [1, 1]
    assert {one.app for one in rights.findings(row)} == {app.pk, clear.pk}
    [told] = next(one.fields for one in rights.findings(row) if one.app == app.pk)
    assert told["records"] == 1
    assert told["label"] in {"Work email", "Phone", "Full name"}


def test_retired_apps_are_searched_and_other_tenants_are_not(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    theirs = app_with(cast.nils, {}, slug="theirs")
    add(theirs, cast.vera)
    add(app, cast.mia)
    with tenant_scope(app.tenant_id):
        retire(by=cast.lena, app=app)
    assert [one.app for one in rights.findings(rights.search(cast.sana))] == [app.pk]


def test_free_text_is_not_searched(committed_cast: Cast, app: App) -> None:
    add(app, committed_cast.mia)
    text = rights.Identifier(rights.IdentifierKind.OTHER, "Met at the stand")
    assert rights.found(rights.search(committed_cast.ada, identifiers=[text])) == {}


@pytest.mark.parametrize("stored", ["sealed", "clear"])
def test_many_records_are_searched_through_indexes(committed_cast: Cast, stored: str) -> None:
    app = app_with(committed_cast.lena, {}, base=FIELDS if stored == "sealed" else OPEN)
    fill(app, 20_000, sealed=stored == "sealed")
    mine = add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        shelf = shelf_of(dataset(app))
        assert shelf is not None
        search = Search(shelf, [MAIL, NUMBER, PERSON])
        with CaptureQueriesContext(connection) as caught:
            assert search.count()[0] == 1
            assert search.locked(1000) == [mine]
            assert len(search.opened(uuid.UUID(int=0), 500)) == 1
        plans = [plan_of(one["sql"]) for one in caught if 'FROM "apps"' in one["sql"]]
    assert len(plans) == 3
    for plan in plans:
        assert "Seq Scan" not in plan
        assert "Bitmap Index Scan" in plan


def fill(app: App, count: int, *, sealed: bool) -> None:
    """So many records of other people."""
    names = [EMAIL, NAME, PHONE]
    columns = [f"{name}_bidx" for name in names] if sealed else names
    value = "sha256(convert_to({0} || n, 'UTF8'))" if sealed else "{0} || n"
    made = sql.SQL(", ").join(sql.SQL(value).format(sql.Literal(name)) for name in columns)
    table = sql.Identifier(tables.SCHEMA, table_of(dataset(app).pk))
    query = sql.SQL("INSERT INTO {} (tenant_id, {}) SELECT {}, {} FROM generate_series(1, {}) n").format(
        table,
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Literal(app.tenant_id),
        made,
        sql.Literal(count),
    )
    with tenant_scope(app.tenant_id), connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.connection))
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute(sql.SQL("ANALYZE {}").format(table))


def plan_of(query: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + query.replace("%", "%%"))
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_table_of_before_is_read_through(committed_cast: Cast, clear: App) -> None:
    add(clear, committed_cast.mia, **{EMAIL: "CANARY.mail@Example.org"})
    table = sql.Identifier(tables.SCHEMA, table_of(dataset(clear).pk))
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        server.execute(
            sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(table, sql.Identifier(f"{EMAIL}_find"))
        )
    assert sum(rights.found(rights.search(committed_cast.ada)).values()) == 1


def test_the_copy_holds_everything_and_proves_itself(committed_cast: Cast, app: App, clear: App) -> None:
    cast = committed_cast
    for one in (app, clear):
        add(one, cast.mia, **{EMAIL: "Canary.Mail@example.org", BUDGET: 12_50})
        add(one, cast.mia, **OTHER)
    row = rights.search(cast.sana, SubjectKind.ACCESS)
    client = browser(cast.sana)
    response = client.post(f"{row.get_absolute_url()}take/", {"as": "json"})
    assert response["Cache-Control"] == "no-store"
    told = json.loads(b"".join(response.streaming_content))
    values = {one["label"]: one["value"] for one in told["records"][0]["fields"]}
    assert (values["Full name"], values["Health note"], values["Budget"]) == (
        "Canary Person",
        "canary-diagnosis",
        "12.50",
    )
    assert {one["app"] for one in told["records"]} == {str(app.pk), str(clear.pk)}
    assert "other@example.org" not in json.dumps(told)
    lines = "".join(
        json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in told["records"]
    )
    assert told["manifest"]["sha256"] == hashlib.sha256(lines.encode()).hexdigest()
    assert told["manifest"]["records"] == 2
    text = b"".join(client.post(f"{row.get_absolute_url()}take/", {"as": "txt"}).streaming_content).decode()
    assert "Full name: Canary Person" in text
    taken = events("subject_request.taken")
    assert [one["actor"] for one in taken] == [str(cast.sana.pk)] * 2
    assert told["about"]["decision"] == taken[0]["decision"]
    assert rights.fresh(row).taken == 2


def test_a_copy_takes_a_fresh_second_factor_and_an_open_request(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = rights.search(cast.ada, SubjectKind.ACCESS)
    late = at_edge(cast.ada, auth_time=int(time.time()) - 3600)
    with late, tenant_scope(app.tenant_id), pytest.raises(StepUpNeeded):
        services.take_subject(by=cast.ada, request_id=row.pk)
    with at_edge(cast.ada), tenant_scope(app.tenant_id):
        with pytest.raises(Conflict):
            services.ask_erasure(by=cast.ada, request_id=row.pk, whole_records=True)
        services.close_subject(by=cast.ada, request_id=row.pk)
        with pytest.raises(Conflict):
            services.take_subject(by=cast.ada, request_id=row.pk)
    closed = rights.fresh(row)
    assert (closed.state, closed.sealed) == (SubjectState.CLOSED, None)


def test_what_is_forgotten_is_closed_and_forgets_the_person(committed_cast: Cast, app: App) -> None:
    old, young = rights.search(committed_cast.ada), rights.search(committed_cast.ada)
    with tenant_scope(app.tenant_id):
        SubjectRequest.objects.filter(pk=old.pk).update(touched_at=timezone.now() - timedelta(days=93))
    assert close_forgotten() == 1
    assert (rights.fresh(old).state, rights.fresh(old).sealed) == (SubjectState.CLOSED, None)
    assert rights.fresh(young).state == SubjectState.FOUND


@pytest.mark.parametrize("name", ["mia", "lena", "omar", "theo"])
def test_who_may_not_search(committed_cast: Cast, app: App, name: str) -> None:
    with pytest.raises(NotAllowed):
        rights.search(getattr(committed_cast, name))


def test_the_search_takes_a_fresh_second_factor(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    for kind in SubjectKind:
        for shown in ({"acr": "low"}, {"auth_time": int(time.time()) - 3600}):
            with at_edge(cast.ada, **shown), tenant_scope(cast.tenant.pk), pytest.raises(StepUpNeeded):
                services.search_subject(by=cast.ada, kind=kind, reference="DSR-1", identifiers=[MAIL])


@pytest.mark.parametrize(
    ("reference", "identifiers"),
    [
        ("Canary-1", [PERSON]),
        ("no digit", [MAIL]),
        ("DSR <1>", [MAIL]),
        ("", [MAIL]),
        ("DSR-1", []),
        ("DSR-1", [rights.Identifier(rights.IdentifierKind.NAME, "  ")]),
        ("DSR-1", [MAIL] * 21),
    ],
)
def test_bad_requests_leave_nothing(committed_cast: Cast, app: App, reference, identifiers) -> None:
    with pytest.raises(BadInput):
        rights.search(committed_cast.ada, reference=reference, identifiers=identifiers)
    with tenant_scope(app.tenant_id):
        assert not SubjectRequest.objects.exists()


def test_auditors_see_the_request_and_not_the_person(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    add(app, cast.mia)
    address = rights.search(cast.ada).get_absolute_url()
    assert b"Canary.Mail@example.org" in browser(cast.sana).get(address).content
    page = browser(cast.theo).get(address).content.decode()
    assert "DSR-2026/7" in page
    assert "anary" not in page


def test_nothing_tells_who_it_was(committed_cast: Cast, app: App, caplog: pytest.LogCaptureFixture) -> None:
    """From the form to the erasure: no event, notice, request, row, log or address names the person."""
    caplog.set_level(logging.DEBUG)
    cast, client = committed_cast, browser(committed_cast.ada)
    add(app, cast.mia)
    sent = {"kind": "erasure", "reference": "DSR-7", "email": MAIL.value, "phone": NUMBER.value}
    addresses = [client.post("/data/rights/new/", {**sent, "name": "Canary Person"})["Location"]]
    addresses.append(client.post(f"{addresses[0]}erase/", {"what": "records"})["Location"])
    with tenant_scope(app.tenant_id):
        row = SubjectRequest.objects.get()
    rights.erased(rights.approved(row, cast.sana))
    assert rights.fresh(row).state == SubjectState.DONE
    refused: Client = browser(cast.ada)
    text = refused.post(
        "/data/rights/new/", {**sent, "reference": "Canary.Mail@example.org"}
    ).content.decode()
    assert "The case number must not name" in text or "Give the case a number" in text
    everything = [*addresses, caplog.text, *stored_texts()]
    words = [*CANARIES, "anary.mail", "0049 30", "12345678"]
    assert not [word for text in everything for word in words if word.lower() in text.lower()]
    assert not leaks(json.dumps(events()))


def stored_texts() -> list[str]:
    """Every row of every table but those of apps' records."""
    found = []
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        names = server.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'ledger')"
        ).fetchall()
        for name in names:
            query = sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(*name))
            found += [row[0] for row in server.execute(query).fetchall()]
    assert len(found) > 50
    return found


def test_queries_grow_with_datasets_and_not_with_records(committed_cast: Cast, app: App) -> None:
    few = _queries(committed_cast)
    for _n in range(15):
        add(app, committed_cast.mia)
    assert _queries(committed_cast) == few
    app_with(committed_cast.lena, {}, slug="second")
    assert _queries(committed_cast) - few <= 4


def _queries(cast: Cast) -> int:
    with CaptureQueriesContext(connection) as caught:
        rights.search(cast.ada)
    return len(caught)


def test_the_class_decides_what_is_personal(committed_cast: Cast, app: App) -> None:
    with tenant_scope(app.tenant_id):
        shelf = shelf_of(dataset(app))
    assert shelf is not None
    assert {EMAIL, NAME, PHONE} <= shelf.personal
    assert COMPANY not in shelf.personal
