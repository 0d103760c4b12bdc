"""What is kept, a hold, what was deleted, and the form of an old record: as people see it (D6)."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from datacatalog.tasks import apply_retention
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come
from tests.integration.runtime.test_retention import DAYS, aged, app_with

pytestmark = pytest.mark.needs_browser


def test_from_the_schedule_to_a_hold_to_the_proof(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    app = app_with(cast.lena, DAYS)
    [record] = aged(app, cast.mia, 31)
    sana, theo, omar = (come(visitors, url, one, "retention") for one in (cast.sana, cast.theo, cast.omar))

    page = sana.open("/data/")
    page.get_by_role("link", name="Retention").click()
    expect(page.get_by_role("row", name="Leads")).to_contain_text("10 days")
    sana.assert_clean("schedule")
    page.get_by_role("link", name="Legal holds").click()
    page.get_by_label("What is it called?").fill("Case 7")
    page.get_by_label("What is held?").select_option(label="Leads")
    page.get_by_label("Why?").fill("File 7 O 123/26")
    page.get_by_role("button", name="Place the hold").click()
    expect(page.get_by_text("The hold is in force.")).to_be_visible()
    sana.assert_clean("held")
    page.get_by_role("link", name="Schedule").click()
    expect(page.get_by_role("row", name="Leads")).to_contain_text("on hold")
    assert apply_retention() == 0

    page.get_by_role("link", name="Legal holds").click()
    page.get_by_label("Why “Case 7” can be released").fill("The case is closed")
    page.get_by_role("button", name="Release Case 7").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(page.get_by_text("The hold is released.")).to_be_visible()
    assert apply_retention() == 2

    page = theo.open("/data/retention/deleted/")
    expect(page.get_by_role("row", name="Health note")).to_be_visible()
    theo.assert_clean("deleted")
    page.get_by_role("link", name="Its events").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    page = omar.open(f"/apps/leads/leads/{record}/edit")
    expect(page.get_by_text("Not kept any more in a record of this age")).to_be_visible()
    expect(page.get_by_label("Work email")).to_have_count(0)
    omar.assert_clean("old-record")
