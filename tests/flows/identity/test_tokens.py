"""A person makes a token, lets a command line in, and sees and revokes both (I5)."""

from collections.abc import Callable

import httpx
import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come

pytestmark = pytest.mark.needs_browser


def test_a_token_is_shown_once_and_revoked(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cache.clear()
    url = serve()
    mia = come(visitors, url, committed_cast.mia, "tokens")
    page = mia.open("/account/tokens/")
    mia.assert_clean("none")
    page.get_by_label("What is it for?").fill("Nightly report")
    page.get_by_label("See which apps you may use").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nightly report")
    mia.assert_clean("made")
    token = page.get_by_text("map_").first.inner_text().strip()
    me = f"{url}/api/v1/me"
    assert httpx.get(me, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    page.get_by_role("link", name="Done, I have copied it").click()
    row = page.get_by_role("row").filter(has_text="Nightly report")
    assert token not in page.content()
    row.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(row.get_by_role("button", name="Revoke")).to_have_count(0)
    assert httpx.get(me, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    mia.assert_clean("revoked")


@pytest.mark.parametrize(("button", "heading"), [("Let it in", "let in"), ("Deny", "turned away")])
def test_a_command_line_asks(
    committed_cast: Cast,
    visitors: Callable[..., Visitor],
    serve: Callable[..., str],
    button: str,
    heading: str,
) -> None:
    cache.clear()
    url = serve()
    wish = {"client_id": "portal-cli", "client_name": "portal on box", "scope": "apps:read"}
    asked = httpx.post(f"{url}/api/v1/device/authorize", data=wish).json()
    mia = come(visitors, url, committed_cast.mia, "device")
    page = mia.open("/device/")
    page.get_by_label("Code").fill(asked["user_code"].lower())
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("portal on box")).to_be_visible()
    mia.assert_clean("confirm")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    mia.assert_clean(f"done-{heading.replace(' ', '-')}")
    wish = {
        "client_id": "portal-cli",
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": asked["device_code"],
    }
    answer = httpx.post(f"{url}/api/v1/device/token", data=wish)
    assert answer.status_code == (200 if heading == "let in" else 400), answer.text
