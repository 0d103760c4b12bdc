"""Sign-in in a real browser: the portal's pages and the provider's, accessible and without a CSP error."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from identity.models import Group, Membership, Role, RoleGrant, Tenant, User
from identity.tenancy import tenant_scope
from tests.browser import Visitor
from tests.provider import CLIENT_ID, DevelopmentProvider

pytestmark = pytest.mark.needs_browser
ADA = "00u4c1e7a2adak"
FLOW = "sign-in"


@pytest.fixture
def site(serve: Callable[..., str], settings: Any, tmp_path: Path) -> Iterator[str]:
    """A portal and a provider that trust each other."""
    address = serve()
    provider = DevelopmentProvider(
        tmp_path / "data",
        redirect_uris=(f"{address}/sign-in/callback/",),
        post_logout_uris=(f"{address}/",),
    ).start()
    settings.BASE_URL = address
    settings.OIDC = {**settings.OIDC, "issuer": provider.issuer, "client_id": CLIENT_ID, "name": "Contoso ID"}
    settings.SECRETS = {**settings.SECRETS, "oidc-client": provider.client_secret}
    cache.clear()
    yield address
    provider.stop()


@pytest.fixture
def ada(site: str) -> User:
    """The admin, as SCIM left her."""
    tenant = Tenant.objects.create(slug="contoso", name="Contoso")
    with tenant_scope(tenant.pk):
        user = User.objects.create(tenant=tenant, username="ada", external_id=ADA, display_name="Ada Kern")
        group = Group.objects.create(tenant=tenant, name="Platform admins")
        RoleGrant.objects.create(tenant=tenant, group=group, role=Role.ADMIN)
        Membership.objects.create(tenant=tenant, group=group, user=user)
    return user


def choose(visitor: Visitor, name: str) -> None:
    visitor.page.get_by_role("button", name=name).click()


def test_an_admin_signs_in_steps_up_and_signs_out(
    site: str, ada: User, visitors: Callable[..., Visitor]
) -> None:
    visitor = visitors(site, FLOW)
    page = visitor.open("/admin/identity/user/")
    visitor.assert_clean("portal-sign-in")
    choose(visitor, "Continue with Contoso ID")
    visitor.assert_clean("provider-people")
    choose(visitor, "Ada Kern")
    page.get_by_label("One-time code").fill("000000")
    with visitor.expecting(400):
        choose(visitor, "Confirm")
        visitor.assert_clean("provider-wrong-code")
    page.get_by_label("One-time code").fill(page.locator("#one-time-code").inner_text())
    choose(visitor, "Confirm")
    assert page.url == f"{site}/admin/identity/user/", "back to where she was going"
    visitor.open("/sign-out/")
    visitor.assert_clean("portal-sign-out")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site}/sign-in/**")
    visitor.assert_quiet()


def test_who_has_no_account_reads_what_to_do(site: str, visitors: Callable[..., Visitor]) -> None:
    visitor = visitors(site, FLOW)
    page = visitor.open("/sign-in/")
    choose(visitor, "Continue with Contoso ID")
    with visitor.expecting(403):
        choose(visitor, "Mia Novak")
        assert "no account here yet" in page.locator("h1").inner_text()
        visitor.assert_clean("portal-not-provisioned")


def test_a_provider_that_is_away_is_a_clear_page(
    site: str, settings: Any, visitors: Callable[..., Visitor]
) -> None:
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    visitor = visitors(site, FLOW)
    with visitor.expecting(503):
        page = visitor.open("/sign-in/")
        assert "not available right now" in page.locator("h1").inner_text()
        visitor.assert_clean("portal-provider-down")
