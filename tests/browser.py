"""A real browser for flows: people with sessions of their own, and what every page must be.

    def test_wizard(visitors, live_server):
        lena = visitors(live_server.url, "wizard")
        page = lena.open("/build/")
        lena.assert_clean("templates")

`assert_clean` looks at the page as it stands: axe in light and dark and at phone width, nothing wider
than the phone, nothing in the console, no breach of the content security policy; and leaves the
pictures under var/screenshots/<flow>/ for a person to look at.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests import chrome

SCREENSHOTS = Path(settings.BASE_DIR) / "var" / "screenshots"
DESKTOP = {"width": 1360, "height": 860}
PHONE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root, and open nothing but their own pages
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
PATIENCE = 20_000  # milliseconds; a busy machine is slow, not wrong
AXE = Axe()
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},
    "preload": False,  # it would copy imported style sheets inline, which the page's own policy refuses
}
# Chromium logs a breach as well; this one also tells of those in a document that is left at once.
WATCH = """document.addEventListener("securitypolicyviolation", (event) => console.error(
    `content security policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));"""


@dataclass
class Visitor:
    """One person at a browser, with cookies of their own. Made by the fixture `visitors`."""

    base_url: str
    flow: str
    context: BrowserContext
    page: Page = field(init=False)
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    def open(self, path: str) -> Page:
        """Go to `path` (or a whole address); the page has settled when this returns."""
        url = path if "://" in path else self.base_url + path
        self.page.goto(url, wait_until="load")
        self.page.evaluate("document.fonts.ready")
        return self.page

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Answers of these statuses are part of the test; the browser's complaint on them is not."""
        self.expected |= set(statuses)
        yield
        self.page.wait_for_timeout(250)  # the console hears of an answer a little later than the page
        self.expected -= set(statuses)

    def assert_clean(self, name: str) -> None:
        """The page as it stands is accessible and quiet in every appearance; takes its pictures."""
        found: list[str] = []
        for appearance, scheme, size in (
            ("light", "light", DESKTOP),
            ("dark", "dark", DESKTOP),
            ("phone", "light", PHONE),
        ):
            self.page.emulate_media(color_scheme=scheme)
            self.page.set_viewport_size(size)
            self.picture(f"{name}-{appearance}")
            found += [f"[{appearance}] {line}" for line in violations(self.page)]
        found += _too_wide(self.page)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size(DESKTOP)
        assert not found, f"{self.page.url} ({name}):\n" + "\n".join(found)
        self.assert_quiet()

    def assert_quiet(self) -> None:
        """No error in the console and no breach of the content security policy so far."""
        assert not self.complaints, "the console says:\n" + "\n".join(self.complaints)

    def picture(self, name: str) -> Path:
        """The whole page as it looks now, in var/screenshots/<flow>/<name>.png."""
        path = SCREENSHOTS / self.flow / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        return path

    def _heard(self, message: ConsoleMessage) -> None:
        statuses = (f"status of {status} " for status in self.expected)
        if message.type == "error" and not any(part in message.text for part in statuses):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, two lines a rule and one a place."""
    lines = []
    for violation in AXE.run(page, options=AXE_OPTIONS).response["violations"]:
        lines.append(f"{violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"]:
            reason = " ".join((node.get("failureSummary") or "").split())
            lines.append(f"    {' '.join(map(str, node['target']))}: {reason}")
    return lines


def _too_wide(page: Page) -> list[str]:
    """Elements that make the phone's page scroll sideways."""
    if page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"):
        return []
    culprits = page.evaluate(
        """[...document.querySelectorAll("body *")]
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map((element) => `${element.tagName}.${element.className}`)"""
    )
    return [f"[phone] scrolls sideways, because of {culprits}"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser process for the run."""
    path = chrome.find()
    assert path, "no browser: run bin/get-browser"
    # Playwright's synchronous calls run an event loop in this thread, which Django takes for async.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        expect.set_options(timeout=PATIENCE)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """`visitors(base_url, flow)` brings a new person; nobody's console may have complained at the end."""
    come: list[Visitor] = []

    def arrive(base_url: str, flow: str, **context: Any) -> Visitor:
        come.append(Visitor(base_url, flow, _context(browser, context)))
        return come[-1]

    yield arrive
    for visitor in come:
        visitor.context.close()
    for visitor in come:
        visitor.assert_quiet()


def _context(browser: Browser, more: dict[str, Any]) -> BrowserContext:
    """Reduced motion: no transition is caught half-way by a picture or by axe's contrast."""
    context = browser.new_context(
        viewport=DESKTOP, reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Berlin", **more
    )
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(3 * PATIENCE)
    return context
