"""Co-owners in a browser: found, added after a question, undone, taken out."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.catalog.test_wizard import sign_in
from tests.integration.catalog.test_next_version import builder
from tests.live_apps import make_app

pytestmark = pytest.mark.needs_browser


def test_an_app_is_shared_and_taken_back(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    builder(committed_cast, committed_cast.omar)
    app = make_app(committed_cast.lena)
    lena = visitors(serve(), "owners")
    sign_in(lena, committed_cast.lena)
    page = lena.open(app.get_absolute_url())
    owners = page.get_by_role("region", name="Owners")
    search = page.get_by_label("Add a co-owner")
    search.fill("nobody")
    search.press("Enter")
    expect(owners.get_by_text("No other builder has that in their name")).to_be_visible()
    search.fill("rey")
    search.press("Enter")
    add = owners.get_by_role("button", name="Add Omar Reyes")
    expect(add).to_be_visible()
    lena.assert_clean("found")

    add.click()
    page.get_by_role("button", name="Cancel").click()
    add.click()
    expect(page.get_by_role("heading", name="Let Omar Reyes change “Spring leads”?")).to_be_visible()
    page.get_by_role("button", name="Yes, go on").click()
    expect(owners.get_by_text("Omar Reyes can change this app now.")).to_be_visible()
    lena.assert_clean("added")

    owners.get_by_role("button", name="Undo").click()
    expect(owners.get_by_text("can no longer change this app")).to_be_visible()
    expect(owners.get_by_role("button", name="Remove Omar Reyes")).to_have_count(0)
    owners.get_by_role("button", name="Undo").click()
    owners.get_by_role("button", name="Remove Omar Reyes").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(owners.get_by_text("can no longer change this app")).to_be_visible()
    lena.assert_clean("removed")
