"""A class of data changed with review, as people see it: asked for, approved, and masks follow (P7)."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from datacatalog.masking import DOTS
from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come

pytestmark = pytest.mark.needs_browser
LIST = "/apps/leads/leads/"
WHY = "The works council wants work addresses hidden"


def approve(visitor: Visitor, look: str) -> Page:
    """Open the request from the inbox, look at it, approve."""
    page = visitor.open("/approvals/")
    page.get_by_role("link", name="Change of policy data").first.click()
    expect(page.get_by_text(WHY)).to_be_visible()
    visitor.assert_clean(look)
    page.get_by_role("button", name="Approve").first.click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    return page


def test_a_class_is_changed_by_two_and_a_running_app_follows(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    app = live_apps.make_app(cast.lena)
    live_apps.add(app, cast.mia)
    ada, sana, mia = (come(visitors, url, one, "data-changes") for one in (cast.ada, cast.sana, cast.mia))

    seen = mia.open(LIST)
    expect(seen.get_by_text("c•••@•••.org")).to_be_visible()

    page = ada.open("/admin/datacatalog/classification/")
    page.get_by_role("link", name="PII").click()
    expect(page.get_by_text("second person from security")).to_be_visible()
    ada.assert_clean("form")
    page.get_by_label("Level").fill("9")
    page.get_by_label("Why?").fill(WHY)
    page.get_by_role("button", name="Ask for the change").click()
    expect(page.get_by_text("Levels go from 0 to 5.")).to_be_visible()
    ada.assert_clean("form-refused")
    page.get_by_label("Level").fill("5")
    page.get_by_role("button", name="Ask for the change").click()
    expect(page.get_by_text("Asked for. It takes effect when")).to_be_visible()
    expect(page.get_by_text("Level: 3 → 5")).to_be_visible()
    ada.assert_clean("change")
    page = ada.open("/admin/policy/datachange/")
    expect(page.get_by_text("Waiting for approval").first).to_be_visible()
    ada.assert_clean("changes")
    page = ada.open("/admin/datacatalog/classification/")
    page.get_by_role("link", name="PII").click()
    expect(page.get_by_role("heading", name="A change waits for approval")).to_be_visible()
    expect(page.get_by_role("button", name="Ask for the change")).to_have_count(0)
    ada.assert_clean("waiting")
    seen.reload()
    expect(seen.get_by_text("c•••@•••.org")).to_be_visible()

    approve(sana, "request")
    seen.reload()
    expect(seen.get_by_text("c•••@•••.org")).to_have_count(0)
    expect(seen.locator(".masked", has_text=DOTS).first).to_be_visible()
    page.reload()
    expect(page.get_by_label("Level")).to_have_value("5")


def test_a_looser_threshold_is_called_out(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    live_apps.make_app(cast.lena)
    ada, sana = (come(visitors, url, one, "thresholds") for one in (cast.ada, cast.sana))
    page = ada.open("/admin/policy/thresholdset/")
    ada.assert_clean("form")
    page.get_by_label("Protected from level").fill("4")
    page.get_by_label("Why?").fill(WHY)
    page.get_by_role("button", name="Ask for the change").click()
    expect(page.get_by_text("Less protection than before")).to_be_visible()
    ada.assert_clean("change")
    page = sana.open("/approvals/")
    page.get_by_role("link", name="Change of policy data").first.click()
    expect(page.get_by_role("heading", name="Less protection than before")).to_be_visible()
    expect(page.get_by_text("PII (3)")).to_be_visible()
    sana.assert_clean("request")
    page = ada.open("/admin/policy/datachange/")
    page.locator("#result_list").get_by_role("link", name="Thresholds").click()
    page.get_by_role("link", name="Its request").click()
    page.get_by_role("button", name="Withdraw the request").click()
    expect(page.get_by_role("button", name="Withdraw the request")).to_have_count(0)
    page = ada.open("/admin/policy/datachange/")
    expect(page.get_by_role("row").filter(has_text="Withdrawn")).to_be_visible()
