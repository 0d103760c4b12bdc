"""Records of a live app through the gateway: sealed at rest, masked on the way out, decided and recorded."""

import json
import logging
import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.test import Client

from catalog.models import App
from datacatalog.models import Classification
from identity.errors import Conflict, Missing
from identity.models import User
from identity.tenancy import tenant_scope, uuid7
from policy.errors import Refused, StepUpNeeded
from runtime import gateway
from runtime.live import LiveDataset, live_app
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.live_apps import (
    CANARIES,
    COMPANY,
    EMAIL,
    NAME,
    PHONE,
    SECRET,
    VALUES,
    add,
    make_app,
)
from tests.services import POSTGRES


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return make_app(committed_cast.lena)


@pytest.fixture
def inside(app: App) -> Iterator[None]:
    """The tenant of the app."""
    with tenant_scope(app.tenant_id):
        yield


def dataset(app: App) -> LiveDataset:
    return live_app(app.slug).dataset("leads")


def listing(app: App, by: User, query: gateway.Query | None = None) -> gateway.Listing:
    data = dataset(app)
    return gateway.list_records(by=by, live=live_app(app.slug), dataset=data, fields=data.fields, query=query)


def events(*kinds: str) -> list[dict[str, object]]:
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        rows = server.execute("SELECT body FROM ledger.event ORDER BY id").fetchall()
    bodies = [json.loads(row[0]) for row in rows]
    return [body for body in bodies if not kinds or body["kind"] in kinds]


