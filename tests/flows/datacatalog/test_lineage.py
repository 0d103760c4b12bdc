"""A dataset's graph, its fields, who sees one, and what a class would change: as people see it (D7)."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from datacatalog.models import DatasetField
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come
from tests.integration.portal.test_lineage import exported, source, taking
from tests.live_apps import EMAIL, add

pytestmark = pytest.mark.needs_browser
__all__ = ["source"]


def test_from_the_dataset_to_the_impact(
    committed_cast: Cast,
    visitors: Callable[..., Visitor],
    serve: Callable[..., str],
    source: DatasetField,
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    app = taking(cast.lena, source)
    add(app, cast.mia)
    exported(app, cast, EMAIL)
    sana = come(visitors, url, cast.sana, "lineage")

    page = sana.open(f"/data/{source.dataset_id}/")
    page.get_by_role("link", name="Lineage").click()
    expect(page.get_by_role("img", name="3 connections")).to_be_visible()
    expect(page.get_by_role("row", name="Spring leads European Union")).to_contain_text("1 export, 1 record")
    sana.assert_clean("graph")
    page.get_by_role("link", name="E-mail").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("E-mail")
    expect(page.get_by_role("row", name="in clear, one by one")).to_contain_text("Lead")
    expect(page.get_by_text("Hand over to the call centre")).to_be_visible()
    sana.assert_clean("field")
    page.get_by_label("Classification").select_option(label="Internal")
    page.get_by_role("button", name="What would change?").click()
    expect(page.get_by_role("table", name="What would change")).to_contain_text("Spring leads")
    sana.assert_clean("impact")
