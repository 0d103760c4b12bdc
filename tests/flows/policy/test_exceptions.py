"""Refused, explained, asked for an exception, approved by two, done, and ended: as people see it (P5, P6)."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come

pytestmark = pytest.mark.needs_browser
EXPORT = "/apps/leads/leads/export"


def ask_for_export(visitor: Visitor, *statuses: int) -> Page:
    """Fill in the form for a copy that goes to the United States."""
    page = visitor.open(EXPORT)
    page.get_by_label("What is it for?").fill("Hand over to the call centre in Boston")
    page.get_by_label("Where does the file go?").select_option("us")
    with visitor.expecting(*statuses):
        page.get_by_role("button", name="Ask for the export").click()
        page.wait_for_load_state()
    return page


def approve(visitor: Visitor) -> None:
    page = visitor.open("/approvals/")
    page.get_by_role("link", name="Exception for").first.click()
    expect(page.get_by_text("What protects the data meanwhile")).to_be_visible()
    visitor.assert_clean("request")
    page.get_by_role("button", name="Approve").first.click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)


def test_from_a_refusal_to_an_exception_and_back(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    live_apps.make_app(cast.lena)
    mia, omar, sana = (come(visitors, url, one, "exceptions") for one in (cast.mia, cast.omar, cast.sana))

    page = ask_for_export(mia, 403)
    expect(page.get_by_text("Refused by policy")).to_be_visible()
    mia.assert_clean("refused")
    page.get_by_role("link", name="Explain this decision").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Refused: export records")
    expect(page.get_by_role("heading", name="What would make this pass")).to_be_visible()
    page.get_by_text("The facts it was made on").click()
    expect(page.get_by_text("who asked").first).to_be_visible()
    mia.assert_clean("explained")
    page.get_by_role("link", name="residency.cross_region_export").click()
    expect(page.get_by_text("package portal.rules.cross_region_export")).to_be_visible()
    mia.assert_clean("rule")
    page.go_back()

    page.get_by_role("link", name="Ask for an exception").click()
    mia.assert_clean("ask")
    page.get_by_role("button", name="Ask for the exception").click()
    expect(page.get_by_text("This field is required").first).to_be_visible()
    mia.complaints.clear()  # the answer to a form that lacks something is a 422
    page.get_by_label("Why is it needed?").fill("The call centre of the fair sits in Boston")
    page.get_by_label("What protects the data meanwhile?").fill("Standard contractual clauses are signed")
    page.get_by_role("button", name="Ask for the exception").click()
    expect(page.get_by_text("The exception is asked for.")).to_be_visible()
    expect(page.get_by_text("Waiting for approval")).to_be_visible()
    mia.assert_clean("asked")

    approve(omar)
    approve(sana)
    page.reload()
    expect(page.get_by_text("In force")).to_be_visible()
    mia.assert_clean("in-force")
    page = ask_for_export(mia)
    expect(page.get_by_text("Waiting for approval").first).to_be_visible()

    page = mia.open("/policy/exceptions/")
    mia.assert_clean("list")
    page.get_by_role("link", name="Spring leads").click()
    page.get_by_role("button", name="End it now").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(page.get_by_text("The rule counts again.")).to_be_visible()
    page = ask_for_export(mia, 403)
    expect(page.get_by_text("Refused by policy")).to_be_visible()
