"""A decision explained to who oversees, and a wish for an exception that is turned down (P5, P6)."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.exceptions import asked, refused
from tests.flows.identity.test_roles import come

pytestmark = pytest.mark.needs_browser


def test_an_auditor_reads_why_and_a_stranger_does_not(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    refusal = refused(live_apps.make_app(cast.lena), cast.mia)
    path = f"/audit/decisions/{refusal.row.pk}/"
    theo, omar = (come(visitors, url, one, "explanations") for one in (cast.theo, cast.omar))

    page = theo.open(path)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Refused: export records")
    expect(page.get_by_text("Mia Novak")).to_be_visible()
    expect(page.get_by_role("link", name="Ask for an exception")).to_have_count(0)
    page.get_by_text("The facts it was made on").click()
    expect(page.locator("pre")).to_contain_text("record.export")
    expect(page.locator("pre")).not_to_contain_text("Novak")
    theo.assert_clean("auditor")
    page.get_by_role("link", name="residency.cross_region_export").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    theo.assert_clean("rule")

    with omar.expecting(404):
        page = omar.open(path)
    expect(page.get_by_text("There is no such decision, or it is not yours to see.")).to_be_visible()


def test_a_wish_that_is_turned_down(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    app = live_apps.make_app(cast.lena)
    row = asked(app, cast.mia)
    omar, mia = (come(visitors, url, one, "turned-down") for one in (cast.omar, cast.mia))

    page = omar.open(f"/approvals/{row.request}/")
    page.get_by_label("Comment").fill("Use a call centre in the union")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("button", name="Reject")).to_have_count(0)
    omar.assert_clean("rejected")

    page = mia.open(f"/policy/exceptions/{row.pk}/")
    expect(page.get_by_text("Refused", exact=True)).to_be_visible()
    mia.assert_clean("refused")
    page.get_by_role("link", name="Who is asked, and what they said").click()
    expect(page.get_by_text("Use a call centre in the union").first).to_be_visible()
    mia.assert_clean("why")
    refused(app, cast.mia)
