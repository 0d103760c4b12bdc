"""Show 6: what a preview of roles says is what saving does, to everybody and to nobody else (I3)."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import manifest as m
from catalog.app_access import effect_of_version, holders_of
from catalog.models import App, AppVersion
from catalog.states import VersionState
from datacatalog.services.scheme import seed_scheme
from identity import role_table, services
from identity.effects import Effect, Total
from identity.errors import BadInput, Conflict, NotAllowed
from identity.models import Group, Membership, Role, RoleChange, RoleGrant, Tenant, User
from identity.roles import roles_of
from identity.tenancy import tenant_scope, uuid7
from ledger.events import Event
from runtime.live import live_app
from runtime.permissions import granted
from tests import live_apps
from tests.cast import Cast
from tests.services import POSTGRES

GRANTABLE = [role.value for role in Role.grantable()]
PEOPLE, GROUPS = 6, 5
pair = st.tuples(st.integers(0, GROUPS - 1), st.sampled_from(GRANTABLE))
worlds = st.fixed_dictionaries(
    {
        "active": st.lists(st.booleans(), min_size=PEOPLE, max_size=PEOPLE),
        "members": st.sets(st.tuples(st.integers(0, GROUPS - 1), st.integers(0, PEOPLE - 1))),
        "granted": st.sets(pair),
        # what the admin ticks, on a page that shows some of the groups
        "shown": st.sets(st.integers(0, GROUPS - 1), min_size=1),
        "ticked": st.sets(pair),
    }
)
EXAMPLES = 150


class World:
    """A tenant of random people, groups, members and grants; the admin who changes them is outside of it."""

    def __init__(self, tenant: Tenant, drawn: dict[str, Any]) -> None:
        self.tenant = tenant
        self.people = [
            User.objects.create(
                tenant=self.tenant, username=f"p{n}", display_name=f"Person {n}", is_active=on
            )
            for n, on in enumerate(drawn["active"])
        ]
        self.admin = User.objects.create(tenant=self.tenant, username="admin", display_name="Admin")
        self.groups = [Group.objects.create(tenant=self.tenant, name=f"G{n}") for n in range(GROUPS)]
        admins = Group.objects.create(tenant=self.tenant, name="Admins")
        Membership.objects.create(tenant=self.tenant, group=admins, user=self.admin)
        RoleGrant.objects.create(tenant=self.tenant, group=admins, role=Role.ADMIN)
        for group, person in drawn["members"]:
            Membership.objects.create(tenant=self.tenant, group=self.groups[group], user=self.people[person])
        for group, role in drawn["granted"]:
            RoleGrant.objects.create(tenant=self.tenant, group=self.groups[group], role=role)

    def roles(self) -> dict[uuid.UUID, set[str]]:
        """What each person holds, as the portal itself reads it at a request."""
        return {one.pk: set(roles_of(User.objects.get(pk=one.pk))) for one in [*self.people, self.admin]}


def differences(before: dict[uuid.UUID, set[str]], after: dict[uuid.UUID, set[str]]) -> dict[Any, Any]:
    """Who gained and lost what, by comparing."""
    found = {who: (after[who] - before[who], before[who] - after[who]) for who in before}
    return {who: both for who, both in found.items() if any(both)}


def said(effect: Effect) -> dict[Any, Any]:
    """Who would gain and lose what, as the preview shows it."""
    return {one.id: (set(one.gained), set(one.lost)) for one in effect.people()[:1000]}


def check_totals(totals: dict[str, Total], before: dict[Any, set[str]], after: dict[Any, set[str]]) -> None:
    for role, total in totals.items():
        had = {who for who, roles in before.items() if role in roles}
        has = {who for who, roles in after.items() if role in roles}
        assert (total.before, total.after) == (len(had), len(has))
        assert (total.gained, total.lost) == (len(has - had), len(had - has))


@contextmanager
def random_world(drawn: dict[str, Any]) -> Iterator[World]:
    """A world for one example; whatever was written is rolled back."""
    tenant = Tenant.objects.create(slug=f"t-{uuid.uuid4().hex[:12]}", name="Random")
    with tenant_scope(tenant.pk):
        yield World(tenant, drawn)
        transaction.set_rollback(True)


# a permission for each role, so that what a person may do tells which roles he holds
PERMISSIONS = ["record.create", "record.list", "record.read", "record.export", "dashboard.view"]


def app_manifest(groups: list[set[int]]) -> m.Manifest:
    """An app with five roles, held by these groups; number GROUPS is one that the provider never pushed."""
    roles = [
        {
            "key": f"r{n}",
            "title": f"Role {n}",
            "groups": [f"G{one}" for one in sorted(held)],
            "permissions": [may],
        }
        for n, (held, may) in enumerate(zip(groups, PERMISSIONS, strict=True))
    ]
    fields = [one for one in live_apps.FIELDS if one["id"] == live_apps.COMPANY]
    return m.build(live_apps._data("random", fields, roles, "eu", None, []))


def app_roles(world: World, app: App) -> dict[uuid.UUID, set[str]]:
    """Which of the app's roles each person holds, as the running app reads it."""
    live = live_app(app.slug)
    key = {may: f"r{n}" for n, may in enumerate(PERMISSIONS)}
    people = [User.objects.get(pk=one.pk) for one in [*world.people, world.admin]]
    return {one.pk: {key[may] for may in granted(one, live)} for one in people}


