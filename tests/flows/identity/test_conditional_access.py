"""Conditional access in a real browser: the provider asked in the middle of a form, and a device refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import expect

from approvals.models import Request
from catalog.models import App
from identity.models import User
from identity.tenancy import tenant_scope
from policy import services
from policy.inputs import Action
from policy.models import AccessRule
from runtime.models import Export
from tests import apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.live_apps import FIELDS, SECRET, VALUES, add, make_app
from tests.provider import CLIENT_ID, DevelopmentProvider
from vault import services as vault

pytestmark = pytest.mark.needs_browser
FLOW = "conditional-access"
IDS = {"lena": "00u4c1e7a2lena", "mia": "00u4c1e7a2mian", "omar": "00u4c1e7a2omar", "ada": "00u4c1e7a2adak"}
PLAIN = [field for field in FIELDS if field["classification"] in {"public", "internal"}]
FRESH = {"second_factor": True, "max_age_minutes": 15}


@pytest.fixture
def site(serve: Callable[..., str], settings: Any, tmp_path: Path, committed_cast: Cast) -> Iterator[str]:
    """A portal and a provider that know the same people."""
    address = serve()
    provider = DevelopmentProvider(tmp_path / "data", redirect_uris=(f"{address}/sign-in/callback/",)).start()
    settings.BASE_URL = address
    settings.OIDC = {**settings.OIDC, "issuer": provider.issuer, "client_id": CLIENT_ID, "name": "Contoso ID"}
    settings.SECRETS = {**settings.SECRETS, "oidc-client": provider.client_secret}
    for name, sub in IDS.items():
        User.objects.filter(pk=getattr(committed_cast, name).pk).update(external_id=sub)
    cache.clear()
    yield address
    provider.stop()


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return make_app(committed_cast.lena, fields=PLAIN)


def rule(cast: Cast, *actions: Action, **said: Any) -> None:
    with tenant_scope(cast.tenant.pk):
        made = AccessRule(**{"name": "Managed and fresh", "actions": list(actions), **said})
        services.save_access_rule(by=cast.ada, rule=made)


def enter(visitor: Visitor, path: str, name: str) -> None:
    """Sign in at the provider with one factor, on the way to `path`."""
    visitor.open(path)
    visitor.page.get_by_role("button", name="Continue with Contoso ID").click()
    visitor.page.get_by_role("button", name=name).click()
    visitor.page.wait_for_url(f"{visitor.base_url}/**")


def prove(visitor: Visitor, path: str) -> None:
    """Give the one-time code at the provider; brought back to `path`."""
    page = visitor.page
    page.get_by_label("One-time code").fill(page.locator("#one-time-code").inner_text())
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(visitor.base_url + path)


def let_it_become_old(person: User) -> None:
    """Hours pass: the sign-in of the person's session is as old as that."""
    for row in Session.objects.all():
        content = row.get_decoded()
        if content.get("_auth_user_id") == str(person.pk):
            content["sso"]["auth_time"] -= 4 * 3600
            row.session_data = Session.objects.encode(content)
            row.save()
    cache.clear()


def test_a_step_up_in_the_middle_of_a_form_loses_nothing(
    site: str, app: App, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    rule(committed_cast, Action.RECORD_CREATE, **FRESH)
    path = "/apps/leads/leads/new"
    mia = visitors(site, FLOW)
    enter(mia, "/apps/leads/leads/", "Mia Novak")
    page = mia.open(path)  # the form itself asks first
    prove(mia, path)
    expect(page.get_by_text("check the form")).to_have_count(0)
    page.get_by_label("Company").fill("Fabrikam & Söhne")
    page.get_by_label("Lead source").select_option("Website")
    page.get_by_label("Consent").check()
    page.get_by_label("Notes").fill('First line\nSecond "line"')
    let_it_become_old(committed_cast.mia)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("check the form and send it again")).to_have_count(1)
    expect(page.get_by_label("Company")).to_have_value("Fabrikam & Söhne")
    expect(page.get_by_label("Lead source")).to_have_value("Website")
    expect(page.get_by_label("Consent")).to_be_checked()
    expect(page.get_by_label("Notes")).to_have_value('First line\nSecond "line"')
    mia.assert_clean("form-back-filled")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_text("Fabrikam & Söhne")).to_be_visible()


