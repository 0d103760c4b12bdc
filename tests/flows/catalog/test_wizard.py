"""The wizard in a browser: live feedback, nothing typed is lost, keyboard, phone, clean on every step."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from catalog.models import AppVersion, Draft
from catalog.states import VersionState
from datacatalog.models import Dataset, DatasetField, Region
from identity.models import User
from identity.tenancy import tenant_scope
from tests import apps
from tests.browser import Visitor
from tests.cast import Cast

pytestmark = pytest.mark.needs_browser


@pytest.fixture
def lena(committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]) -> Visitor:
    """Lena at her browser, signed in; the provider's part is proved in tests/flows/identity."""
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        _contract(cast)
    visitor = visitors(serve(), "wizard")
    sign_in(visitor, cast.lena)
    return visitor


def sign_in(visitor: Visitor, user: User) -> None:
    client = Client()
    client.force_login(user, backend="identity.backends.DirectoryBackend")
    name = settings.SESSION_COOKIE_NAME
    visitor.context.add_cookies(
        [{"name": name, "value": client.cookies[name].value, "url": visitor.base_url}]
    )


def _contract(cast: Cast) -> None:
    dataset = Dataset.objects.create(
        tenant=cast.tenant,
        name="personphone",
        title="Person phone",
        region=Region.objects.get(code="eu"),
        origin="odcs",
    )
    DatasetField.objects.create(
        tenant=cast.tenant,
        dataset=dataset,
        position=0,
        name="phonenumber",
        label="Phone number",
        type="phone",
        suggestion={"classification": "pii", "reason": "type", "params": {}, "confidence": 0.9},
    )


def begin(lena: Visitor, template: str) -> Page:
    page = lena.open("/build/")
    page.get_by_role("button", name=f"Start from {template}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is it for?")
    return page


def saved(page: Page) -> None:
    expect(page.locator("[data-save-state]").first).to_have_attribute("data-state", "saved")
    page.wait_for_function("document.querySelector('.htmx-request') === null")