@pytest.mark.django_db
@given(worlds)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_portal_roles_change_as_previewed(drawn: dict[str, Any]) -> None:
    with random_world(drawn) as world:
        before = world.roles()
        chosen = frozenset((world.groups[n].pk, role) for n, role in drawn["ticked"] if n in drawn["shown"])
        services.plan_roles(
            by=world.admin, shown=[world.groups[n].pk for n in drawn["shown"]], granted=chosen
        )
        preview = role_table.effect_of(role_table.planned(role_table.plan_of(world.admin)))
        shown, own, totals = said(preview), preview.of(world.people[0].pk), preview.totals()
        if preview.before == preview.after:
            with pytest.raises(Conflict):
                services.save_roles(by=world.admin, seen=preview.digest())
            assert not shown
            return
        services.save_roles(by=world.admin, seen=preview.digest())
        after = world.roles()
        assert shown == differences(before, after)
        assert (set(own[0]), set(own[1])) == shown.get(world.people[0].pk, (set(), set()))
        check_totals(totals, before, after)
        pages = (
            frozenset((world.groups[n].pk, r) for n, r in drawn["granted"] if n not in drawn["shown"])
            | chosen
        )
        assert role_table.grants_of(group.pk for group in world.groups) == pages


@pytest.mark.django_db
@given(worlds, st.lists(st.sets(st.integers(0, GROUPS)), min_size=5, max_size=5))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_app_roles_change_as_previewed(drawn: dict[str, Any], groups_after: list[set[int]]) -> None:
    with random_world(drawn) as world:
        old = app_manifest([{n for n, role in drawn["granted"] if role == one} for one in GRANTABLE])
        new = app_manifest(groups_after)
        seed_scheme(by=None, tenant=world.tenant.pk)
        app = live_apps.publish(world.admin, old, uuid7(), [])
        before = app_roles(world, app)
        preview = effect_of_version(old, new)
        shown, totals = said(preview), preview.totals()
        assert said(holders_of(old.roles)) == {who: (held, set()) for who, held in before.items() if held}
        version = AppVersion.objects.get(app=app)
        version.pk, version.number, version.manifest, version.digest = (
            uuid7(),
            2,
            m.canonical(new).decode(),
            m.digest(new),
        )
        AppVersion.objects.filter(app=app).update(state=VersionState.REPLACED)
        version.save(force_insert=True)
        App.objects.filter(pk=app.pk).update(live_version=version)
        after = app_roles(world, app)
        assert shown == differences(before, after)
        check_totals(totals, before, after)


def bodies() -> list[dict[str, Any]]:
    """Every event so far, as the superuser reads them."""
    with psycopg.connect(POSTGRES.url()) as server:
        rows = server.execute("SELECT body FROM ledger.event ORDER BY id").fetchall()
    return [json.loads(row[0]) for row in rows]


def change(cast: Cast, *changes: tuple[str, str, bool]) -> Effect:
    """Ada's plan: (group, role, whether to grant), on a page with these groups; the rest stays as it is."""
    groups = {name: Group.objects.get(name=name).pk for name, _role, _on in changes}
    ticked = set(role_table.grants_of(groups.values()))
    for name, role, on in changes:
        (ticked.add if on else ticked.discard)((groups[name], role))
    services.plan_roles(by=cast.ada, shown=groups.values(), granted=frozenset(ticked))
    return role_table.effect_of(role_table.planned(role_table.plan_of(cast.ada)))


