"""An admin changes which group grants what, sees first whom it touches, and a person sees why he may (I3)."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from identity.models import Group, Membership, User
from identity.tenancy import tenant_scope, uuid7
from tests import live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.scene import sign_in

pytestmark = pytest.mark.needs_browser


def come(visitors: Callable[..., Visitor], url: str, person: User, flow: str = "roles") -> Visitor:
    """A browser in which `person` is signed in with a second factor."""
    client = Client()
    sign_in(client, person)
    visitor = visitors(url, flow)
    name = settings.SESSION_COOKIE_NAME
    visitor.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    return visitor


def test_preview_save_and_why(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    cast, url = committed_cast, serve()
    live_apps.make_app(cast.lena)
    with tenant_scope(cast.tenant.pk):
        crowd(cast)
    ada, mia = come(visitors, url, cast.ada), come(visitors, url, cast.mia)

    page = ada.open("/people/")
    ada.assert_clean("people")
    page.get_by_role("link", name="Roles of groups").click()
    page.get_by_role("searchbox", name="Group").fill("Market")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="Marketing grants Builder").check()
    expect(page.get_by_role("status").filter(has_text="1 grant is to change")).to_be_visible()
    # what is ticked stays while other groups are looked at
    page.get_by_role("searchbox", name="Group").fill("Reviewers")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="Reviewers grants Reviewer").uncheck()
    expect(page.get_by_role("status").filter(has_text="2 grants are to change")).to_be_visible()
    ada.assert_clean("table")
    page.get_by_role("button", name="Preview the changes").click()

    expect(page.get_by_role("heading", name="Preview of the changes")).to_be_visible()
    expect(page.get_by_text("Nobody will hold the role Reviewer")).to_be_visible()
    expect(page.get_by_text("Marketing → Builder")).to_be_visible()
    ada.assert_clean("preview")
    page.get_by_role("searchbox", name="Name").fill("novak")
    page.get_by_role("button", name="Search").click()
    row = page.get_by_role("row").filter(has_text="Mia Novak")
    expect(row).to_contain_text("Builder")

    own = mia.open("/account/access/")
    expect(own.get_by_text("Build apps from templates")).to_have_count(0)
    page.get_by_role("button", name="Save exactly this").click()
    expect(page.get_by_text("2 grants saved.")).to_be_visible()

    own = mia.open("/account/access/")
    builds = own.get_by_role("row").filter(has_text="Build apps from templates")
    expect(builds).to_contain_text("Marketing")
    expect(own.get_by_role("row").filter(has_text="Spring leads")).to_contain_text("Member")
    mia.assert_clean("own-access")
    own.get_by_role("link", name="Build apps from templates").click()
    expect(own.get_by_role("heading", level=1)).to_be_visible()
    mia.assert_quiet()

    page = ada.open(f"/people/{cast.mia.pk}/access/")
    expect(page.get_by_role("row").filter(has_text="Build apps from templates")).to_contain_text("Marketing")
    ada.assert_clean("access-of")
    ada.open("/people/roles/apps/").get_by_role("link", name="Spring leads").first.click()
    expect(page.get_by_role("row").filter(has_text="Mia Novak")).to_contain_text("Member")
    ada.assert_clean("app-role-holders")


def test_the_last_admin_stays(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str]
) -> None:
    ada = come(visitors, serve(), committed_cast.ada)
    page = ada.open("/people/roles/")
    page.get_by_role("checkbox", name="Platform admins grants Admin").uncheck()
    page.get_by_role("button", name="Preview the changes").click()
    expect(page.get_by_text("This cannot be saved")).to_be_visible()
    expect(page.get_by_role("button", name="Save exactly this")).to_have_count(0)
    ada.assert_clean("last-admin")
    page.get_by_role("button", name="Forget the changes").click()
    page.get_by_role("button", name="Yes, go on").click()
    expect(page.get_by_role("checkbox", name="Platform admins grants Admin")).to_be_checked()


def crowd(cast: Cast) -> None:
    """More people in Marketing than a page shows."""
    group = Group.objects.get(name="Marketing")
    people = User.objects.bulk_create(
        User(tenant=cast.tenant, username=f"{uuid7()}", display_name=f"Person {n:02}", unit="Marketing")
        for n in range(40)
    )
    Membership.objects.bulk_create(Membership(tenant=cast.tenant, group=group, user=one) for one in people)
