"""Rights on single things: who has them, within a tenant, until when; and nothing of guardian beside (I3)."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from guardian.shortcuts import assign_perm, get_objects_for_user, get_perms

from approvals.models import Request, RequestUserGrant
from approvals.permissions import can_see
from catalog.decisions import owner_ids
from catalog.permissions import can_change
from catalog.selectors import my_apps
from catalog.services import add_co_owner
from datacatalog.models import Dataset, DatasetGroupGrant, DatasetUserGrant, Region
from datacatalog.permissions import can_confirm
from datacatalog.services import add_steward
from datacatalog.services.scheme import seed_scheme
from identity import services
from identity.errors import BadInput, NotAllowed
from identity.models import Group, Membership, User
from identity.object_permissions import permissions_on, things_of
from identity.tenancy import tenant_scope, uuid7
from tests import live_apps
from tests.cast import Cast
from tests.integration.identity.test_role_preview import bodies
from tests.memos import Memo
from tests.scene import sign_in


def dataset_of(owner: User, name: str = "people") -> Dataset:
    """A dataset of the owner's tenant; inside a tenant_scope."""
    seed_scheme(by=None, tenant=owner.tenant_id)
    return Dataset.objects.create(
        tenant=owner.tenant,
        name=name,
        title=name.title(),
        region=Region.objects.get(code="eu"),
        origin=Dataset.Origin.ODCS,
        owner=owner,
    )


def fresh(user: User) -> User:
    """The account as the next request reads it."""
    return User.objects.get(pk=user.pk)


