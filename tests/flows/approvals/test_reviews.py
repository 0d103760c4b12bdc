"""A review in real browsers: inbox, evidence, late vote, approval, search; by keyboard where it counts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from approvals.models import Request
from approvals.states import RequestState
from identity.models import User
from identity.tenancy import tenant_scope
from notices import delivery
from tests.browser import Visitor
from tests.cast import Cast
from tests.integration.approvals.backlog import make_backlog
from tests.memos import MANAGER, SECURITY, Memo

pytestmark = pytest.mark.needs_browser
Arrive = Callable[[User], Visitor]


@pytest.fixture
def arrive(visitors: Callable[..., Visitor], serve: Callable[..., str], memo: Memo) -> Arrive:
    """`arrive(user)`: somebody who is signed in, in a browser of their own."""
    url = serve()

    def sign_in(user: User) -> Visitor:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        visitor = visitors(url, "approvals")
        visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        return visitor

    return sign_in


def _opened(cast: Cast, memo: Memo, **more: Any) -> Request:
    with tenant_scope(cast.tenant.pk):
        return memo.open(cast.lena, **more)


def _state(cast: Cast, request: Request) -> str:
    with tenant_scope(cast.tenant.pk):
        return Request.objects.get(pk=request.pk).state


def test_pages_are_clean_in_every_state(committed_cast: Cast, memo: Memo, arrive: Arrive) -> None:
    cast = committed_cast
    omar = arrive(cast.omar)
    omar.open("/approvals/")
    expect(omar.page.get_by_text("Nothing waits for you")).to_be_visible()
    omar.assert_clean("inbox-empty")
    make_backlog(cast, 30)
    request = _opened(cast, memo, steps=[MANAGER, SECURITY])
    omar.open("/approvals/")
    omar.assert_clean("inbox")
    omar.open(request.get_absolute_url())
    omar.assert_clean("request")
    with omar.expecting(400):
        omar.page.get_by_role("button", name="Reject").click()
        expect(omar.page.get_by_text("Say why").first).to_be_visible()
        omar.assert_clean("request-no-reason")
    delivery.deliver_portal()
    omar.open("/notices/")
    omar.assert_clean("notices")
    theo = arrive(cast.theo)
    theo.open(request.get_absolute_url())
    theo.assert_clean("request-read-only")


def test_search_narrows_the_list_as_one_types(committed_cast: Cast, memo: Memo, arrive: Arrive) -> None:
    make_backlog(committed_cast, 30)
    _opened(committed_cast, memo)
    omar = arrive(committed_cast.omar)
    page = omar.open("/approvals/")
    page.get_by_label("Title or requester").press_sequentially("coffee")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("link", name=memo.text)).to_be_visible()
    assert "q=coffee" in page.url
    expect(page.get_by_label("Title or requester")).to_be_focused()


def test_a_review_by_keyboard_alone(committed_cast: Cast, memo: Memo, arrive: Arrive) -> None:
    request = _opened(committed_cast, memo)
    omar = arrive(committed_cast.omar)
    page = omar.open("/approvals/")
    _tab_to(omar, "link", memo.text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=memo.text)).to_be_visible()
    _tab_to(omar, "textbox", "Comment")
    page.keyboard.type("Enjoy")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your approval is recorded.")).to_be_visible()
    expect(page.get_by_text("Enjoy")).to_be_visible()
    assert _state(committed_cast, request) == RequestState.GRANTED
    assert memo.heard == ["granted"]
    omar.assert_clean("request-granted")


def test_a_late_vote_sees_what_changed_and_keeps_its_comment(
    committed_cast: Cast, memo: Memo, arrive: Arrive
) -> None:
    request = _opened(committed_cast, memo)
    omar = arrive(committed_cast.omar)
    page = omar.open(request.get_absolute_url())
    page.get_by_label("Comment").fill("Fine with me")
    memo.text = "Tea for everyone"
    with omar.expecting(409):
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("This changed while you were looking")).to_be_visible()
        expect(page.locator("ins")).to_contain_text("Tea for everyone")
        expect(page.get_by_label("Comment")).to_have_value("Fine with me")
        omar.assert_clean("request-changed")
    assert _state(committed_cast, request) == RequestState.OPEN
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Your approval is recorded.")).to_be_visible()


def _tab_to(visitor: Visitor, role: str, name: str, limit: int = 60) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    target = visitor.page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    for _ in range(limit):
        visitor.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{role} {name!r} is not reached by Tab")
