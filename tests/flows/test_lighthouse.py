"""Show 8 of the ground: Lighthouse on wizard, list and approval pages, signed in, on `make run`."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import lighthouse
from tests.browser import Visitor
from tests.flows.stack import Stack

pytestmark = [pytest.mark.needs_browser, pytest.mark.needs_node]


def test_wizard_list_and_approval_pages(stack: Stack, visitors: Callable[..., Visitor]) -> None:
    lena = _arrive(stack, visitors, "Lena Marsh")
    wizard = _submit(lena.page, stack.url)
    omar = _arrive(stack, visitors, "Omar Reyes")
    omar.open("/approvals/").get_by_role("link", name="Fair questions").click()
    expect(omar.page.get_by_role("heading", level=1)).to_have_text("Fair questions")
    for visitor, url in [
        (lena, wizard),
        (lena, f"{stack.url}/data/"),
        (omar, f"{stack.url}/approvals/"),
        (omar, omar.page.url),
    ]:
        cookies = {one["name"]: one["value"] for one in visitor.context.cookies(stack.url)}
        lighthouse.measure(url, cookies=cookies).require(
            performance=95, accessibility=100, **{"best-practices": 100}
        )


def _arrive(stack: Stack, visitors: Callable[..., Visitor], name: str) -> Visitor:
    visitor = visitors(stack.url, "lighthouse")
    page = visitor.open("/")
    page.get_by_role("button", name="Continue with").click()
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    return visitor


def _submit(page: Page, base: str) -> str:
    """An intake form is sent to Lena's manager; a second draft stays open at its fields."""
    page.goto(f"{base}/build/")
    page.get_by_role("button", name="Start from Intake form").click()
    page.locator("[name=title]").fill("Fair questions")
    _continue(page, "fields")
    _continue(page, "access")
    page.get_by_role("checkbox", name="Marketing").first.check()
    _continue(page, "preview")
    _continue(page, "submit")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fair questions")
    page.goto(f"{base}/build/")
    page.get_by_role("button", name="Start from Marketing lead capture").click()
    page.locator("[name=title]").fill("Autumn leads")
    _continue(page, "fields")
    return page.url


def _continue(page: Page, step: str) -> None:
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url(f"**/{step}/")