def test_a_steward_tags_one_dataset_and_no_other(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        mine, other = dataset_of(cast.lena), dataset_of(cast.lena, "places")
        assert not can_confirm(fresh(cast.mia), mine)
        add_steward(by=cast.lena, dataset=mine, name=cast.mia.username.upper())
        assert can_confirm(fresh(cast.mia), mine)
        assert not can_confirm(fresh(cast.mia), other)
        assert set(things_of(cast.mia, "change_dataset", Dataset)) == {mine}
        with pytest.raises(NotAllowed):
            add_steward(by=cast.mia, dataset=mine, name="Marketing")
    client = Client()
    sign_in(client, cast.mia)
    assert client.post(f"/data/{mine.pk}/confirm/").status_code == 302
    assert client.post(f"/data/{other.pk}/confirm/").status_code == 403
    assert "Steward" in client.get("/account/access/").content.decode()


def test_a_group_gives_its_right_to_members_as_long_as_they_are(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        dataset = dataset_of(cast.lena)
        add_steward(by=cast.lena, dataset=dataset, name="Auditors")
        assert permissions_on(fresh(cast.theo), dataset) == {"change_dataset"}
        assert set(things_of(cast.theo, "change_dataset", Dataset)) == {dataset}
        Membership.objects.filter(user=cast.theo).delete()
        assert permissions_on(fresh(cast.theo), dataset) == frozenset()
        assert not things_of(cast.theo, "change_dataset", Dataset)


def test_a_viewer_reads_one_request_and_decides_nothing(committed_cast: Cast, memo: Memo) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        request = memo.open(cast.lena)
    lena, mia = Client(), Client()
    sign_in(lena, cast.lena)
    sign_in(mia, cast.mia)
    page = f"/approvals/{request.pk}/"
    assert mia.get(page).status_code == 404
    assert lena.post(f"{page}viewers/", {"name": cast.mia.email}).status_code == 302
    shown = mia.get(page)
    assert shown.status_code == 200
    assert not shown.context["may_decide"]
    assert request.title in mia.get("/approvals/?tab=open").content.decode()
    assert mia.post(f"{page}decide/", {"verdict": "approve", "digest": request.digest}).status_code >= 400
    assert mia.post(f"{page}viewers/", {"name": "Marketing"}).status_code == 403
    with tenant_scope(cast.tenant.pk):
        grant = RequestUserGrant.objects.get()
        assert grant.granted_by == cast.lena
    assert lena.post(f"{page}viewers/", {"remove": str(grant.pk)}).status_code == 302
    assert mia.get(page).status_code == 404
    kinds = [one["kind"] for one in bodies() if one["kind"].startswith("permission.")]
    assert kinds == ["permission.granted", "permission.revoked"]


@pytest.mark.parametrize("name", ["", "nobody", "Lena Marsh", "nils.falk@northwind.example", "\x00", "%"])
def test_only_who_exists_here_is_named(committed_cast: Cast, name: str) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        dataset = dataset_of(cast.lena)
        with pytest.raises(BadInput):
            add_steward(by=cast.lena, dataset=dataset, name=name)


def test_no_right_reaches_into_another_tenant(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.other.pk):
        theirs = dataset_of(cast.nils)
    with tenant_scope(cast.tenant.pk):
        mine = dataset_of(cast.lena)
        with pytest.raises(BadInput):
            services.grant_permission(by=cast.lena, thing=mine, permission="change_dataset", to=cast.nils)
        with pytest.raises(BadInput):
            services.grant_permission(by=cast.lena, thing=theirs, permission="change_dataset", to=cast.mia)
        for thing, tenant in ((theirs, cast.other), (mine, cast.other)):
            with pytest.raises(DatabaseError), transaction.atomic():
                _insert(thing, cast.mia, tenant)
        _insert(mine, cast.mia, cast.tenant)
        _insert(theirs, cast.mia, cast.tenant)  # behind the wall, where nobody of theirs looks
        assert permissions_on(fresh(cast.mia), mine) == {"change_dataset"}
    with tenant_scope(cast.other.pk):
        assert not DatasetUserGrant.objects.exists()
        assert permissions_on(fresh(cast.mia), mine) == frozenset()
        assert permissions_on(fresh(cast.mia), theirs) == frozenset()


def _insert(thing: Dataset, user: User, tenant: Any) -> None:
    """Past every service, as a mistake in code would."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO datacatalog_datasetusergrant
                (id, tenant_id, granted_at, permission_id, user_id, content_object_id)
            SELECT %s, %s, now(), p.id, %s, %s FROM auth_permission p WHERE codename = 'change_dataset'""",
            [uuid7(), tenant.pk, user.pk, thing.pk],
        )


def test_rights_end_when_the_person_leaves_and_do_not_come_back(committed_cast: Cast, memo: Memo) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        dataset, request = dataset_of(cast.lena), memo.open(cast.lena)
        services.grant_permission(by=cast.lena, thing=dataset, permission="change_dataset", to=cast.mia)
        services.grant_permission(by=cast.lena, thing=request, permission="view_request", to=cast.mia)
        assert can_see(fresh(cast.mia), request)
        services.deactivate_user(by=None, user=User.objects.select_for_update().get(pk=cast.mia.pk))
        assert permissions_on(fresh(cast.mia), dataset) == frozenset()
        assert not can_see(fresh(cast.mia), request)
        names = services.drop_object_permissions(by=None, user=cast.mia)
        assert sorted(names) == sorted([dataset.title, request.title])
        User.objects.filter(pk=cast.mia.pk).update(is_active=True)
        assert permissions_on(fresh(cast.mia), dataset) == frozenset()
        assert not can_see(fresh(cast.mia), request)


def test_rights_are_asked_in_a_fixed_number_of_queries(committed_cast: Cast, memo: Memo) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        dataset, request = dataset_of(cast.lena), memo.open(cast.lena)
        services.grant_permission(by=cast.lena, thing=dataset, permission="change_dataset", to=cast.mia)

        def cost() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert permissions_on(fresh(cast.mia), dataset)
                assert set(things_of(cast.mia, "change_dataset", Dataset)) >= {dataset}
                can_see(cast.mia, request)
            return len(queries)

        cost()
        few = cost()
        for n in range(30):
            more = dataset_of(cast.lena, f"more-{n}")
            group = Group.objects.create(tenant=cast.tenant, name=f"More {n}")
            Membership.objects.create(tenant=cast.tenant, group=group, user=cast.mia)
            services.grant_permission(by=cast.lena, thing=more, permission="change_dataset", to=group)
        assert len(things_of(cast.mia, "change_dataset", Dataset)) == 31
        assert cost() == few


def test_guardian_has_no_other_way(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        dataset, group = dataset_of(cast.lena), Group.objects.get(name="Marketing")
        # a thing without a table of its own
        for holder in (cast.mia, group):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                assign_perm("view_group", holder, group)
        # guardian's own shortcut lands in the walled table
        assign_perm("change_dataset", group, dataset)
        assert DatasetGroupGrant.objects.get().tenant_id == cast.tenant.pk
        assert get_perms(fresh(cast.mia), dataset) == ["change_dataset"]
        with pytest.raises(User.DoesNotExist):
            get_objects_for_user(AnonymousUser(), "datacatalog.change_dataset")
        with pytest.raises(IntegrityError, match="user_no_superuser"), transaction.atomic():
            User.objects.filter(pk=cast.mia.pk).update(is_superuser=True)
    assert not hasattr(User, "add_obj_perm")
    assert not hasattr(User, "get_anonymous")
    assert not User.objects.filter(username="AnonymousUser").exists()
    assert not [model for model in admin.site._registry if model._meta.app_label in {"guardian", "auth"}]
    assert not Request.objects.exists()


def test_a_co_owner_has_the_right_to_change_one_app(committed_cast: Cast) -> None:
    cast = committed_cast
    app, other = live_apps.make_app(cast.lena), live_apps.make_app(cast.lena, slug="other")
    with tenant_scope(cast.tenant.pk):
        builders = Group.objects.get(name="Builders")
        Membership.objects.create(tenant=cast.tenant, group=builders, user=cast.mia)
        assert not can_change(fresh(cast.mia), app)
        add_co_owner(by=cast.lena, app=app, user=cast.mia)
        assert get_perms(fresh(cast.mia), app) == ["change_app"]
        assert can_change(fresh(cast.mia), app)
        assert not can_change(fresh(cast.mia), other)
        assert list(my_apps(fresh(cast.mia))) == [app]
        assert owner_ids(app.pk, app.owner_id) == {cast.lena.pk, cast.mia.pk}
        with pytest.raises(BadInput):
            services.grant_permission(by=cast.lena, thing=app, permission="change_app", to=builders)
    added = [one for one in bodies() if one["kind"] == "app.co_owner_added"]
    assert [(one["app"], one["person"]) for one in added] == [(str(app.pk), str(cast.mia.pk))]
    client = Client()
    sign_in(client, cast.mia)
    assert "Co-owner" in client.get("/account/access/").content.decode()
    with tenant_scope(cast.tenant.pk):
        services.drop_object_permissions(by=None, user=cast.mia)
        assert not can_change(fresh(cast.mia), app)
        assert not my_apps(fresh(cast.mia))
