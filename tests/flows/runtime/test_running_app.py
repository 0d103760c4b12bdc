"""A running app in real browsers: typed in, listed masked, revealed, exported, counted."""

import csv
import hashlib
import io
import json
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from identity.models import User
from identity.tenancy import tenant_scope
from runtime import export_run
from runtime.models import Export
from runtime.states import ExportState
from tests.browser import Visitor
from tests.cast import Cast
from tests.integration.runtime.test_exports import approve
from tests.live_apps import EMAIL, SOURCE, VALUES, add, make_app

pytestmark = pytest.mark.needs_browser
Arrive = Callable[[User], Visitor]


@pytest.fixture
def arrive(visitors: Callable[..., Visitor], serve: Callable[..., str], committed_cast: Cast) -> Arrive:
    """`arrive(user)`: somebody who is signed in, in a browser of their own."""
    url = serve()

    def sign_in(user: User) -> Visitor:
        client = Client()
        client.force_login(user, backend="identity.backends.DirectoryBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        visitor = visitors(url, "runtime")
        visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        return visitor

    return sign_in


def test_records_are_typed_listed_revealed_and_counted(committed_cast: Cast, arrive: Arrive) -> None:
    mia = arrive(committed_cast.mia)
    mia.open("/apps/")
    mia.assert_clean("directory-empty")
    app = make_app(committed_cast.lena)
    page = mia.open("/apps/")
    mia.assert_clean("directory")
    page.get_by_role("link", name="Spring leads").click()
    expect(page.get_by_text("No records yet")).to_be_visible()
    mia.assert_clean("list-empty")

    page.get_by_role("link", name="New record").click()
    page.get_by_label("Work email").fill("not an address")
    with mia.expecting(422):
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Work email")
    mia.assert_clean("form-errors")
    page.get_by_label("Work email").fill(VALUES[EMAIL])
    page.get_by_label("Company").fill("Contoso")
    page.get_by_label("Lead source").select_option("Event")
    page.get_by_label("Notes").fill("Paid by 4111 1111 1111 1111")
    with mia.expecting(422):
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Notes")
    mia.assert_clean("free-text")
    page.get_by_label("Store “Notes” all the same").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("c•••@•••.org")).to_be_visible()
    expect(page.get_by_text("(masked, a part is shown)").first).to_be_attached()
    expect(page.get_by_role("button", name="Reveal")).to_have_count(0)
    mia.assert_clean("detail")

    for source in ("Event", "Event", "Website", "Event", "Event", "Referral"):
        add(app, committed_cast.mia, **{SOURCE: source})
    page.get_by_role("link", name="Leads", exact=True).first.click()
    mia.assert_clean("list")
    page.get_by_role("searchbox").fill(VALUES[EMAIL])
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("of 7")).to_be_visible()
    assert VALUES[EMAIL] not in page.url
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_role("img").first).to_be_visible()
    mia.assert_clean("dashboard")

    omar = arrive(committed_cast.omar)
    shown = omar.open("/apps/leads/leads/")
    shown.locator("tbody th a").last.click()
    shown.get_by_role("button", name="Reveal Work email").click()
    expect(shown.get_by_text(VALUES[EMAIL])).to_be_visible()
    omar.assert_clean("detail-revealed")
    shown.get_by_role("link", name="Edit").click()
    omar.assert_clean("edit")
    shown.get_by_role("link", name="Cancel").click()
    shown.get_by_role("link", name="Delete").click()
    omar.assert_clean("delete")


def test_an_export_waits_runs_and_is_taken(committed_cast: Cast, arrive: Arrive) -> None:
    app = make_app(committed_cast.lena)
    add(app, committed_cast.mia)
    mia = arrive(committed_cast.mia)
    page = mia.open("/apps/leads/leads/export")
    mia.assert_clean("export-form")
    page.get_by_label("What is it for?").fill("Hand over to the call centre")
    page.get_by_role("button", name="Ask for the export").click()
    expect(page.get_by_role("heading", name="Waiting for approval")).to_be_visible()
    mia.assert_clean("export-waiting")
    with tenant_scope(app.tenant_id):
        export = Export.objects.get()
    approve(export, committed_cast.omar, committed_cast.sana)
    page.reload()
    expect(page.get_by_role("heading", name="On its way")).to_be_visible()
    export_run.run_export(export_id=export.pk, tenant=app.tenant_id)
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()  # the page asked by itself
    mia.assert_clean("export-ready")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take the file").click()
    rows = list(csv.reader(io.StringIO(taken.value.path().read_text(encoding="utf-8-sig"))))
    assert rows[1][0].startswith("tok_")
    with page.expect_download() as told:
        page.get_by_role("link", name="Manifest (JSON)").click()
    sidecar = json.loads(told.value.path().read_text(encoding="utf-8"))
    assert sidecar["file"]["sha256"] == hashlib.sha256(taken.value.path().read_bytes()).hexdigest()
    with tenant_scope(app.tenant_id):
        assert Export.objects.get().state == ExportState.READY
    mia.open("/apps/leads/leads/exports/")
    mia.assert_clean("exports")


def test_a_refusal_says_why(committed_cast: Cast, arrive: Arrive) -> None:
    make_app(committed_cast.lena)
    theo = arrive(committed_cast.theo)
    with theo.expecting(403):
        page = theo.open("/apps/leads/leads/")
        expect(page.get_by_text("access.app_role")).to_be_visible()
        theo.assert_clean("refused")
