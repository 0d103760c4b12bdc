"""What js/portal.js adds to a page, in a real browser under the real content security policy."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import PHONE, Visitor

pytestmark = pytest.mark.needs_browser


@pytest.fixture
def visitor(visitors: Callable[..., Visitor], serve: Callable[..., str]) -> Visitor:
    """Somebody in Berlin who reads British English."""
    return visitors(serve(ROOT_URLCONF="tests.flows.portal.behaviour_urls"), "behaviour")


def test_a_change_is_saved_with_the_csrf_token_and_says_so(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.get_by_label("Title").fill("Spring leads")
    page.get_by_label("Title").blur()
    expect(page.locator("#answer")).to_have_text("got POST Spring leads")
    expect(page.locator("[data-save-state]")).to_have_attribute("data-state", "saved")


def test_a_lost_connection_is_told_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.route("**/save/", lambda route: route.abort())
    page.get_by_label("Title").fill("Spring leads")
    page.get_by_label("Title").blur()
    expect(page.locator("[data-save-state]")).to_have_text("Not saved")
    expect(page.locator("#toasts")).to_contain_text("did not answer")
    assert page.get_by_label("Title").input_value() == "Spring leads"
    assert [line for line in visitor.complaints if "ERR_FAILED" in line or "htmx:error" in line]
    visitor.complaints.clear()  # the browser itself reports the lost connection


def test_a_refused_form_comes_back_with_its_errors_in_place(visitor: Visitor) -> None:
    page = visitor.open("/")
    with visitor.expecting(422):
        page.get_by_label("Age").fill("old")
        page.get_by_role("button", name="Check").click()
        expect(page.locator("#checked")).to_contain_text("A number, please.")
        assert page.get_by_label("Age").input_value() == "old"
        expect(page.locator("#toasts")).to_be_empty()


@pytest.mark.parametrize(
    ("button", "status", "words"),
    [("Conflict", 409, "This has changed meanwhile"), ("Broken", 502, "That did not work")],
)
def test_an_error_shows_in_the_corner_and_leaves_the_page(
    visitor: Visitor, button: str, status: int, words: str
) -> None:
    page = visitor.open("/")
    with visitor.expecting(status):
        page.get_by_role("button", name=button).click()
        expect(page.locator("#toasts")).to_contain_text(words)
    assert page.locator("#answer").inner_text() == ""
    assert page.locator("#note").input_value() == "typed by hand"


def test_a_question_comes_before_the_request(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.get_by_role("button", name="Ask first").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Really save?")
    dialog.get_by_role("button", name="Cancel").click()
    assert page.locator("#answer").inner_text() == ""
    page.get_by_role("button", name="Ask first").click()
    dialog.get_by_role("button", name="Yes").click()
    expect(page.locator("#answer")).to_contain_text("got POST")


def test_a_plain_form_asks_too(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.get_by_role("button", name="Send").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes").click()
    expect(page.get_by_text("sent")).to_be_visible()


def test_focus_stays_near_a_row_that_went_away(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.get_by_role("button", name="Remove").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#one")).to_have_count(0)
    expect(page.locator("#list")).to_be_focused()


def test_times_are_the_readers_own_and_keep_utc_at_hand(visitor: Visitor) -> None:
    time = visitor.open("/").locator("#when time")
    expect(time).to_have_text("5 Jan 2026, 10:30")
    expect(time).to_have_attribute("title", "2026-01-05 09:30 UTC")


def test_the_chosen_theme_lasts_and_is_there_before_the_first_paint(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.locator("summary.avatar-button").click()
    page.get_by_label("Dark").check()
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    page.route("**/portal.*.js", lambda route: route.abort())
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    visitor.complaints.clear()  # of the module that was kept away on purpose


def test_the_menu_opens_and_closes_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.set_viewport_size(PHONE)
    page.locator(".site-menu summary").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="My apps")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Build")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".site-menu summary")).to_be_focused()
    expect(page.get_by_role("link", name="My apps")).to_be_hidden()


def test_the_first_tab_skips_to_the_content(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_dialog_opens_and_closes(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_text("Inside")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Inside")).to_be_hidden()


def test_a_value_is_copied(visitor: Visitor) -> None:
    page = visitor.open("/")
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the id").click()
    expect(page.locator("#toasts")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "abc-123"


def test_the_harness_itself_finds_what_is_wrong(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\">')")
    with pytest.raises(AssertionError, match="image-alt"):
        visitor.assert_clean("wrong")
    page.evaluate("document.body.lastElementChild.outerHTML = '<p style=\"color: red\">x</p>'")
    page.wait_for_timeout(200)  # the browser reports a breach when it finds the time
    with pytest.raises(AssertionError, match="Content Security Policy"):
        visitor.assert_quiet()
    visitor.complaints.clear()
