"""What the next version of a live app changes about the app itself, and what it may not."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from approvals import services as approvals
from catalog import launch, services
from catalog.content import Content
from catalog.models import App, AppVersion, Draft
from catalog.selectors import co_ownerships
from catalog.states import AppState, VersionState
from identity.errors import BadInput, Conflict, NotAllowed
from identity.models import User
from identity.tenancy import tenant_scope
from policy.errors import Refused
from tests import apps
from tests.cast import Cast
from tests.integration.catalog.test_launch import events


@pytest.fixture
def app(committed_cast: Cast) -> App:
    """Lena's app, live."""
    with tenant_scope(committed_cast.tenant.pk):
        apps.seed(committed_cast.lena)
        version = apps.submitted(committed_cast.lena, apps.LOW_RISK)
    return apps.launched_for(version)


def change(by: User, app: App, region: str = "eu", **metadata: Any) -> AppVersion:
    """The next version, submitted; its request is left to the test."""
    with tenant_scope(app.tenant_id):
        draft = services.start_change(by=by, app=app)
        content: Content = {
            **draft.content,
            "metadata": {**draft.content["metadata"], **metadata},
            "hosting": {"region": region},
        }
        draft = apps.save(by, draft, content)
        return services.submit_version(by=by, draft_id=draft.pk, revision=draft.revision)


def owners(app: App) -> tuple[User, set[User]]:
    with tenant_scope(app.tenant_id):
        now = App.objects.select_related("owner").get(pk=app.pk)
        return now.owner, {one.user for one in co_ownerships(app.pk).select_related("user")}


def test_the_owner_that_a_version_names_is_owner_once_it_is_live(app: App, committed_cast: Cast) -> None:
    cast = committed_cast
    version = change(cast.lena, app, owner=str(cast.omar.pk), title="Summer leads")
    assert owners(app) == (cast.lena, set()), "until then nothing has changed hands"
    assert launch.launch(version.pk, version.tenant_id)
    assert owners(app) == (cast.omar, {cast.lena}), "who hands over can go on"
    assert events("app.owner_changed") == 1
    with tenant_scope(app.tenant_id):
        draft = services.start_change(by=cast.lena, app=app)
        assert draft.content["metadata"]["owner"] == str(cast.omar.pk)


def test_an_old_version_brings_back_its_design_and_not_its_owner(app: App, committed_cast: Cast) -> None:
    cast = committed_cast
    version = change(cast.lena, app, owner=str(cast.omar.pk), title="Summer leads")
    assert launch.launch(version.pk, version.tenant_id)
    with tenant_scope(app.tenant_id):
        first = AppVersion.objects.select_related("app").get(app=app, number=1)
        services.rollback_to(by=cast.lena, version=first)
    assert launch.launch(first.pk, first.tenant_id)
    with tenant_scope(app.tenant_id):
        now = App.objects.get(pk=app.pk)
    assert (now.title, now.owner_id, now.live_version_id) == ("Spring leads", cast.omar.pk, first.pk)


def test_records_do_not_move_with_a_version_and_it_says_what_to_do(app: App, committed_cast: Cast) -> None:
    with pytest.raises(BadInput, match=r"lie in the region “eu”.*build a new app"):
        change(committed_cast.lena, app, region="us")
    with pytest.raises(BadInput, match="address “spring-leads”"):
        change(committed_cast.lena, app, name="autumn-leads")
    with tenant_scope(app.tenant_id):
        assert AppVersion.objects.count() == 1


