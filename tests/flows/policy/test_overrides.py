"""An admin overrides a rule for one person, security agrees, the app says so, and it is ended (P6)."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.exceptions import refused
from tests.flows.identity.test_roles import come
from tests.flows.policy.test_exceptions import ask_for_export

pytestmark = pytest.mark.needs_browser


def test_an_override_from_asking_to_its_end(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    app = live_apps.make_app(cast.lena)
    refusal = refused(app, cast.mia)
    ada, sana, mia = (come(visitors, url, one, "overrides") for one in (cast.ada, cast.sana, cast.mia))

    page = ada.open(f"/audit/decisions/{refusal.row.pk}/")
    page.get_by_role("link", name="Override this").click()
    expect(page.get_by_text("An override is loud")).to_be_visible()
    ada.assert_clean("ask")
    page.get_by_label("Why is it needed?").fill("The fair closes tonight and its list is in Boston")
    page.get_by_label("How is it watched, and put right afterwards?").fill(
        "The copy is deleted after the fair"
    )
    page.get_by_role("button", name="Ask security").click()
    expect(page.get_by_text("The override is asked for.")).to_be_visible()
    expect(page.get_by_text("Waiting for approval")).to_be_visible()
    ada.assert_clean("asked")

    page = sana.open("/approvals/")
    page.get_by_role("link", name="Override in").first.click()
    expect(page.get_by_text("How it is watched, and put right afterwards")).to_be_visible()
    sana.assert_clean("request")
    page.get_by_role("button", name="Approve").first.click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    page = mia.open("/apps/leads/leads/")
    expect(page.get_by_text("An admin has overridden a rule in this app.")).to_be_visible()
    mia.assert_clean("app")
    page = ask_for_export(mia)
    expect(page.get_by_text("Waiting for approval").first).to_be_visible()

    page = ada.open("/policy/exceptions/")
    ada.assert_clean("list")
    page.get_by_role("link", name="Spring leads").click()
    expect(page.get_by_text("In force")).to_be_visible()
    page.get_by_role("button", name="End it now").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(page.get_by_text("The rule counts again.")).to_be_visible()
    page = ask_for_export(mia, 403)
    expect(page.get_by_text("Refused by policy")).to_be_visible()