def test_protected_values_are_sealed_at_rest_and_masked_in_the_list(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        [line] = listing(app, committed_cast.mia).lines
        table = dataset(app).spec.table
    texts = {cell.field.id: cell for cell in line.cells}
    assert texts[EMAIL].masked
    assert texts[EMAIL].text == "c•••@•••.org"
    assert texts[NAME].text == "C••• P•••"
    assert texts[COMPANY].text == "Contoso"
    assert not texts[COMPANY].masked
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        stored = repr(server.execute(f'SELECT * FROM apps."{table}"').fetchall())
    assert "Contoso" in stored
    assert not any(canary in stored for canary in CANARIES)


def test_a_class_that_is_masked_more_strictly_than_the_rule_asks_is(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        assert shown_of(app, committed_cast.mia, EMAIL) == ("c•••@•••.org", "partial")
        Classification.objects.filter(code="pii").update(mask="hide")
        assert shown_of(app, committed_cast.mia, EMAIL) == ("•••", "hide")


def test_a_class_that_is_generalised_shows_ranges_on_pages(committed_cast: Cast) -> None:
    age = {"id": "f_test0077", "name": "age", "label": "Age", "type": "integer", "classification": "pii"}
    app = make_app(committed_cast.lena, slug="ages", fields=[age])
    add(app, committed_cast.mia, f_test0077=47)
    with tenant_scope(app.tenant_id):
        assert shown_of(app, committed_cast.mia, "f_test0077") == ("•••", "partial")
        Classification.objects.filter(code="pii").update(mask="generalise")
        assert shown_of(app, committed_cast.mia, "f_test0077") == ("40–49", "generalise")


def shown_of(app: App, by: User, field: str) -> tuple[str, str]:
    [line] = listing(app, by).lines
    [cell] = [cell for cell in line.cells if cell.field.id == field]
    return cell.text, cell.mask


def test_an_empty_value_shows_as_a_gap_and_not_as_masked(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia, **{PHONE: None})
    with tenant_scope(app.tenant_id):
        [line] = listing(app, committed_cast.mia).lines
    cell = next(cell for cell in line.cells if cell.field.id == PHONE)
    assert (cell.text, cell.masked) == ("", False)


def test_a_read_of_protected_fields_is_recorded_without_values(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        listing(app, committed_cast.mia)
        data = dataset(app)
    [read] = events("records.read")
    assert read["app"] == str(app.pk)
    assert read["dataset"] == str(data.id)
    assert read["actor"] == str(committed_cast.mia.pk)
    assert {"pii", "health"} <= set(read["tags"])  # type: ignore[call-overload]
    assert read["facts"] == {"page": 1, "searched": False, "shown": 1}
    [decided] = [body for body in events("decision.allowed") if body["facts"]["action"] == "record.list"]  # type: ignore[index]
    assert decided["decision"] == read["decision"]


def test_a_list_of_plain_fields_leaves_no_event(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    before = len(events())
    with tenant_scope(app.tenant_id):
        data = dataset(app)
        fields = data.chosen([COMPANY])
        found = gateway.list_records(
            by=committed_cast.mia, live=live_app(app.slug), dataset=data, fields=fields
        )
    assert [cell.text for line in found.lines for cell in line.cells] == ["Contoso"]
    assert len(events()) == before


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("conto", 1),
        ("CANARY.MAIL@example.org", 1),
        ("canary.mail", 0),
        ("+49 30 12345678", 1),
        ("30123", 0),
        ("%", 0),
        ("canary-diagnosis", 0),  # its class hides it: not even whether it is there
        ("", 1),
    ],
)
def test_search_finds_parts_of_plain_texts_and_whole_protected_values(
    app: App, committed_cast: Cast, text: str, count: int
) -> None:
    add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        assert listing(app, committed_cast.mia, gateway.Query(text=text)).count == count


def test_sort_and_pages(app: App, committed_cast: Cast) -> None:
    for n in range(30):
        add(app, committed_cast.mia, **{COMPANY: f"Company {n:02d}"})

    def companies(**query: object) -> list[str]:
        found = listing(app, committed_cast.mia, gateway.Query(**query))  # type: ignore[arg-type]
        return [cell.text for line in found.lines for cell in line.cells if cell.field.id == COMPANY]

    with tenant_scope(app.tenant_id):
        assert companies()[0] == "Company 29"
        assert companies(sort=COMPANY)[0] == "Company 00"
        assert companies(sort=COMPANY, page=2) == [f"Company {n:02d}" for n in range(25, 30)]
        assert companies(sort=COMPANY, descending=True)[0] == "Company 29"
        assert companies(sort=EMAIL) == companies()  # ciphertexts have no order
        assert companies(sort="id); DROP", page=99) == companies(page=2)


def test_who_holds_no_role_is_refused_with_reasons_that_stay(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id), pytest.raises(Refused) as refused:
        listing(app, committed_cast.theo)
    assert [reason.code for reason in refused.value.decision.denials] == ["access.app_role"]


def test_one_value_is_revealed_to_who_may_and_recorded(app: App, committed_cast: Cast) -> None:
    record = add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        live, data = live_app(app.slug), dataset(app)
        call = {"live": live, "dataset": data, "record_id": record}
        with pytest.raises(Refused):
            gateway.reveal_value(by=committed_cast.mia, field=data.by_id[EMAIL], **call)  # type: ignore[arg-type]
        cell = gateway.reveal_value(by=committed_cast.omar, field=data.by_id[EMAIL], **call)  # type: ignore[arg-type]
    assert (cell.text, cell.masked) == (VALUES[EMAIL], False)
    [shown] = events("value.revealed")
    assert shown["object"] == f"record:{record}"
    assert shown["tags"] == ["pii"]
    assert VALUES[EMAIL] not in json.dumps(events())


def test_a_value_of_a_high_class_takes_a_proof_of_presence(app: App, committed_cast: Cast) -> None:
    record = add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        live, data = live_app(app.slug), dataset(app)
        call = {"by": committed_cast.omar, "live": live, "dataset": data, "record_id": record}
        with pytest.raises(StepUpNeeded):
            gateway.reveal_value(**call, field=data.by_id[SECRET])  # type: ignore[arg-type]
        assert not events("value.revealed")
        with at_edge(committed_cast.omar):
            cell = gateway.reveal_value(**call, field=data.by_id[SECRET])  # type: ignore[arg-type]
    assert cell.text == "canary-diagnosis"


def test_a_form_sent_twice_makes_one_record(app: App, committed_cast: Cast) -> None:
    record = uuid7()
    with tenant_scope(app.tenant_id):
        live, data = live_app(app.slug), dataset(app)
        call = {
            "by": committed_cast.mia,
            "live": live,
            "dataset": data,
            "record_id": record,
            "values": VALUES,
        }
        assert [gateway.create_record(**call), gateway.create_record(**call)] == [True, False]  # type: ignore[arg-type]
        assert listing(app, committed_cast.mia).count == 1
    assert len(events("record.created")) == 1


def test_two_people_cannot_overwrite_each_other(app: App, committed_cast: Cast) -> None:
    record = add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        live, data = live_app(app.slug), dataset(app)
        call = {"by": committed_cast.omar, "live": live, "dataset": data, "record_id": record}
        seen = gateway.read_record(**call, fields=data.fields).updated_at.isoformat()  # type: ignore[arg-type]
        gateway.update_record(**call, seen=seen, values={COMPANY: "First"})  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            gateway.update_record(**call, seen=seen, values={COMPANY: "Second"})  # type: ignore[arg-type]
        sheet = gateway.read_record(**call, fields=data.fields)  # type: ignore[arg-type]
    assert sheet.plain[COMPANY] == "First"
    assert sheet.kept[EMAIL] == "c•••@•••.org"
    assert EMAIL not in sheet.plain
    [changed] = events("record.updated")
    assert changed["facts"] == {"fields": [COMPANY]}


def test_a_record_is_deleted_by_who_may(app: App, committed_cast: Cast) -> None:
    record = add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        live, data = live_app(app.slug), dataset(app)
        with pytest.raises(Refused):
            gateway.delete_record(by=committed_cast.mia, live=live, dataset=data, record_id=record)
        gateway.delete_record(by=committed_cast.omar, live=live, dataset=data, record_id=record)
        with pytest.raises(Missing):
            gateway.delete_record(by=committed_cast.omar, live=live, dataset=data, record_id=record)
    [gone] = events("record.deleted")
    assert gone["object"] == f"record:{record}"


def test_another_tenant_sees_neither_app_nor_rows(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        live, data = live_app(app.slug), dataset(app)
    with tenant_scope(committed_cast.other.pk):
        with pytest.raises(Missing):
            live_app(app.slug)
        with pytest.raises(Refused):
            gateway.list_records(by=committed_cast.nils, live=live, dataset=data, fields=data.fields)


def test_what_the_gateway_cannot_carry_out_is_refused(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    with tenant_scope(app.tenant_id), pytest.raises(Refused) as refused:
        gateway.enforce(
            by=committed_cast.mia,
            live=live_app(app.slug),
            action=gateway.Action.RECORD_LIST,
            dataset=dataset(app),
            honours=frozenset({"mask"}),
        )
    assert refused.value.decision.denials[0].params == {"obligations": ["record_read"]}


def test_no_canary_leaves_by_page_event_or_log(
    app: App,
    committed_cast: Cast,
    browse: Callable[[User], Client],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    record = add(app, committed_cast.mia)
    client = browse(committed_cast.mia)
    paths = ["", f"{record}", "overview", "new", "export", "exports/"]
    for path in paths:
        answer = client.get(f"/apps/leads/leads/{path}")
        assert answer.status_code == 200, path
        assert not leaks(answer.content.decode().replace('value="canary.mail@example.org"', "")), path
    found = client.post("/apps/leads/leads/", {"q": VALUES[EMAIL]})
    assert not leaks(found["Location"])
    listed = client.get(found["Location"])
    assert str(record) in listed.content.decode()
    assert not leaks(listed.content.decode().replace(f'value="{VALUES[EMAIL]}"', ""))
    refused = client.post(f"/apps/leads/leads/{record}/reveal/{EMAIL}")
    assert refused.status_code == 403
    assert not leaks(refused.content.decode())
    assert not leaks(json.dumps(events(), ensure_ascii=False))
    assert not leaks(caplog.text)


def leaks(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def test_unknown_ids_are_missing(app: App, committed_cast: Cast, inside: None) -> None:
    with pytest.raises(Missing):
        gateway.read_record(
            by=committed_cast.mia,
            live=live_app(app.slug),
            dataset=dataset(app),
            fields=dataset(app).fields,
            record_id=uuid.uuid4(),
        )
