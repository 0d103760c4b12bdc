"""A company brings its key, switches it off, and has it destroyed by two people, as they see it (S3, S4)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from identity.tenancy import tenant_scope
from portal.key_tools import verify
from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come
from tests.vault_keys import wrap
from vault import services
from vault.models import KeyDestruction, KeyImport, Rewrap

pytestmark = pytest.mark.needs_browser
KEY = bytes(range(100, 132))
RECORDS = "/apps/leads/leads/"


def work(cast: Cast) -> None:
    """What the queue's worker does with what waits."""
    tenant = cast.tenant.pk
    with tenant_scope(tenant):
        jobs = list(Rewrap.objects.filter(finished_at=None).values_list("pk", flat=True))
        granted = list(KeyDestruction.objects.filter(state="granted").values_list("pk", flat=True))
    for job in jobs:
        services.run_rewrap(job_id=job, tenant=tenant)
    for one in granted:
        services.finish_destruction(destruction_id=one, tenant=tenant)


def yes(page: Page) -> None:
    page.get_by_role("button", name="Yes, go on").click()


def upload(ada: Visitor, content: bytes, *statuses: int) -> None:
    page = ada.page
    page.get_by_label("Wrapped key").set_input_files(
        {"name": "company.key.wrapped", "mimeType": "application/octet-stream", "buffer": content}
    )
    with ada.expecting(*statuses):
        page.get_by_role("button", name="Import the key").click()
        page.wait_for_load_state()


def brings_a_key(cast: Cast, ada: Visitor) -> None:
    page = ada.open("/keys/")
    expect(page.get_by_role("row").filter(has_text="data of apps")).to_contain_text("made by the key service")
    ada.assert_clean("keys")
    page.get_by_role("link", name="Bring your own key").click()
    ada.assert_clean("import")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("BEGIN PUBLIC KEY")).to_be_visible()
    ada.assert_clean("import-begun")
    with tenant_scope(cast.tenant.pk):
        public = KeyImport.objects.get().public_key
    upload(ada, b"not a wrapped key", 422)
    expect(page.get_by_text("Wrapped by this public key it has 384").first).to_be_visible()
    ada.assert_clean("import-refused")
    upload(ada, wrap(public, KEY))
    expect(page.get_by_text("Your key wraps from now on; its check value is 6418b6")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    ada.assert_clean("moving")
    work(cast)
    expect(page.get_by_text("All data keys are wrapped by the new key.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def switches_it_off_and_on(sana: Visitor, mia: Visitor, ada: Visitor) -> None:
    page = sana.open("/keys/")
    expect(page.get_by_role("link", name="Destroy it")).to_have_count(0)
    page.get_by_role("button", name="Switch it off").click()
    yes(page)
    expect(page.get_by_text("Within five seconds nothing of the data can be read.")).to_be_visible()
    sana.assert_clean("off")
    with mia.expecting(503):
        records = mia.open(RECORDS)
        expect(records.get_by_text("switched off the key to this data")).to_be_visible()
    page = ada.open("/keys/")
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_text("The key is on again.")).to_be_visible()
    expect(mia.open(RECORDS).get_by_text("Contoso").first).to_be_visible()


def has_it_destroyed(cast: Cast, ada: Visitor, sana: Visitor) -> None:
    page = ada.open("/keys/")
    page.get_by_role("link", name="Destroy it").click()
    ada.assert_clean("destroy")
    page.get_by_label("Why is it to be destroyed?").fill("The contract with the portal ends this year.")
    page.get_by_label("I know that nobody can ever read").check()
    page.get_by_role("button", name="Ask for the destruction").click()
    expect(page.get_by_text("waiting for approval").first).to_be_visible()
    request = sana.open("/approvals/")
    request.get_by_role("link", name="Destroy the key to all data").first.click()
    expect(request.get_by_text("Data keys that it opens")).to_be_visible()
    sana.assert_clean("request")
    request.get_by_role("button", name="Approve").first.click()
    expect(request.get_by_role("button", name="Approve")).to_have_count(0)
    work(cast)


def test_bring_off_on_destroy(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str], tmp_path: Path
) -> None:
    cast, url = committed_cast, serve()
    app = live_apps.make_app(cast.lena)
    live_apps.add(app, cast.lena)
    ada, sana, mia = (come(visitors, url, one, "keys") for one in (cast.ada, cast.sana, cast.mia))
    brings_a_key(cast, ada)
    switches_it_off_and_on(sana, mia, ada)
    has_it_destroyed(cast, ada, sana)

    page = ada.page
    page.reload()
    ada.assert_clean("destroyed")
    for name, button in (("certificate.jws", "certificate"), ("signatures.pem", "public keys")):
        with page.expect_download() as download:
            page.get_by_role("link", name=f"Download the {button}").click()
        download.value.save_as(tmp_path / name)
    assert verify(tmp_path / "certificate.jws", tmp_path / "signatures.pem") == 0
    with mia.expecting(503):
        expect(mia.open(RECORDS).get_by_text("Canary")).to_have_count(0)
    page = ada.open("/keys/")
    expect(page.get_by_role("button", name="Make new keys")).to_be_visible()
    ada.assert_clean("gone")
