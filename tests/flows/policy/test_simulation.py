"""A draft of the rules simulated: asked for, watched, cancelled, read, and followed to a decision (P7)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from policy.checks.generate import Inputs
from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come
from tests.integration.approvals.workers import ready, worker
from tests.integration.policy.stored import decided_before
from tests.integration.policy.test_simulation_runs import wait_until
from tests.rego_draft import freezing
from tests.simulations import proposed, texts

pytestmark = pytest.mark.needs_browser


def test_a_draft_is_simulated_watched_and_read(
    committed_cast: Cast,
    visitors: Callable[..., Visitor],
    serve: Callable[..., str],
    tmp_path: Path,
) -> None:
    cache.clear()
    cast, url, source = committed_cast, serve(), Inputs(31)
    app = live_apps.make_app(cast.lena)
    live_apps.add(app, cast.lena)
    decided_before(cast.tenant.pk, [source.next() for _n in range(2_500)])
    draft = proposed(cast.ada, texts(freezing(tmp_path, {str(app.pk), *(f"a-{n}" for n in range(0, 50, 2))})))
    sana = come(visitors, url, cast.sana, "simulation")

    page = sana.open(draft.get_absolute_url())
    expect(page.get_by_text("Only your own tenant's decisions")).to_be_visible()
    sana.assert_clean("form")
    page.get_by_role("button", name="Simulate").click()
    expect(page.get_by_role("heading", name="On its way")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress of the simulation")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Waiting for a worker")).to_have_count(1)
    page.get_by_role("button", name="Cancel the simulation").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    sana.assert_clean("cancelled")

    page = sana.open(draft.get_absolute_url())
    expect(page.get_by_role("cell", name="Cancelled")).to_be_visible()
    page.get_by_label("Decisions of the last days").fill("7")
    page.get_by_role("button", name="Simulate").click()
    with worker("celery", tmp_path):
        wait_until(lambda: ready("celery", tmp_path), 60)
        expect(page.get_by_text("questions asked")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("status").filter(has_text="% done")).to_have_count(1)
        sana.assert_clean("running")
        expect(page.get_by_role("heading", name="answers would change")).to_be_visible(timeout=90_000)
    sana.assert_clean("report")

    page.get_by_label("App, owner, action or rule").fill("lena")
    expect(page.get_by_role("rowheader", name=app.title).first).to_be_visible()
    expect(page.get_by_text("a-2", exact=True)).to_have_count(0)
    page.get_by_label("Effect").select_option("obligations")
    expect(page.get_by_text("No change found")).to_be_visible()
    page.get_by_label("Effect").select_option("denied")
    with page.expect_download() as download:
        page.get_by_role("link", name="All changes as CSV").click()
    assert app.title in Path(download.value.path()).read_text(encoding="utf-8-sig")

    page.get_by_label("App, owner, action or rule").fill("record.create")
    row = page.get_by_role("row").filter(has_text=app.title).filter(has_text="add a record")
    row.get_by_role("link", name="Open the decision").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Allowed: add a record")
    sana.assert_clean("example")
