"""An admin lets an OPA agent in; security sees how it does (P4)."""

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come

pytestmark = pytest.mark.needs_browser


def test_an_agent_is_added_seen_and_revoked(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    url = serve()
    ada = come(visitors, url, committed_cast.ada, "agents")
    page = ada.open("/policy/rules/")
    page.get_by_role("link", name="Agents").click()
    expect(page.get_by_role("heading", name="No agents yet")).to_be_visible()
    ada.assert_clean("none")
    page.get_by_role("link", name="Add an agent").first.click()
    page.get_by_label("Name").fill("plant")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("shown this once")).to_be_visible()
    ada.assert_clean("token")
    token = page.get_by_text("opa_").first.inner_text().strip()
    assert token not in page.url

    rules, headers = f"{url}/opa/v1/bundles/portal.tar.gz", {"Authorization": f"Bearer {token}"}
    etag = httpx.get(rules, headers=headers).headers["ETag"]
    assert httpx.get(rules, headers={**headers, "If-None-Match": etag}).status_code == 304

    sana = come(visitors, url, committed_cast.sana, "agents-security")
    page = sana.open("/policy/agents/")
    expect(page.get_by_role("row").filter(has_text="plant")).to_contain_text("Up to date")
    expect(page.get_by_role("link", name="Add an agent")).to_have_count(0)
    sana.assert_clean("one")

    page = ada.open("/admin/policy/opaagent/")
    page.get_by_role("checkbox", name="Select this object for an action - plant").check()
    page.get_by_role("combobox").select_option(label="Revoke the chosen agents with all their tokens")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).click()
    expect(page.get_by_text("Revoked.")).to_be_visible()
    assert httpx.get(rules, headers=headers).status_code == 401