def test_a_step_up_in_the_middle_of_an_export_loses_nothing(
    site: str, app: App, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    rule(committed_cast, Action.RECORD_EXPORT, **FRESH)
    path = "/apps/leads/leads/export"
    omar = visitors(site, FLOW)
    enter(omar, path, "Omar Reyes")
    page = omar.page
    page.get_by_label("What is it for?").fill("Hand over to the call centre")
    page.get_by_role("button", name="Ask for the export").click()
    prove(omar, path)
    expect(page.get_by_text("check the form and send it again")).to_be_visible()
    expect(page.get_by_label("What is it for?")).to_have_value("Hand over to the call centre")
    with tenant_scope(app.tenant_id):
        assert not Export.objects.exists(), "nothing is sent behind his back"
    omar.assert_clean("export-back-filled")
    page.get_by_role("button", name="Ask for the export").click()
    expect(page.get_by_role("heading", name="On its way")).to_be_visible()


def test_a_reveal_asks_in_place_and_shows_the_value_when_asked_again(
    site: str, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    record = add(make_app(committed_cast.lena), committed_cast.mia)
    path = f"/apps/leads/leads/{record}"
    omar = visitors(site, FLOW)
    enter(omar, path, "Omar Reyes")
    omar.page.get_by_role("button", name="Reveal Health note").click()
    prove(omar, path)
    expect(omar.page.get_by_text("check the form and send it again")).to_be_visible()
    expect(omar.page.get_by_text(VALUES[SECRET])).to_have_count(0)
    omar.page.get_by_role("button", name="Reveal Health note").click()
    expect(omar.page.get_by_text(VALUES[SECRET])).to_be_visible()


def test_a_vote_comes_back_with_its_comment(
    site: str, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        vault.provision(by=None, tenant=committed_cast.tenant.pk)
        apps.seed(committed_cast.lena)
        request = Request.objects.get(pk=apps.submitted(committed_cast.lena).request)
    rule(committed_cast, Action.APPROVAL_VOTE, **FRESH)
    path = request.get_absolute_url()
    omar = visitors(site, FLOW)
    enter(omar, path, "Omar Reyes")
    omar.page.get_by_label("Comment").fill("Why so many fields?")
    omar.page.get_by_role("button", name="Ask for changes").click()
    prove(omar, path)
    expect(omar.page.get_by_label("Comment")).to_have_value("Why so many fields?")
    omar.assert_clean("vote-back-filled")
    omar.page.get_by_role("button", name="Ask for changes").click()
    expect(omar.page.get_by_text("The requester is asked for changes.")).to_be_visible()


def test_an_admin_previews_a_rule_and_saves_it(
    site: str, app: App, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    path = "/admin/policy/accessrule/add/"
    ada = visitors(site, FLOW)
    enter(ada, "/", "Ada Kern")
    page = ada.open(path)
    prove(ada, path)
    page.get_by_label("Name").fill("Managed devices")
    page.get_by_label("open a record").check()
    page.get_by_label("Compliant device").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="What this rule touches")).to_be_visible()
    expect(page.get_by_role("link", name="Spring leads")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Managed devices")
    ada.assert_clean("rule-preview")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#result_list").get_by_role("link", name="Managed devices")).to_be_visible()
    ada.assert_clean("rules")


def test_a_device_that_is_not_managed_is_refused_with_a_way_out(
    site: str, app: App, committed_cast: Cast, visitors: Callable[..., Visitor]
) -> None:
    rule(committed_cast, Action.RECORD_LIST, device=True)
    path = "/apps/leads/leads/"
    mia = visitors(site, FLOW)
    with mia.expecting(403):
        enter(mia, path, "Mia Novak")
        expect(mia.page.get_by_role("heading", name="This device is not accepted here")).to_be_visible()
        expect(mia.page.get_by_text("Managed and fresh").first).to_be_visible()
        mia.assert_clean("device-refused")
    omar = visitors(site, FLOW)
    enter(omar, path, "Omar Reyes")
    expect(omar.page.get_by_text("No records yet")).to_be_visible()
