"""Rules proposed from a repository, checked, reviewed, in force, rolled back: as people see it (P4, P6)."""

import json
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import expect

from policy import services
from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come
from tests.rules import freezing
from tests.tokens import make_token

pytestmark = [pytest.mark.needs_browser, pytest.mark.needs_opa]


@pytest.fixture
def worker(committed: None) -> Iterator[None]:
    """What beat and a worker do: proposals are checked."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.2):
            services.sweep_checks()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def propose(url: str, cast: Cast, files: dict[str, str], message: str) -> str:
    """As CI does; the address of the version's page."""
    _row, token = make_token(cast.ada, "policy:propose")
    made = httpx.post(
        f"{url}/api/v1/policy/versions",
        content=json.dumps({"files": files, "message": message}),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        timeout=30,
    )
    assert made.status_code == 202, made.text
    return f"/policy/versions/{made.json()['id']}/"


def test_from_a_proposal_to_a_decision_and_back(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str], worker: None
) -> None:
    cast, url = committed_cast, serve(POLICY_PARITY_INPUTS=20)
    app = live_apps.make_app(cast.lena)
    mia, sana, ada = (come(visitors, url, one, "rules") for one in (cast.mia, cast.sana, cast.ada))
    leads = "/apps/leads/leads/"
    expect(mia.open(leads).get_by_role("heading", level=1)).to_be_visible()

    page = ada.open("/policy/rules/")
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_role("heading", name="No versions yet")).to_be_visible()
    ada.assert_clean("none")
    address = propose(url, cast, freezing(app.pk), "The audit of spring: leads stay as they are")
    page = ada.open(address)
    ada.assert_clean("checking")
    expect(page.get_by_text("Waiting for review").first).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Both engines decide alike").first).to_be_visible()
    expect(page.get_by_role("heading", name="frozen.rego new")).to_be_visible()
    ada.assert_clean("in-review")

    page = sana.open("/approvals/")
    page.get_by_role("link", name="Rules, version 1").first.click()
    expect(page.get_by_text("Once approved it decides for every tenant")).to_be_visible()
    sana.assert_clean("request")
    page.get_by_role("button", name="Approve").first.click()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    page = sana.open(address)
    expect(page.get_by_text("In force").first).to_be_visible()
    page = sana.open("/policy/rules/")
    with mia.expecting(403):
        page = mia.open(leads)
    expect(page.get_by_text("zz.frozen").first).to_be_visible()

    page = sana.open("/policy/versions/")
    sana.assert_clean("list")
    page.get_by_role("link", name="Roll back to Rules of the release").click()
    sana.assert_clean("roll-back")
    page.get_by_label("Why?").fill("The audit is over")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("The earlier rules decide again.")).to_be_visible()
    expect(page.get_by_text("Published before")).to_be_visible()
    expect(mia.open(leads).get_by_text("zz.frozen")).to_have_count(0)


def test_a_failing_test_blocks(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str], worker: None
) -> None:
    cast, url = committed_cast, serve(POLICY_PARITY_INPUTS=20)
    sana, ada = (come(visitors, url, one, "rules-blocked") for one in (cast.sana, cast.ada))
    broken = freezing("nobody") | {
        "frozen_test.rego": "package portal.frozen_test\n\ntest_that_it_thaws if {\n\t1 == 2\n}\n"
    }
    page = ada.open(propose(url, cast, broken, "Freeze nobody"))
    expect(page.get_by_text("A check failed").first).to_be_visible(timeout=90_000)
    expect(page.get_by_text("test_that_it_thaws: FAIL")).to_be_visible()
    expect(page.get_by_text("Who is asked")).to_have_count(0)
    ada.assert_clean("failed")
    page = sana.open("/approvals/")
    expect(page.get_by_role("link", name="Rules, version 1")).to_have_count(0)
