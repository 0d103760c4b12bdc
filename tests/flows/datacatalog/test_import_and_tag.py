"""A builder brings in a contract and tags its fields, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from datacatalog import services
from datacatalog.models import Region
from identity.models import User
from identity.tenancy import tenant_scope
from tests.browser import Visitor
from tests.cast import Cast
from vault.services import provision

pytestmark = pytest.mark.needs_browser

FILES = Path(__file__).parents[2] / "data" / "odcs"
SECONDS = 60  # reading the large contract takes one or two on an idle machine
CONTRACT = FILES / "postgresql-adventureworks-contract.odcs.yaml"


@pytest.fixture
def come(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> Callable[[User], Visitor]:
    """`come(user)`: that person at a browser, signed in."""
    with tenant_scope(committed_cast.tenant.pk):
        services.seed_scheme(by=None, tenant=committed_cast.tenant.pk)
        provision(by=None, tenant=committed_cast.tenant.pk)
    url = serve()

    def arrive(user: User) -> Visitor:
        client = Client()
        client.force_login(user)
        visitor = visitors(url, "datacatalog")
        visitor.context.set_default_timeout(SECONDS * 1000)
        name = settings.SESSION_COOKIE_NAME
        visitor.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
        return visitor

    return arrive


def test_a_contract_comes_in_and_is_tagged(
    come: Callable[[User], Visitor], committed_cast: Cast, tmp_path: Path
) -> None:
    lena = come(committed_cast.lena)
    page = lena.open("/data/")
    lena.assert_clean("empty")
    page.get_by_role("link", name="Import", exact=True).first.click()
    lena.assert_clean("upload")
    broken = tmp_path / "broken.yaml"
    broken.write_text(CONTRACT.read_text().replace('logicalType: "date"', 'logicalType: "day"', 1))
    page.get_by_label("File", exact=True).set_input_files(broken)
    page.get_by_label("Region", exact=True).select_option(label="European Union")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("heading", name="nothing was imported")).to_be_visible()
    lena.assert_clean("refused")

    page.get_by_role("link", name="Upload again").click()
    page.get_by_label("File", exact=True).set_input_files(CONTRACT)
    page.get_by_label("Region", exact=True).select_option(label="European Union")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("heading", name="Ready to import")).to_be_visible(timeout=SECONDS * 1000)
    lena.assert_clean("preview")
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible(timeout=SECONDS * 1000)
    lena.assert_clean("imported")

    page = lena.open("/data/")
    lena.assert_clean("list")
    page.get_by_label("Search").fill("firstname")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="person", exact=True).click()
    lena.assert_clean("untagged")
    with lena.expecting(422):
        page.get_by_label("Classification of lastname").select_option(label="Public")
        page.get_by_role("button", name="Confirm lastname").click()
        expect(
            page.get_by_text("Public is lower than what is suggested for lastname. Say why.")
        ).to_be_visible()
        lena.assert_clean("reason")
    page.get_by_label("Reason for tagging lastname lower").fill("Printed on every badge")
    page.get_by_role("button", name="Confirm lastname").click()
    expect(page.get_by_text("Lower than suggested: Printed on every badge")).to_be_visible()
    page.get_by_role("button", name="Confirm all suggestions").click()
    expect(page.get_by_role("heading", name="Every field is tagged")).to_be_visible()
    lena.assert_clean("tagged")


def test_without_scripts_the_pages_do_the_same(
    come: Callable[[User], Visitor], committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    cast = committed_cast
    lena = come(cast.lena)
    with tenant_scope(cast.tenant.pk):
        services.import_contract(
            by=cast.lena,
            file_name="full.yaml",
            content=(FILES / "full-example.odcs.yaml").read_bytes(),
            region=Region.objects.get(code="eu"),
        )
    plain = visitors(lena.base_url, "datacatalog", java_script_enabled=False)
    plain.context.set_default_timeout(SECONDS * 1000)
    plain.context.add_cookies(lena.context.cookies())
    plain.page.goto(f"{lena.base_url}/data/?q=receiver_name")
    plain.page.get_by_role("link", name="Receivers Master Data").click()
    plain.page.get_by_label("Classification of receiver name").select_option(label="Public")
    with plain.expecting(422):
        plain.page.get_by_role("button", name="Confirm receiver name").click()
    plain.page.get_by_label("Reason for tagging receiver name lower").fill("In every phone book")
    plain.page.get_by_role("button", name="Confirm receiver name").click()
    expect(plain.page.get_by_text("Lower than suggested: In every phone book")).to_be_visible()
