"""A builder brings in a contract and tags its fields, in a real browser."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from datacatalog import services
from datacatalog.models import ImportRun, Region
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


PEOPLE = (
    "Name;E-Mail;Geburtsdatum;Kürzel\n"
    "Jürgen Groß;j@contoso.com;1980-05-01;jg\n"
    "Ida Maß;i@contoso.com;1991-02-03;im\n"
)
API = """openapi: 3.1.0
info: {title: Staff, version: '2'}
paths:
  /staff:
    get:
      summary: All staff
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                type: array
                items: {type: object, properties: {Kürzel: {type: string}, phone: {type: string}}}
"""


def test_a_table_and_an_api_come_in_and_are_tagged_together(
    come: Callable[[User], Visitor], committed_cast: Cast, tmp_path: Path
) -> None:
    lena = come(committed_cast.lena)
    (tmp_path / "people.csv").write_bytes(PEOPLE.encode("cp1252"))
    (tmp_path / "staff.yaml").write_text(API, encoding="utf-8")
    page = lena.open("/data/import/")
    lena.assert_clean("sources")
    page.get_by_label("What it is").select_option(label="Table (CSV, Excel, Parquet)")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "people.csv")
    page.get_by_label("Region", exact=True).select_option(label="European Union")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_role("heading", name="Ready to import")).to_be_visible()
    lena.assert_clean("table-preview")
    page.get_by_role("link", name="people", exact=True).click()
    lena.assert_clean("table-mapping")
    page.get_by_label("Title").fill("People of the fair")
    page.get_by_label("Label of E-Mail").fill("Work e-mail")
    page.get_by_role("button", name="Keep this mapping").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()

    page = lena.open("/data/import/")
    page.get_by_label("What it is").select_option(label="API description (OpenAPI 3, YAML or JSON)")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "staff.yaml")
    page.get_by_label("Region", exact=True).select_option(label="European Union")
    page.get_by_role("button", name="Show what it would do").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Imported", exact=True)).to_be_visible()

    page.get_by_role("link", name="All staff").click()
    page.get_by_label("Classification of Kürzel").select_option(label="Confidential")
    page.get_by_role("button", name="Confirm Kürzel").click()
    page.get_by_role("link", name="Apply to all like this Kürzel").click()
    expect(page.get_by_role("row", name="People of the fair")).to_be_visible()
    lena.assert_clean("alike")
    page.get_by_role("button", name="Tag 1 field").click()

    page = lena.open("/data/?q=fair")
    page.get_by_role("link", name="People of the fair").click()
    page.get_by_role("button", name="Confirm all suggestions").click()
    expect(page.get_by_role("heading", name="Every field is tagged")).to_be_visible()
    lena.assert_clean("tagged-together")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("heading", name="3 fields are untagged")).to_be_visible()
    lena.assert_clean("taken-back")

    # the same file without a column: what is different is told, and tags stay
    (tmp_path / "people.csv").write_text("Name;E-Mail\nIda Maß;i@contoso.com\n", encoding="utf-8")
    page = lena.open("/data/import/")
    page.get_by_label("What it is").select_option(label="Table (CSV, Excel, Parquet)")
    page.get_by_label("File", exact=True).set_input_files(tmp_path / "people.csv")
    page.get_by_label("Region", exact=True).select_option(label="United States")
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.get_by_text("1 known dataset stays in its region")).to_be_visible()
    expect(page.get_by_role("row", name="people.Kürzel")).to_be_visible()
    lena.assert_clean("differences")


def test_reading_a_database_shows_how_far_it_is(
    come: Callable[[User], Visitor], committed_cast: Cast
) -> None:
    lena = come(committed_cast.lena)
    page = lena.open("/data/import/database/")
    lena.assert_clean("database")
    page.get_by_label("Host").fill("db.not-allowed.example")
    page.get_by_label("Database", exact=True).fill("crm")
    page.get_by_label("Password").fill("never shown")
    page.get_by_label("Region", exact=True).select_option(label="European Union")
    page.get_by_role("button", name="Read it").click()
    expect(page.get_by_role("heading", name="Reading")).to_be_visible()
    with tenant_scope(committed_cast.tenant.pk):
        ImportRun.objects.update(done=30, total=200)
    expect(page.get_by_text("30 of 200 read")).to_be_visible()
    lena.assert_clean("reading")
    with tenant_scope(committed_cast.tenant.pk):
        run = ImportRun.objects.get()
    services.read_waiting(run_id=run.pk, tenant=committed_cast.tenant.pk)
    expect(page.get_by_text("are not read from here")).to_be_visible()
    lena.assert_clean("host-refused")
