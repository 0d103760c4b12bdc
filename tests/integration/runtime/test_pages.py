"""Pages of running apps over HTTP: who gets what, forms that hold, as many queries for any number of rows."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import App
from identity.models import User
from identity.tenancy import tenant_scope
from runtime import once
from runtime.live import live_app
from tests.cast import Cast
from tests.integration.runtime.test_records import events
from tests.live_apps import (
    BUDGET,
    COMPANY,
    CONSENT,
    EMAIL,
    FIELDS,
    MET,
    NAME,
    NOTES,
    PHONE,
    SOURCE,
    VALUES,
    add,
    make_app,
)

Browse = Callable[[User], Client]
LIST = "/apps/leads/leads/"
ANSWERS = {
    EMAIL: "canary.mail@example.org",
    NAME: "Canary Person",
    PHONE: "+49 30 12345678",
    COMPANY: "Contoso",
    SOURCE: "Event",
    BUDGET: "12.50",
    MET: "2026-03-02",
    CONSENT: "on",
    NOTES: "Met at the stand",
}


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return make_app(committed_cast.lena)


def key_in(text: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', text)
    assert found
    return found[1]


def test_the_directory_shows_what_my_groups_may_use(app: App, committed_cast: Cast, browse: Browse) -> None:
    assert "Spring leads" in browse(committed_cast.mia).get("/apps/").content.decode()
    assert "No app matches" in browse(committed_cast.mia).get("/apps/?q=nothing").content.decode()
    assert "No apps for you yet" in browse(committed_cast.theo).get("/apps/").content.decode()
    assert "No apps for you yet" in browse(committed_cast.nils).get("/apps/").content.decode()


def test_signed_out_people_are_sent_to_sign_in(app: App) -> None:
    for address in ("/apps/", "/apps/leads/", LIST, f"{LIST}new", f"{LIST}export"):
        assert Client().get(address).status_code == 302


def test_another_tenants_and_unknown_apps_are_404_and_mine_without_a_role_403(
    app: App, committed_cast: Cast, browse: Browse
) -> None:
    for address in ("/apps/leads/", LIST, f"{LIST}new", f"{LIST}overview"):
        assert browse(committed_cast.nils).get(address).status_code == 404
        refused = browse(committed_cast.theo).get(address)
        assert refused.status_code == 403
        assert "access.app_role" in refused.content.decode()
    mia = browse(committed_cast.mia)
    assert mia.get("/apps/unknown/").status_code == 404
    assert mia.get("/apps/leads/unknown/").status_code == 404
    assert [body["facts"]["action"] for body in events("decision.denied")] == [
        "record.list",
        "dashboard.view",
    ]  # type: ignore[index]


@pytest.mark.parametrize("page", ["new", "edit", "export"])
def test_a_form_that_is_sent_without_the_right_is_a_denial_on_record(
    committed_cast: Cast, browse: Browse, page: str
) -> None:
    reader = {
        "key": "in",
        "title": "In",
        "groups": ["Marketing"],
        "permissions": ["record.list", "record.read"],
    }
    creator = {**reader, "key": "new", "groups": ["Builders"], "permissions": ["record.create"]}
    app = make_app(committed_cast.lena, roles=[reader, creator])
    record, mia = add(app, committed_cast.lena), committed_cast.mia
    with tenant_scope(app.tenant_id):
        dataset = live_app(app.slug).dataset("leads").id
    address, key = {
        "new": (f"{LIST}new", once.issue(mia, dataset)),
        "edit": (f"{LIST}{record}/edit", "any"),
        "export": (f"{LIST}export", once.issue(mia, f"export:{dataset}")),
    }[page]
    sent = {**ANSWERS, "key": key, "purpose": "Curiosity", "target": "eu"}
    assert browse(mia).post(address, sent).status_code == 403
    assert len(events("decision.denied")) == 1


def test_a_form_stores_what_was_typed_once(app: App, committed_cast: Cast, browse: Browse) -> None:
    mia = browse(committed_cast.mia)
    shown = mia.get(f"{LIST}new").content.decode()
    answers = {**ANSWERS, "key": key_in(shown)}
    first, again = mia.post(f"{LIST}new", answers), mia.post(f"{LIST}new", answers)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first["Location"] == again["Location"]
    page = mia.get(first["Location"]).content.decode()
    assert "12.50" in page
    assert "March 2, 2026" in page
    assert "Canary" not in page
    assert len(events("record.created")) == 1


def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    app: App, committed_cast: Cast, browse: Browse
) -> None:
    mia = browse(committed_cast.mia)
    key = key_in(mia.get(f"{LIST}new").content.decode())
    bad = {**ANSWERS, "key": key, EMAIL: "not an address", PHONE: "+999 1", BUDGET: "1.234", SOURCE: "Else"}
    answer = mia.post(f"{LIST}new", bad)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert text.count("field__error") == 4
    assert "not an address" in text
    assert not events("record.created")


def test_a_forms_key_is_of_one_person_and_form(app: App, committed_cast: Cast, browse: Browse) -> None:
    with tenant_scope(app.tenant_id):
        dataset = live_app("leads").dataset("leads")
    stolen = once.issue(committed_cast.lena, dataset.id)
    answer = browse(committed_cast.mia).post(f"{LIST}new", {**ANSWERS, "key": stolen})
    assert answer.status_code == 400


def test_editing_keeps_protected_values_that_were_not_typed_again(
    app: App, committed_cast: Cast, browse: Browse
) -> None:
    record = add(app, committed_cast.mia)
    omar = browse(committed_cast.omar)
    shown = omar.get(f"{LIST}{record}/edit").content.decode()
    assert VALUES[EMAIL] not in shown
    kept = {COMPANY: "Fabrikam", BUDGET: "1", SOURCE: "Event", "key": key_in(shown), "clear_" + PHONE: "on"}
    assert omar.post(f"{LIST}{record}/edit", kept).status_code == 302
    revealed = omar.post(f"{LIST}{record}/reveal/{EMAIL}").content.decode()
    assert VALUES[EMAIL] in revealed
    assert "Fabrikam" in revealed
    assert omar.post(f"{LIST}{record}/edit", kept).status_code == 409  # made from an older state
    assert browse(committed_cast.mia).get(f"{LIST}{record}/edit").status_code == 403


def test_htmx_gets_the_value_alone(app: App, committed_cast: Cast, browse: Browse) -> None:
    record = add(app, committed_cast.mia)
    headers = {"HX-Request": "true"}
    answer = browse(committed_cast.omar).post(f"{LIST}{record}/reveal/{EMAIL}", headers=headers)
    text = answer.content.decode()
    assert VALUES[EMAIL] in text
    assert "<html" not in text
    assert "no-store" in answer["Cache-Control"]


def test_deleting_asks_first(app: App, committed_cast: Cast, browse: Browse) -> None:
    record = add(app, committed_cast.mia)
    omar = browse(committed_cast.omar)
    assert "deleted for good" in omar.get(f"{LIST}{record}/delete").content.decode()
    assert omar.get(f"{LIST}{record}").status_code == 200
    assert omar.post(f"{LIST}{record}/delete").status_code == 302
    assert omar.get(f"{LIST}{record}").status_code == 404


def test_an_export_that_needs_people_waits_for_them(app: App, committed_cast: Cast, browse: Browse) -> None:
    mia = browse(committed_cast.mia)
    key = key_in(mia.get(f"{LIST}export").content.decode())
    wish = {"key": key, "purpose": "Call centre", "target": "eu"}
    asked, again = mia.post(f"{LIST}export", wish), mia.post(f"{LIST}export", wish)
    assert asked["Location"] == again["Location"]
    assert "Waiting for approval" in mia.get(asked["Location"]).content.decode()
    abroad = {**wish, "key": key_in(mia.get(f"{LIST}export").content.decode()), "target": "us"}
    assert mia.post(f"{LIST}export", abroad).status_code == 403


def test_lists_ask_the_database_as_often_for_many_rows_as_for_few(
    app: App, committed_cast: Cast, browse: Browse
) -> None:
    mia = browse(committed_cast.mia)

    def queries(address: str) -> int:
        mia.get(address)
        with CaptureQueriesContext(connection) as seen:
            assert mia.get(address).status_code == 200
        return len(seen)

    add(app, committed_cast.mia)
    few = [queries(address) for address in (LIST, f"{LIST}overview", "/apps/")]
    with tenant_scope(app.tenant_id), connection.cursor() as cursor:
        table = live_app("leads").dataset("leads").spec.table
        cursor.execute(
            f'INSERT INTO apps."{table}" (tenant_id, {COMPANY}, {SOURCE}) '
            f"SELECT tenant_id, {COMPANY} || n, 'Event' FROM apps.\"{table}\", generate_series(1, 1000) n"
        )
    assert "of 1001" in mia.get(LIST).content.decode()
    assert [queries(address) for address in (LIST, f"{LIST}overview", "/apps/")] == few


def test_a_dashboard_tells_of_no_few(app: App, committed_cast: Cast, browse: Browse) -> None:
    mia = browse(committed_cast.mia)
    assert "No record has a value here yet" in mia.get(f"{LIST}overview").content.decode()
    for source in ["Event"] * 3:
        add(app, committed_cast.mia, **{SOURCE: source})
    text = mia.get(f"{LIST}overview").content.decode()
    assert "too few to show" in text
    for source in ["Event"] * 4 + ["Website"]:
        add(app, committed_cast.mia, **{SOURCE: source})
    text = mia.get(f"{LIST}overview").content.decode()
    assert "Website" not in text
    assert "Others, few each" in text


def test_charts_of_one_dataset_have_one_total(app: App, committed_cast: Cast, browse: Browse) -> None:
    """Else the difference of two totals would be the few whose value is missing."""
    mia = browse(committed_cast.mia)
    for _n in range(6):
        add(app, committed_cast.mia)
    add(app, committed_cast.mia, **{SOURCE: None})
    text = mia.get(f"{LIST}overview").content.decode()
    assert "7 records" in text
    assert "6 records" not in text
    assert "Others, few each" in text  # the one without a source


def test_an_app_without_protected_fields_counts_every_record(committed_cast: Cast, browse: Browse) -> None:
    plain = [field for field in FIELDS if field["classification"] in {"public", "internal"}]
    app = make_app(committed_cast.lena, slug="plain", fields=plain)
    add(app, committed_cast.mia)
    text = browse(committed_cast.mia).get("/apps/plain/leads/overview").content.decode()
    assert "Event: 1" in text or ">1<" in text
    listed = browse(committed_cast.mia).get("/apps/plain/leads/?q=conto").content.decode()
    assert "Contoso" in listed


def test_a_free_text_is_stored_only_after_its_writer_was_told_what_is_in_it(
    app: App, committed_cast: Cast, browse: Browse
) -> None:
    mia = browse(committed_cast.mia)
    address = f"{LIST}new"
    typed = {
        "key": key_in(mia.get(address).content.decode()),
        EMAIL: VALUES[EMAIL],
        COMPANY: "Contoso",
        NOTES: "Paid by 4111 1111 1111 1111",
    }
    told = mia.post(address, typed)
    content = told.content.decode()
    assert told.status_code == 422
    assert "This looks as if it held a card number." in content
    assert f'name="anyway_{NOTES}"' in content
    assert not events("record.created")
    assert mia.post(address, {**typed, f"anyway_{NOTES}": "on"}).status_code == 302
    [made] = events("record.created")
    assert made["facts"]["noticed"] == {"card": 1}  # type: ignore[index]
    assert "4111" not in str(events())


def test_a_harmless_free_text_asks_nothing(app: App, committed_cast: Cast, browse: Browse) -> None:
    mia = browse(committed_cast.mia)
    typed = {
        "key": key_in(mia.get(f"{LIST}new").content.decode()),
        EMAIL: VALUES[EMAIL],
        COMPANY: "Contoso",
        NOTES: "Order 4711 of 2026-03-02",
    }
    assert mia.post(f"{LIST}new", typed).status_code == 302
    [made] = events("record.created")
    assert "noticed" not in made["facts"]  # type: ignore[operator]
