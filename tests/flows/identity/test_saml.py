"""SAML with pysaml2's provider in a real browser: sign-in, step-up, logout from either side."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from identity.models import IdentityProvider, LoginSession
from identity.saml.services import create_saml_provider
from identity.services import Connection
from identity.tenancy import tenant_scope
from tests.browser import Visitor
from tests.cast import Cast
from tests.ports import free_port
from tests.saml import HIGH, pair
from vault.services import provision

pytestmark = [pytest.mark.needs_browser, pytest.mark.needs_xmlsec1]
FLOW = "saml"


@dataclass
class Site:
    """A portal and a provider that know each other, on two sites."""

    url: str
    idp: str
    row: IdentityProvider

    def sessions(self) -> str:
        """Who is signed in at the provider."""
        return httpx.get(f"{self.idp}/sessions", timeout=60).text.rpartition(">")[2]


@pytest.fixture
def site(serve: Callable[..., str], settings: Any, committed_cast: Cast, tmp_path: Path) -> Iterator[Site]:
    address = serve()
    settings.BASE_URL = address
    own = pair("idp")
    (tmp_path / "idp.key").write_text(own.key)
    (tmp_path / "idp.crt").write_text(own.certificate)
    for name in ("ada", "lena"):
        (tmp_path / f"{name}.name").write_text(getattr(committed_cast, name).external_id)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.saml_idp", str(port), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    idp = process.stdout.readline().strip()
    try:
        yield Site(address, idp, _connected(committed_cast, idp, address, tmp_path))
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def _connected(cast: Cast, idp: str, address: str, folder: Path) -> IdentityProvider:
    """Each learns of the other by its metadata."""
    with tenant_scope(cast.tenant.pk):
        provision(by=None, tenant=cast.tenant.pk)
        connection = Connection(
            "Contoso SAML", "", metadata=httpx.get(f"{idp}/metadata", timeout=60).text, step_up_contexts=HIGH
        )
        row = create_saml_provider(by=cast.ada, slug="contoso-saml", connection=connection)
    row.is_enabled = True
    row.save()
    (folder / "sp.xml").write_bytes(
        httpx.get(f"{address}/sign-in/saml/contoso-saml/metadata/", timeout=60).content
    )
    return row


def press(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name).click()


def test_sign_in_step_up_and_sign_out(site: Site, visitors: Callable[..., Visitor]) -> None:
    visitor = visitors(site.url, FLOW)
    page = visitor.open("/notices/")
    press(visitor, "Continue with Contoso SAML")
    press(visitor, "Ada Kern")
    page.wait_for_url(f"{site.url}/notices/")
    assert site.sessions() == "ada"
    visitor.open("/admin/")
    press(visitor, "Ada Kern with a second factor")
    page.wait_for_url(f"{site.url}/admin/")
    assert LoginSession.objects.filter(ended_at=None).count() == 1
    visitor.open(f"/admin/identity/samlprovider/{site.row.pk}/change/")
    visitor.assert_clean("provider")
    press(visitor, "Check the metadata")
    visitor.assert_clean("provider-checked")
    visitor.open("/admin/identity/samlprovider/add/")
    visitor.assert_clean("provider-add")
    visitor.open("/sign-out/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.url}/sign-in/**")
    assert site.sessions() == ""
    assert not LoginSession.objects.filter(ended_at=None).exists()


def test_the_provider_ends_the_session(site: Site, visitors: Callable[..., Visitor]) -> None:
    visitor = visitors(site.url, FLOW)
    page = visitor.open("/sign-in/")
    press(visitor, "Continue with Contoso SAML")
    press(visitor, "Lena Marsh")
    page.wait_for_url(f"{site.url}/")
    page.goto(f"{site.idp}/end?person=lena")
    assert "Signed out everywhere" in page.locator("body").inner_text()
    assert LoginSession.objects.get().end == LoginSession.End.PROVIDER
    visitor.open("/notices/")
    assert page.url.startswith(f"{site.idp}/sso"), "asked anew who he is"


def test_an_answer_that_was_used_is_a_clear_page(site: Site, visitors: Callable[..., Visitor]) -> None:
    visitor = visitors(site.url, FLOW)
    with visitor.expecting(400):
        visitor.open("/sign-in/saml/contoso-saml/finish/")
        visitor.assert_clean("refused")