def test_the_wizard_takes_no_other_region_or_address_for_a_live_app(
    app: App, committed_cast: Cast, client: Client
) -> None:
    with tenant_scope(app.tenant_id):
        draft = services.start_change(by=committed_cast.lena, app=app)
    client.force_login(committed_cast.lena, backend="identity.backends.DirectoryBackend")
    address = reverse("catalog:step", args=[draft.pk, "purpose"])
    page = client.get(address).content.decode()
    assert "a new version cannot move them" in page
    sent = {"revision": draft.revision, "editor": draft.editor, "title": "Summer leads", "unit": "Marketing"}
    sent |= {"owner": committed_cast.lena.pk, "region": "us", "name": "elsewhere"}
    assert client.post(address, sent).status_code == 302
    with tenant_scope(app.tenant_id):
        content = Draft.objects.get().content
    assert content["hosting"]["region"] == "eu"
    assert (content["metadata"]["name"], content["metadata"]["title"]) == ("spring-leads", "Summer leads")


def test_only_the_owner_hands_an_app_over_unless_they_have_left(app: App, committed_cast: Cast) -> None:
    cast = committed_cast
    builder(cast, cast.omar)
    with tenant_scope(app.tenant_id):
        services.add_co_owner(by=cast.lena, app=app, user=cast.omar)
    with pytest.raises(NotAllowed, match="Only Lena Marsh"):
        change(cast.omar, app, owner=str(cast.omar.pk))
    with tenant_scope(app.tenant_id):
        User.objects.filter(pk=cast.lena.pk).update(is_active=False)
    version = change(cast.omar, app, owner=str(cast.omar.pk))
    assert launch.launch(version.pk, version.tenant_id)
    assert owners(app)[0] == cast.omar


def test_who_is_no_co_owner_any_more_submits_nothing(app: App, committed_cast: Cast) -> None:
    cast = committed_cast
    builder(cast, cast.omar)
    with tenant_scope(app.tenant_id):
        services.add_co_owner(by=cast.lena, app=app, user=cast.omar)
        draft = services.start_change(by=cast.omar, app=app)
        services.remove_co_owner(by=cast.lena, app=app, user=cast.omar)
        with pytest.raises(Refused), transaction.atomic():
            services.submit_version(by=cast.omar, draft_id=draft.pk, revision=draft.revision)


def test_a_version_whose_new_owner_has_left_does_not_go_live(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        draft = apps.drafted(cast.lena)
        content = {**draft.content, "metadata": {**draft.content["metadata"], "owner": str(cast.mia.pk)}}
        draft = apps.save(cast.lena, draft, content)
        version = services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
        User.objects.filter(pk=cast.mia.pk).update(is_active=False)
        with pytest.raises(BadInput, match="active person"), transaction.atomic():
            apps.approve(cast.omar, version)
        version.refresh_from_db()
        assert version.state == VersionState.SUBMITTED


def test_before_an_app_is_live_its_next_version_changes_all_of_it(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        version = apps.submitted(cast.lena)
        approvals.withdraw(by=cast.lena, request_id=version.request)
        draft = Draft.objects.get()
        metadata = {**draft.content["metadata"], "name": "fair-leads", "owner": str(cast.mia.pk)}
        fields = [{**one, "residency": "us"} for one in draft.content["datasets"][0]["fields"]]
        content = {
            **draft.content,
            "metadata": metadata,
            "hosting": {"region": "us"},
            "datasets": [{**draft.content["datasets"][0], "fields": fields}],
        }
        draft = apps.save(cast.lena, draft, content)
        second = services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
        assert second.state == VersionState.SUBMITTED
    with tenant_scope(cast.tenant.pk):
        now = App.objects.get()
    assert (now.slug, now.region, now.owner_id, now.state) == ("fair-leads", "us", cast.mia.pk, AppState.NEW)
    assert owners(now)[1] == {cast.lena}


def test_nothing_new_is_begun_while_a_version_goes_live(app: App, committed_cast: Cast) -> None:
    change(committed_cast.lena, app, title="Summer leads")
    with tenant_scope(app.tenant_id), pytest.raises(Conflict, match="going live right now"):
        services.start_change(by=committed_cast.lena, app=app)


def builder(cast: Cast, user: User) -> None:
    """`user` joins the builders."""
    with tenant_scope(cast.tenant.pk):
        group = cast.lena.memberships.get(group__name="Builders").group
        group.memberships.create(tenant=cast.tenant, user=user)
