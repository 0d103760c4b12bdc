"""The style page and the error pages in a real browser: every component, every appearance."""

from collections.abc import Callable

import pytest

from tests import lighthouse
from tests.browser import Visitor

pytestmark = pytest.mark.needs_browser
URLS = "tests.flows.portal.style_urls"


@pytest.fixture
def visitor(visitors: Callable[..., Visitor], serve: Callable[..., str]) -> Visitor:
    """Somebody who looks at the style page's site."""
    return visitors(serve(ROOT_URLCONF=URLS), "style")


def test_every_component_is_accessible_in_every_appearance(visitor: Visitor) -> None:
    visitor.open("/style/")
    visitor.assert_clean("components")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_an_error_page_says_what_to_do_next(visitor: Visitor, status: int) -> None:
    with visitor.expecting(status):
        page = visitor.open(f"/error/{status}/")
        assert page.get_by_role("heading", level=1).inner_text()
        assert page.get_by_role("main").get_by_role("link").count()
        visitor.assert_clean(f"error-{status}")


def test_a_refusal_shows_its_reasons_and_the_decision(visitor: Visitor) -> None:
    with visitor.expecting(403):
        page = visitor.open("/refused/")
        assert page.get_by_text("may not leave the region").is_visible()
        assert page.get_by_text("Ask two people to approve").is_visible()
        assert page.get_by_text("0198c1d2-7d10-7c55-9a30-52f1b7a3e001", exact=True).is_visible()
        visitor.assert_clean("refused")


@pytest.mark.needs_node
def test_lighthouse_has_nothing_to_say(serve: Callable[..., str]) -> None:
    report = lighthouse.measure(f"{serve(ROOT_URLCONF=URLS)}/style/")
    report.require(accessibility=100, best_practices=100, performance=95)
