"""Somebody leaves, and somebody gets in when the provider is down; each as the people see it (I1, I5)."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from approvals.models import Request
from approvals.states import RequestState
from catalog.models import App
from catalog.services import add_co_owner
from identity import offboarding, services
from identity.models import Membership, Offboarding, OffboardingStep, Role, RoleGrant
from identity.tenancy import tenant_scope
from notices.tasks import deliver
from portal.cli import main
from tests import apps, live_apps
from tests.browser import Visitor
from tests.cast import Cast
from tests.flows.identity.test_roles import come
from tests.tokens import make_token
from vault.keeper import Keeper

pytestmark = pytest.mark.needs_browser
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Stubborn:
    """A step that does not work until what it needs is there."""

    title = "Mailbox handed over"
    ready = False

    def run(self, _user: Any) -> list[str]:
        if not Stubborn.ready:
            raise RuntimeError("the mail server is away")
        return ["The mailbox went to Omar Reyes"]


@pytest.fixture
def one_more_step(settings: Any) -> Any:
    """A room that brings a step of its own, as each may."""
    Stubborn.ready = False
    name = "tests.flows.identity.test_leaving.Stubborn"
    settings.OFFBOARDING_STEPS = {**settings.OFFBOARDING_STEPS, "mailbox": name}
    offboarding.steps.cache_clear()
    yield
    offboarding.steps.cache_clear()


def things_of_lena(cast: Cast) -> None:
    """Two live apps, one with a co-owner; a draft; a version that waits; a token; a secret."""
    shared = live_apps.make_app(cast.lena, slug="leads")
    live_apps.make_app(cast.lena, slug="fair")
    make_token(cast.lena)
    with tenant_scope(cast.tenant.pk):
        Membership.objects.create(tenant=cast.tenant, group_id=builders(cast), user=cast.mia)
        App.objects.filter(slug="fair").update(title="Fair visitors")
        add_co_owner(by=cast.lena, app=shared, user=cast.mia)
        apps.drafted(cast.lena, title="Autumn plan")
        apps.submitted(cast.lena, title="Winter fair")
        Keeper().keep(by=cast.lena, tenant=cast.tenant.pk, name="crm-key", value="s3cret-value")


def builders(cast: Cast) -> Any:
    return RoleGrant.objects.get(tenant=cast.tenant, role=Role.BUILDER).group_id


def deactivate(url: str, cast: Cast) -> None:
    """What the company's provider sends."""
    with tenant_scope(cast.tenant.pk):
        _client, token = services.issue_scim_token(by=None, tenant=cast.tenant, name="Provider")
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    answer = httpx.patch(f"{url}/scim/v2/Users/{cast.lena.pk}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text


def work(cast: Cast, times: int = 1) -> None:
    """What the queue's worker does with the message, and beat's sweep with what is put off."""
    with tenant_scope(cast.tenant.pk):
        begun = Offboarding.objects.get(user=cast.lena)
    for _time in range(times):
        OffboardingStep.objects.using("sweeper").update(due_at=begun.began_at)
        services.run_offboarding(offboarding_id=begun.pk, tenant=cast.tenant.pk)


def test_a_person_leaves(
    committed_cast: Cast, visitors: Callable[..., Visitor], serve: Callable[..., str], one_more_step: None
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    things_of_lena(cast)
    lena, ada = come(visitors, url, cast.lena, "leaving"), come(visitors, url, cast.ada, "leaving")
    expect(lena.open("/my-apps/").get_by_role("link", name="Spring leads").first).to_be_visible()
    page = ada.open("/people/offboarding/")
    expect(page.get_by_text("Nobody has left")).to_be_visible()
    ada.assert_clean("nobody")

    deactivate(url, cast)
    with lena.expecting(403, 503):
        lena.page.reload()
        expect(lena.page.get_by_role("link", name="Spring leads")).to_have_count(0)
    work(cast, times=6)

    page = ada.open("/people/")
    page.get_by_role("navigation", name="People and their rights").get_by_role(
        "link", name="People who left"
    ).click()
    row = page.get_by_role("row").filter(has_text="Lena Marsh")
    expect(row).to_contain_text("Under way")
    ada.assert_clean("list")
    page.get_by_role("link", name="Lena Marsh").click()
    expect(page.get_by_text("Access has ended.")).to_be_visible()
    for words in ("Spring leads", "Mia Novak", "Fair visitors", "Omar Reyes", "crm-key"):
        expect(page.get_by_role("table")).to_contain_text(words)
    stuck = page.get_by_role("row").filter(has_text="Mailbox handed over")
    expect(stuck).to_contain_text("Needs a look")
    ada.assert_clean("steps")

    Stubborn.ready = True
    stuck.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It is tried again.")).to_be_visible()
    work(cast)
    page.reload()
    expect(page.get_by_text("All steps are done.")).to_be_visible()
    expect(stuck).to_contain_text("The mailbox went to Omar Reyes")
    ada.assert_clean("done")
    with tenant_scope(cast.tenant.pk):
        owners = dict(App.objects.values_list("slug", "owner__display_name"))
        assert owners["leads"] == "Mia Novak"
        assert set(Request.objects.values_list("state", flat=True)) == {RequestState.WITHDRAWN}


def test_break_glass_from_the_shell_to_its_review(
    committed_cast: Cast,
    visitors: Callable[..., Visitor],
    serve: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    cache.clear()
    cast, url = committed_cast, serve()
    words = ["break-glass", "contoso", cast.mia.username, "--reason", "The provider is down"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    link = next(word for word in printed.split() if "/break-glass/" in word).replace("http://testserver", url)

    mia = visitors(url, "break-glass")
    page = mia.open(link)
    mia.assert_clean("link")
    page.get_by_role("button", name="Open the session").click()
    expect(page.get_by_text("Break-glass session")).to_be_visible()
    mia.assert_clean("home")
    mia.open("/admin/identity/user/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Select person")
    mia.assert_clean("admin")
    again = visitors(url, "break-glass")
    again.open(link)
    with again.expecting(404):
        again.page.get_by_role("button", name="Open the session").click()
        expect(again.page.get_by_text("used up or out of date")).to_be_visible()
    again.assert_clean("used-up")
    # who was let in does not review what he did
    expect(mia.open("/people/break-glass/").get_by_text("Waits for an admin's review")).to_be_visible()
    mia.assert_clean("own")

    deliver()  # what the worker does every few seconds
    ada = come(visitors, url, cast.ada, "break-glass")
    expect(ada.open("/notices/").get_by_text("signed in by break-glass").first).to_be_visible()
    page = ada.open("/people/break-glass/")
    row = page.get_by_role("row").filter(has_text="Mia Novak")
    expect(row).to_contain_text("The provider is down")
    ada.assert_clean("list")
    row.get_by_label("What you found").fill("Looked at the list of people and nothing else.")
    row.get_by_role("button", name="Record the review").click()
    expect(page.get_by_text("The review is recorded.")).to_be_visible()
    expect(row).to_contain_text("Ada Kern")
    ada.assert_clean("reviewed")
