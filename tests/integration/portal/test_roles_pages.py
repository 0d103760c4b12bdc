"""The pages of roles and access: ticked, previewed, saved; what anybody can do and why (I3)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from identity.models import Group, Membership, Role, RoleChange, RoleGrant, User
from identity.roles import roles_of
from identity.services import deactivate_user, provision_group
from identity.tenancy import tenant_scope, uuid7
from portal.abilities import ABILITIES, Ability
from tests import live_apps
from tests.cast import Cast
from tests.scene import sign_in


@pytest.fixture
def ada(committed_cast: Cast) -> Client:
    client = Client()
    sign_in(client, committed_cast.ada)
    return client


def group_id(cast: Cast, name: str) -> str:
    with tenant_scope(cast.tenant.pk):
        return str(Group.objects.get(name=name).pk)


def tick(client: Client, cast: Cast, name: str, *roles: str, **more: str) -> Any:
    """Post the row of one group with these boxes ticked."""
    key = group_id(cast, name)
    data = {"shown": [key], "grant": [f"{key}:{role}" for role in roles], **more}
    return client.post("/people/roles/", data)


def seen(client: Client) -> str:
    return str(client.get("/people/roles/preview/").context["seen"])


def test_what_is_ticked_counts_only_when_saved(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    mia = Client()
    sign_in(mia, cast.mia)
    assert mia.get("/build/").status_code == 403
    answer = tick(ada, cast, "Marketing", "builder", preview="1")
    assert answer.url == "/people/roles/preview/"
    page = ada.get(answer.url).content.decode()
    assert "Mia Novak" in page
    assert "Lena Marsh" not in page  # builds already
    assert mia.get("/build/").status_code == 403
    assert ada.post(answer.url, {"seen": seen(ada)}).status_code == 302
    assert mia.get("/build/").status_code == 200
    assert "Nothing is to change" in ada.get(answer.url).content.decode()


def test_other_groups_stay_planned_while_one_is_ticked(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    tick(ada, cast, "Marketing", "auditor")
    tick(ada, cast, "Security", "security", "auditor")
    part = tick(ada, cast, "Security", "security")
    assert part.status_code == 302
    page = ada.get("/people/roles/preview/").content.decode()
    assert "Marketing → Auditor" in page
    assert "Security → Auditor" not in page
    ada.post("/people/roles/discard/")
    with tenant_scope(cast.tenant.pk):
        assert not RoleChange.objects.exists()


def test_a_preview_that_is_no_longer_true_is_shown_again(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    tick(ada, cast, "Marketing", "auditor")
    digest = seen(ada)
    with tenant_scope(cast.tenant.pk):
        group = Group.objects.get(name="Marketing")
        Membership.objects.create(tenant=cast.tenant, group=group, user=cast.sana)
    answer = ada.post("/people/roles/preview/", {"seen": digest})
    assert answer.status_code == 409
    assert "Sana Iqbal" in answer.content.decode()
    with tenant_scope(cast.tenant.pk):
        assert not RoleGrant.objects.filter(group__name="Marketing").exists()
    assert ada.post("/people/roles/preview/", {"seen": answer.context["seen"]}).status_code == 302


def test_warnings_and_the_last_admin(committed_cast: Cast, ada: Client) -> None:
    tick(ada, committed_cast, "Security")
    assert "Nobody will hold the role Security" in ada.get("/people/roles/preview/").content.decode()
    tick(ada, committed_cast, "Platform admins")
    page = ada.get("/people/roles/preview/").content.decode()
    assert "This cannot be saved" in page
    assert "no longer be admin yourself" in page
    assert "Save exactly this" not in page
    assert ada.post("/people/roles/preview/", {"seen": seen(ada)}).status_code == 409
    assert ada.get("/people/roles/").status_code == 200


@pytest.mark.parametrize("grant", ["", "x:builder", "{group}:root", "{group}:end_user", "\x00:builder"])
def test_boxes_that_the_page_has_not_are_refused(committed_cast: Cast, ada: Client, grant: str) -> None:
    key = group_id(committed_cast, "Marketing")
    data = {"shown": [key, "nonsense"], "grant": [grant.format(group=key)]}
    assert ada.post("/people/roles/", data).status_code == 400


def test_what_can_i_do_and_why(committed_cast: Cast) -> None:
    cast = committed_cast
    live_apps.make_app(cast.lena)
    mia = Client()
    sign_in(mia, cast.mia)
    page = mia.get("/account/access/").content.decode()
    for text in ("Everybody who signs in", "Marketing", "Spring leads", "Member", "add records"):
        assert text in page
    assert "Builder" not in page
    assert "Lead</td>" not in page
    assert "Spring leads" not in mia.get("/account/access/?q=autumn").content.decode()
    lena = Client()
    sign_in(lena, cast.lena)
    page = lena.get("/account/access/").content.decode()
    assert "Build apps from templates" in page
    assert "Builders" in page


def test_admins_see_the_same_of_anyone_in_their_tenant(committed_cast: Cast, ada: Client) -> None:
    cast = committed_cast
    live_apps.make_app(cast.lena)
    page = ada.get(f"/people/{cast.omar.pk}/access/").content.decode()
    for text in ("Omar Reyes", "Reviewers", "Spring leads", "Lead"):
        assert text in page
    assert ada.get(f"/people/{cast.nils.pk}/access/").status_code == 404
    listed = ada.get("/people/").content.decode()
    assert "Omar Reyes" in listed
    assert "Nils Falk" not in listed
    assert "Mia Novak" not in ada.get("/people/?role=builder").content.decode()
    assert "Mia Novak" in ada.get("/people/?q=nov").content.decode()
    with tenant_scope(cast.tenant.pk):
        deactivate_user(by=None, user=User.objects.select_for_update().get(pk=cast.omar.pk))
    page = ada.get(f"/people/{cast.omar.pk}/access/").content.decode()
    assert "deactivated" in page
    assert "Reviewers" not in page


def test_roles_in_apps_are_shown_with_their_holders(committed_cast: Cast, ada: Client) -> None:
    app = live_apps.make_app(committed_cast.lena)
    page = ada.get("/people/roles/apps/").context["rows"]
    assert [(role.key, count) for _app, role, count in page] == [("member", 3), ("lead", 1)]
    rows = ada.get(f"/people/roles/apps/{app.slug}/").context["rows"]
    assert [(one.name, titles, groups) for one, titles, groups in rows] == [
        ("Lena Marsh", ["Member"], ["Marketing"]),
        ("Mia Novak", ["Member"], ["Marketing"]),
        ("Omar Reyes", ["Lead", "Member"], ["Marketing", "Reviewers"]),
    ]


@pytest.mark.parametrize("role", Role.grantable())
@pytest.mark.parametrize("ability", [one for one in ABILITIES if one.name], ids=lambda one: one.name)
def test_abilities_say_what_the_pages_do(committed_cast: Cast, role: Role, ability: Ability) -> None:
    """Somebody with that role alone gets in exactly where the page of abilities says so."""
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        user = User.objects.create(tenant=cast.tenant, username="one", display_name="One")
        group = provision_group(by=None, tenant=cast.tenant.pk, name="Only", members=[user.pk])
        RoleGrant.objects.create(tenant=cast.tenant, group=group, role=role)
        mine = roles_of(user)
    client = Client()
    sign_in(client, user)
    status = client.get(reverse(ability.name)).status_code
    assert (status == 200) == bool(ability.roles & mine), status


@pytest.mark.parametrize(
    "path",
    ["/people/", "/people/roles/", "/people/roles/preview/", "/people/roles/apps/", "/account/access/"],
)
def test_pages_cost_the_same_for_a_thousand_people(committed_cast: Cast, ada: Client, path: str) -> None:
    cast = committed_cast
    live_apps.make_app(cast.lena)
    key = group_id(cast, "Marketing")
    with tenant_scope(cast.tenant.pk):
        Membership.objects.create(tenant=cast.tenant, group_id=key, user=cast.ada)
    tick(ada, cast, "Marketing", "builder", "reviewer")

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ada.get(path).status_code == 200
        return len(queries)

    more(cast, key, 10)
    cost()
    few = cost()
    more(cast, key, 1000)
    assert cost() == few


def more(cast: Cast, group: str, number: int) -> None:
    """People, and groups that each grant a role and hold them; and as many groups around Ada."""
    with tenant_scope(cast.tenant.pk):
        people = User.objects.bulk_create(
            User(tenant=cast.tenant, username=f"{uuid7()}", display_name=f"P {n}") for n in range(number)
        )
        groups = Group.objects.bulk_create(
            Group(tenant=cast.tenant, name=f"{uuid7()}") for _ in range(number)
        )
        RoleGrant.objects.bulk_create(
            RoleGrant(tenant=cast.tenant, group=one, role=Role.REVIEWER) for one in groups
        )
        pairs = [(group, one.pk) for one in people] + [(one.pk, cast.ada.pk) for one in groups]
        Membership.objects.bulk_create(
            Membership(tenant=cast.tenant, group_id=one, user_id=user) for one, user in pairs
        )
