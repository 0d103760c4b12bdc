"""The certified npm oidc-provider as a tenant's own provider, in a real browser: sign-in, step-up, logout by
the front and by the back channel."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from identity import services
from identity.models import IdentityProvider, LoginSession
from identity.services import Connection
from identity.tenancy import tenant_scope
from tests.browser import Visitor
from tests.cast import Cast
from tests.npm import INSTALLED, LOCKED, install
from tests.ports import free_port
from vault.services import provision

pytestmark = [pytest.mark.needs_browser, pytest.mark.needs_node]
FLOW = "certified-provider"
SECRET = "a-secret-that-is-long-enough-for-hmac"


class Certified:
    """The provider as its own process, and the portal that its client belongs to."""

    def __init__(self, site: str, people: list[str]) -> None:
        install()
        script = shutil.copy(LOCKED / "provider.mjs", INSTALLED)
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        client = {
            "client_id": "portal",
            "client_secret": SECRET,
            "redirect_uris": [f"{site}/sign-in/contoso-id/callback/"],
            "post_logout_redirect_uris": [f"{site}/"],
            "backchannel_logout_uri": f"{site}/sign-in/contoso-id/backchannel-logout/",
        }
        told = json.dumps({"port": self.port, "client": client, "people": people})
        self.process = subprocess.Popen(["node", script, told], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        assert "ready" in self.process.stdout.readline()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)
        assert self.process.stdout
        self.process.stdout.close()


@pytest.fixture
def portal(
    serve: Callable[..., str], committed_cast: Cast, settings: pytest.FixtureRequest
) -> Iterator[tuple[str, Certified]]:
    """A portal whose tenant Contoso signs in at the certified provider."""
    cast, site = committed_cast, serve()
    settings.BASE_URL = site
    idp = Certified(site, [cast.ada.external_id, cast.nils.external_id])
    cache.clear()
    with tenant_scope(cast.tenant.pk):
        provision(by=None, tenant=cast.tenant.pk)
        row = services.create_provider(
            by=cast.ada,
            kind=IdentityProvider.Kind.OIDC,
            slug="contoso-id",
            connection=Connection("Contoso ID", idp.issuer, "portal", step_up_contexts="urn:example:strong"),
            secret=SECRET,
        )
        services.set_email_domains(by=cast.ada, provider=row, domains=["contoso.example"])
        services.note_provider_test(by=cast.ada, provider=row, passed=True)
        services.enable_provider(by=cast.ada, provider=row)
        northwind = services.create_provider(
            by=cast.vera,
            kind=IdentityProvider.Kind.OIDC,
            slug="northwind-id",
            connection=Connection("Northwind ID", "https://id.northwind.example", "portal"),
        )
        IdentityProvider.objects.filter(pk=northwind.pk).update(is_enabled=True)
    yield site, idp
    idp.stop()


def choose(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name).click()


def sign_in(visitor: Visitor, cast: Cast) -> None:
    page = visitor.open("/sign-in/?next=/notices/")
    page.get_by_label("E-mail address at work").fill("ada.kern@contoso.example")
    choose(visitor, "Continue")
    page.wait_for_url("**/interaction/**")
    choose(visitor, cast.ada.external_id)
    page.wait_for_url("**/notices/")


def test_sign_in_step_up_and_sign_out(portal, committed_cast: Cast, visitors: Callable[..., Visitor]) -> None:
    site, idp = portal
    visitor = visitors(site, FLOW)
    page = visitor.open("/sign-in/?next=/notices/")
    visitor.assert_clean("find-provider")
    page.get_by_label("E-mail address at work").fill("someone@strange.example")
    with visitor.expecting(422):
        choose(visitor, "Continue")
        visitor.assert_clean("unknown-domain")
    sign_in(visitor, committed_cast)
    page = visitor.open("/admin/identity/identityprovider/")
    assert page.url.startswith(f"{idp.issuer}/interaction/"), "the second factor is asked for there"
    assert page.locator("h1").inner_text() == "Confirm it is you"
    choose(visitor, committed_cast.ada.external_id)
    page.wait_for_url(f"{site}/admin/identity/identityprovider/")
    page.get_by_role("link", name="Contoso ID").click()
    visitor.assert_clean("provider-admin")
    choose(visitor, "Check the connection")
    expect(page.locator("#content")).to_contain_text("It accepts the client id and secret")
    choose(visitor, "Test the sign-in")
    page.wait_for_url("**/interaction/**")
    choose(visitor, committed_cast.ada.external_id)
    page.wait_for_url("**/callback/**")
    expect(page.locator("main")).to_contain_text("It works: Ada Kern")
    visitor.assert_clean("provider-test")
    visitor.open("/sign-out/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{idp.issuer}/**")
    choose(visitor, "Yes, sign me out")
    page.wait_for_url(f"{site}/sign-in/**")
    assert LoginSession.objects.get().end == LoginSession.End.SIGNED_OUT
    sign_in(visitor, committed_cast)  # the provider asks who it is again


def test_a_session_that_ends_there_ends_here(
    portal, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    """The sign-out happens at the provider, in another tab; nothing of it comes by the portal's."""
    site, idp = portal
    visitor = visitors(site, FLOW)
    sign_in(visitor, committed_cast)
    other = visitor.context.new_page()
    other.goto(f"{idp.issuer}/session/end")
    other.get_by_role("button", name="Yes, sign me out").click()
    other.wait_for_url("**/session/end/success**")
    assert LoginSession.objects.get().end == LoginSession.End.PROVIDER
    page = visitor.open("/notices/")
    assert page.url.startswith(f"{idp.issuer}/interaction/"), "straight to where this browser was last"


def test_a_person_of_another_tenant_is_nobody_here(
    portal, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    site, _idp = portal
    visitor = visitors(site, FLOW)
    visitor.open("/sign-in/contoso-id/")
    choose(visitor, "Continue with Contoso ID")
    with visitor.expecting(403):
        choose(visitor, committed_cast.nils.external_id)
        visitor.page.wait_for_url("**/callback/**")
        expect(visitor.page.locator("h1")).to_contain_text("no account here yet")