def test_who_keeps_a_role_through_another_group_loses_nothing(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        services.grant_role(by=None, group=Group.objects.get(name="Marketing"), role=Role.BUILDER)
        effect = change(cast, ("Builders", "builder", False))
        assert list(effect.people()) == []  # lena is in Marketing as well
        effect = change(cast, ("Builders", "builder", False), ("Marketing", "builder", False))
        assert [(one.name, one.lost) for one in effect.people()] == [
            ("Lena Marsh", ("builder",)),
            ("Mia Novak", ("builder",)),
            ("Omar Reyes", ("builder",)),
        ]
        assert [one.name for one in effect.people("NOVA")] == ["Mia Novak"]
        assert list(effect.people("%")) == []


def test_what_was_seen_is_what_is_saved(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        seen = change(cast, ("Marketing", "auditor", True)).digest()
        Membership.objects.create(
            tenant=cast.tenant, group=Group.objects.get(name="Marketing"), user=cast.theo
        )
        assert seen == role_table.effect_of(role_table.planned(role_table.plan_of(cast.ada))).digest()
        Membership.objects.create(
            tenant=cast.tenant, group=Group.objects.get(name="Marketing"), user=cast.sana
        )
        with pytest.raises(Conflict, match="since you saw"):
            services.save_roles(by=cast.ada, seen=seen)
        assert not RoleGrant.objects.filter(group__name="Marketing").exists()
        assert RoleChange.objects.filter(admin=cast.ada).exists()  # still there to look at again


def test_nobody_takes_the_last_admin_away(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        seen = change(cast, ("Platform admins", "admin", False)).digest()
        with pytest.raises(Conflict, match="admin any more"):
            services.save_roles(by=cast.ada, seen=seen)
        with pytest.raises(Conflict, match="admin any more"):
            services.revoke_role(by=None, group=Group.objects.get(name="Platform admins"), role=Role.ADMIN)
        assert Role.ADMIN in roles_of(User.objects.get(pk=cast.ada.pk))
        effect = change(cast, ("Platform admins", "admin", False), ("Security", "admin", True))
        services.save_roles(by=cast.ada, seen=effect.digest())
        assert Role.ADMIN in roles_of(User.objects.get(pk=cast.sana.pk))
        assert Role.ADMIN not in roles_of(User.objects.get(pk=cast.ada.pk))


def test_each_grant_is_recorded_with_what_it_did(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        effect = change(cast, ("Marketing", "builder", True), ("Reviewers", "reviewer", False))
        services.save_roles(by=cast.ada, seen=effect.digest())
        marketing, reviewers = (Group.objects.get(name=name).pk for name in ("Marketing", "Reviewers"))
    found = {(one["kind"], one["object"]): one for one in bodies() if one["kind"].startswith("role.")}
    assert set(found) == {
        (Event.ROLE_GRANTED, f"group:{marketing}"),
        (Event.ROLE_REVOKED, f"group:{reviewers}"),
    }
    # of the three in Marketing, Lena builds already
    assert found[Event.ROLE_GRANTED, f"group:{marketing}"]["facts"] == {"role": "builder", "gained_by": 2}
    assert found[Event.ROLE_REVOKED, f"group:{reviewers}"]["facts"] == {"role": "reviewer", "lost_by": 1}
    assert {one["actor"] for one in found.values()} == {str(cast.ada.pk)}


def test_only_admins_change_the_table_and_only_its_boxes(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        group = Group.objects.get(name="Builders").pk
    with tenant_scope(cast.other.pk):
        foreign = Group.objects.get(name="Builders").pk
    with tenant_scope(cast.tenant.pk):
        with pytest.raises(NotAllowed):
            services.plan_roles(by=cast.sana, shown=[group], granted=frozenset())
        with pytest.raises(NotAllowed):
            services.save_roles(by=cast.sana, seen="")
        for wrong in ((group, "end_user"), (group, "root"), (foreign, "builder"), (uuid7(), "builder")):
            with pytest.raises(BadInput):
                services.plan_roles(by=cast.ada, shown=[group, foreign], granted=frozenset({wrong}))


def test_a_preview_costs_the_same_for_a_thousand_people(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        group = Group.objects.create(tenant=cast.tenant, name="Crowd")

        def preview() -> int:
            with CaptureQueriesContext(connection) as queries:
                effect = change(cast, ("Crowd", "reviewer", True))
                effect.digest(), effect.totals(), effect.of(cast.ada.pk)
                assert len(effect.people()[0:25]) == min(25, group.memberships.count())
                effect.people().count()
            return len(queries)

        crowd(cast, group, 10)
        preview()  # what is remembered for good is asked once
        services.discard_role_plan(by=cast.ada)
        few = preview()
        crowd(cast, group, 1000)
        services.discard_role_plan(by=cast.ada)
        assert preview() == few


def crowd(cast: Cast, group: Group, number: int) -> None:
    """`number` people more in the group."""
    made = User.objects.bulk_create(
        User(tenant=cast.tenant, username=f"crowd-{uuid7()}", display_name=f"Crowd {n:04}")
        for n in range(number)
    )
    Membership.objects.bulk_create(Membership(tenant=cast.tenant, group=group, user=one) for one in made)