def go_on(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def verdict(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Policy").get_by_role("heading")


def test_from_template_to_submission(lena: Visitor, committed_cast: Cast) -> None:
    _name_it(lena)
    _add_untagged(lena)
    _take_from_the_catalog(lena)
    _keep_for_90_days(lena, "Date of birth", "Phone number")
    _give_access(lena)
    _submit(lena)
    with tenant_scope(committed_cast.tenant.pk):
        assert AppVersion.objects.get().state == VersionState.SUBMITTED


def _name_it(lena: Visitor) -> None:
    page = begin(lena, "Marketing lead capture")
    lena.open("/build/")
    lena.assert_clean("1-begin")
    page.get_by_role("link", name="Untitled app").click()
    page.get_by_label("Name", exact=True).fill("Spring event leads")
    page.get_by_label("Name", exact=True).press("Tab")
    expect(page.get_by_label("Address")).to_have_value("spring-event-leads")
    lena.assert_clean("2-purpose")
    go_on(page, "Which data does it hold?")
    lena.assert_clean("3-fields")


def _add_untagged(lena: Visitor) -> None:
    page = lena.page
    page.get_by_role("button", name="Add field").click()
    page.get_by_label("Name of field 7").fill("Date of birth")
    page.get_by_label("Name of field 7").press("Tab")
    expect(verdict(page)).to_have_text("Cannot be submitted yet")
    expect(
        page.get_by_text("Choose a classification. Untagged fields cannot be submitted.").first
    ).to_be_visible()
    chip = page.get_by_role("button", name="Tag as PII for Date of birth")
    expect(chip).to_be_visible()
    lena.assert_clean("4-untagged")
    chip.click()
    expect(page.get_by_label("Classification of Date of birth")).to_have_value("pii")


def _take_from_the_catalog(lena: Visitor) -> None:
    page = lena.page
    page.get_by_role("link", name="Take from a dataset").click()
    page.get_by_label("Field or dataset").press_sequentially("phone")
    expect(page.get_by_label("Phone number")).to_be_visible()
    lena.assert_clean("5-import")
    page.get_by_label("Phone number").check()
    page.get_by_role("button", name="Add chosen fields").click()
    page.get_by_role("button", name="Tag as PII for Phone number").click()
    expect(page.get_by_label("Classification of Phone number")).to_have_value("pii")


def _keep_for_90_days(lena: Visitor, *fields: str) -> None:
    page = lena.page
    for field in fields:
        page.get_by_label(f"More settings of {field}").check()
        row = page.locator("tbody", has=page.get_by_label(f"Type of {field}"))
        expect(row.get_by_label("Kept for (days)")).to_be_visible()
        row.get_by_label("Kept for (days)").fill("90")
        row.get_by_label("Kept for (days)").press("Tab")
        saved(page)
    lena.assert_clean("6-settings")


def _give_access(lena: Visitor) -> None:
    page = lena.page
    go_on(page, "Who may use it?")
    page.get_by_label("Marketing", exact=True).first.check()
    expect(page.get_by_role("heading", name="Roles in the app")).to_be_visible()
    page.get_by_role("group", name="Member").get_by_label("Marketing").check()
    saved(page)
    lena.assert_clean("7-access")


def _submit(lena: Visitor) -> None:
    page = lena.page
    go_on(page, "See it before others do")
    expect(verdict(page)).to_have_text("Needs approval: manager")
    lena.assert_clean("8-preview")
    go_on(page, "Ready to submit")
    lena.assert_clean("9-submit")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring event leads")
    lena.assert_clean("10-app")
    lena.open("/build/app/spring-event-leads/versions/1/")
    lena.assert_clean("11-version")
    lena.open("/my-apps/")
    lena.assert_clean("12-my-apps")


def test_nothing_typed_is_lost_while_the_server_is_slow(lena: Visitor, committed_cast: Cast) -> None:
    """Three changes while the first answer is on its way: each is saved, focus and text stay."""
    page = begin(lena, "Team dashboard")
    page.get_by_role("link", name="Fields").click()
    page.route("**/fields/", lambda route: (page.wait_for_timeout(400), route.continue_())[1])
    page.get_by_label("Classification of Title").select_option("confidential")
    page.get_by_label("Classification of Area").select_option("confidential")
    page.get_by_label("Name of field 1").fill("Headline")
    page.get_by_label("Name of field 2").fill("Team")
    page.get_by_label("Name of field 2").press_sequentially(" and area")
    page.wait_for_timeout(1500)
    expect(page.get_by_label("Name of field 2")).to_be_focused()
    expect(page.get_by_label("Name of field 2")).to_have_value("Team and area")
    page.keyboard.press("Tab")
    page.wait_for_timeout(3000)
    saved(page)
    with tenant_scope(committed_cast.tenant.pk):
        fields = Draft.objects.get().content["datasets"][0]["fields"]
    assert [field["label"] for field in fields[:2]] == ["Headline", "Team and area"]
    assert [field["classification"] for field in fields[:2]] == ["confidential", "confidential"]


def test_keyboard_alone(lena: Visitor, committed_cast: Cast) -> None:
    """Enter in a field saves and stays; Enter on a button does what it says."""
    page = begin(lena, "Team dashboard")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Board")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Address")).to_have_value("board")
    expect(page.get_by_role("heading", level=1)).to_have_text("What is it for?")
    page.get_by_role("button", name="Save and continue").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which data does it hold?")
    page.get_by_label("More settings of Title").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Move down Title").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name of field 2")).to_have_value("Title")
    with tenant_scope(committed_cast.tenant.pk):
        assert Draft.objects.get().content["datasets"][0]["fields"][1]["label"] == "Title"


def test_without_script_the_same_pages_do(
    lena: Visitor, visitors: Callable[..., Visitor], committed_cast: Cast
) -> None:
    plain = visitors(lena.base_url, "wizard", java_script_enabled=False)
    sign_in(plain, committed_cast.lena)
    page = plain.page
    page.goto(f"{lena.base_url}/build/")
    page.get_by_role("button", name="Start from Intake form").click()
    page.get_by_label("Name", exact=True).fill("Requests")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_role("button", name="Add field").click()
    expect(page.get_by_label("Name of field 6")).to_have_value("")
    page.get_by_role("button", name="Remove 6").click()
    expect(page.get_by_label("Name of field 6")).to_have_count(0)
