"""A person asks what is held of him, then wants it gone: as those who see to it do it (D6)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from datacatalog import services
from datacatalog.models import SubjectRequest
from identity.tenancy import tenant_scope
from portal.cli import main
from tests import rights
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come
from tests.integration.runtime.test_retention import app_with, dataset, rows
from tests.live_apps import add

pytestmark = pytest.mark.needs_browser
Visitors = Callable[..., Visitor]


def search(page: Page, what: str, reference: str) -> None:
    page.get_by_role("link", name="Search for a person").click()
    page.get_by_label(what).check()
    page.get_by_label("Case number").fill(reference)
    page.get_by_label("E-mail addresses").fill("CANARY.mail@Example.org")
    page.get_by_label("Phone numbers").fill("0049 30 12345678")
    page.get_by_role("button", name="Search every app").click()


def download(page: Page, name: str, folder: Path) -> str:
    with page.expect_download() as begun:
        page.get_by_role("link", name=name).click()
    begun.value.save_as(folder / begun.value.suggested_filename)
    return str(folder / begun.value.suggested_filename)


def test_a_copy_for_the_person(
    committed_cast: Cast, visitors: Visitors, serve: Callable[..., str], tmp_path: Path
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    app = rights.titled(app_with(cast.lena, {}), "Leads of the fair")
    add(app, cast.mia)
    sana, theo = (come(visitors, url, one, "rights") for one in (cast.sana, cast.theo))
    page = sana.open("/data/")
    page.get_by_role("link", name="Rights of data subjects").click()
    expect(page.get_by_text("Nobody has asked yet")).to_be_visible()
    sana.assert_clean("empty")
    page.get_by_role("link", name="Search for a person").click()
    sana.assert_clean("form")
    sana.expected.add(422)
    page.get_by_role("button", name="Search every app").click()
    expect(page.get_by_text("Some answers need another look")).to_be_visible()
    sana.assert_clean("form-errors")
    page.get_by_role("link", name="Rights of data subjects").first.click()
    search(page, "Access", "DSR-2026/8")
    expect(page.get_by_role("heading", name="1 record found")).to_be_visible()
    assert "anary" not in page.url
    sana.assert_clean("found")
    with page.expect_download() as taken:
        page.get_by_role("button", name="Take it as JSON").click()
    taken.value.save_as(tmp_path / "copy.json")
    copy = json.loads((tmp_path / "copy.json").read_text())
    assert copy["manifest"]["records"] == len(copy["records"]) == 1
    assert "Canary Person" in (tmp_path / "copy.json").read_text()
    page.get_by_role("button", name="Close the request").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(page.get_by_text("By what the person was found is deleted.")).to_be_visible()

    page = theo.open("/data/rights/")
    expect(page.get_by_role("row", name="DSR-2026/8")).to_contain_text("Closed")
    expect(page.get_by_role("link", name="Search for a person")).to_have_count(0)
    theo.assert_clean("list")


def test_from_the_search_to_the_certificate(
    committed_cast: Cast, visitors: Visitors, serve: Callable[..., str], tmp_path: Path
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    fair = rights.titled(app_with(cast.lena, {}), "Leads of the fair")
    calls = rights.titled(app_with(cast.lena, {}, slug="calls"), "Calls")
    for app in (fair, calls):
        add(app, cast.mia)
    with tenant_scope(cast.tenant.pk):
        hold = services.place_hold(by=cast.sana, title="Case 7", reason="Court", dataset=dataset(calls))
    ada, sana = (come(visitors, url, one, "rights") for one in (cast.ada, cast.sana))

    page = ada.open("/data/rights/")
    search(page, "Erasure", "DSR-2026/9")
    expect(page.get_by_role("row", name="Calls")).to_contain_text("on hold")
    ada.assert_clean("erasure-found")
    page.get_by_role("button", name="Ask for the erasure").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(page.get_by_role("heading", name="Waiting for approval")).to_be_visible()
    ada.assert_clean("waiting")

    page = sana.open("/approvals/")
    page.get_by_role("link", name="Erasure DSR-2026/9").first.click()
    expect(page.get_by_text("1 record (Work email: 1, Phone: 1); on hold, stays")).to_be_visible()
    assert "anary" not in page.content()
    sana.assert_clean("approval")
    page.get_by_role("button", name="Approve").first.click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    with tenant_scope(cast.tenant.pk):
        row = SubjectRequest.objects.get()
    page = ada.open(row.get_absolute_url())
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    rights.erased(row)
    expect(page.get_by_role("heading", name="Erased, but for what is on hold")).to_be_visible()
    ada.assert_clean("held")
    with tenant_scope(cast.tenant.pk):
        services.release_hold(by=cast.sana, hold_id=hold.pk, reason="Closed")
    page = ada.open(row.get_absolute_url())
    page.get_by_role("button", name="Run it again").click()
    rights.erased(row)
    expect(page.get_by_role("heading", name="Erased", exact=True)).to_be_visible()
    assert (rows(fair), rows(calls)) == ({}, {})

    page.get_by_role("link", name="See the certificate").click()
    expect(page.get_by_role("row", name="Calls")).to_be_visible()
    expect(page.get_by_text("Sana Iqbal")).to_be_visible()
    ada.assert_clean("certificate")
    certificate = download(page, "Download the certificate", tmp_path)
    keys = download(page, "Download the public keys", tmp_path)
    assert main(["erasure-certificate", "verify", certificate, "--keys", keys]) == 0

    page = ada.open("/data/retention/deleted/")
    expect(page.get_by_role("link", name="as a person asked for Calls")).to_be_visible()
    ada.assert_clean("deleted")
