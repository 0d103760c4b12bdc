"""Co-owners on the app's page: found by name, added, taken out, undone; by its owners alone."""

import re

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import services
from catalog.models import App, AppUserGrant, Draft
from identity.errors import Conflict
from identity.models import User
from identity.services import grant_permission
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.catalog.test_launch import events
from tests.integration.catalog.test_next_version import builder
from tests.live_apps import make_app

HTMX = {"HX-Request": "true"}


@pytest.fixture
def app(committed_cast: Cast) -> App:
    """Lena's live app; Omar and Mia are builders as well."""
    builder(committed_cast, committed_cast.omar)
    builder(committed_cast, committed_cast.mia)
    return make_app(committed_cast.lena)


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="identity.backends.DirectoryBackend")
    return client


def shared_with(app: App) -> set[str]:
    with tenant_scope(app.tenant_id):
        return set(AppUserGrant.objects.values_list("user__display_name", flat=True))


def found(client: Client, app: App, words: str, **headers: str) -> list[str]:
    page = client.get(app.get_absolute_url(), {"q": words}, headers=headers).content.decode()
    return re.findall(r'visually-hidden"> ([^<]+)</span></button>', page)


def test_builders_are_found_by_name_and_nobody_else(app: App, committed_cast: Cast) -> None:
    lena = as_(committed_cast.lena)
    assert found(lena, app, "o") == ["Mia Novak", "Omar Reyes"]
    assert found(lena, app, "REY") == ["Omar Reyes"]
    assert found(lena, app, "lena") == [], "the owner is one already"
    assert found(lena, app, "sana") == [], "no builder"
    assert found(lena, app, "nils") == [], "of another tenant"
    assert found(lena, app, "%") == []
    part = lena.get(app.get_absolute_url(), {"q": "rey"}, headers=HTMX).content.decode()
    assert "Omar Reyes" in part
    assert "<html" not in part


def test_an_owner_adds_and_takes_out_and_undoes_either(app: App, committed_cast: Cast) -> None:
    cast, lena = committed_cast, as_(committed_cast.lena)
    owners = f"{app.get_absolute_url()}owners/"
    added = lena.post(owners, {"person": cast.omar.pk})
    assert shared_with(app) == {"Omar Reyes"}
    page = lena.get(added["Location"].partition("#")[0]).content.decode()
    assert "Omar Reyes can change this app now." in page
    undo = re.search(r'action="([^"]+)"><input[^>]+csrf[^>]+><button class="button button--small">Undo', page)
    assert undo
    gone = lena.post(undo[1])
    assert shared_with(app) == set()
    page = lena.get(gone["Location"].partition("#")[0]).content.decode()
    assert "Omar Reyes can no longer change this app." in page
    assert f'name="person" value="{cast.omar.pk}"' in page, "what undoes it"
    lena.post(owners, {"person": cast.omar.pk})
    assert shared_with(app) == {"Omar Reyes"}
    assert (events("app.co_owner_added"), events("app.co_owner_removed")) == (2, 1)


def test_who_does_not_own_the_app_sees_its_owners_and_changes_none(app: App, committed_cast: Cast) -> None:
    cast = committed_cast
    page = as_(cast.theo).get(app.get_absolute_url(), {"q": "omar", "person": cast.omar.pk}).content.decode()
    assert "Owners" in page
    assert "Omar Reyes" not in page
    owners = f"{app.get_absolute_url()}owners/"
    assert as_(cast.theo).post(owners, {"person": cast.omar.pk}).status_code == 403
    assert as_(cast.nils).post(owners, {"person": cast.nils.pk}).status_code == 404
    lena = as_(cast.lena)
    for person, status in ((cast.nils.pk, 404), ("nobody", 400), (cast.sana.pk, 400), (cast.lena.pk, 400)):
        assert lena.post(owners, {"person": person}).status_code == status, person
    assert shared_with(app) == set()


def test_a_co_owner_may_leave(app: App, committed_cast: Cast) -> None:
    cast = committed_cast
    as_(cast.lena).post(f"{app.get_absolute_url()}owners/", {"person": cast.omar.pk})
    omar = as_(cast.omar)
    answer = omar.post(f"{app.get_absolute_url()}owners/{cast.omar.pk}/remove/", follow=True)
    assert "no longer a co-owner of “Spring leads”" in answer.content.decode()
    assert shared_with(app) == set()


def test_the_draft_of_somebody_who_owns_no_longer_goes_over_to_who_goes_on(
    app: App, committed_cast: Cast
) -> None:
    cast = committed_cast
    with tenant_scope(app.tenant_id):
        services.add_co_owner(by=cast.lena, app=app, user=cast.omar)
        draft = services.start_change(by=cast.omar, app=app)
        with pytest.raises(Conflict, match="Omar Reyes is changing"), transaction.atomic():
            services.start_change(by=cast.lena, app=app)
        services.remove_co_owner(by=cast.lena, app=app, user=cast.omar)
        taken = services.start_change(by=cast.lena, app=app)
        assert (taken.pk, taken.builder) == (draft.pk, cast.lena)
        assert Draft.objects.get().builder == cast.lena
    assert events("draft.handed_over") == 1


def test_lists_of_owners_ask_the_database_as_often_for_many(app: App, committed_cast: Cast) -> None:
    cast, lena = committed_cast, as_(committed_cast.lena)

    def queries() -> int:
        lena.get(app.get_absolute_url())
        with CaptureQueriesContext(connection) as seen:
            assert lena.get(app.get_absolute_url()).status_code == 200
        return len(seen)

    with tenant_scope(app.tenant_id):
        services.add_co_owner(by=cast.lena, app=app, user=cast.omar)
    few = queries()
    with tenant_scope(app.tenant_id):
        people = User.objects.bulk_create(
            User(tenant=cast.tenant, username=f"p{n}", external_id=f"p{n}", display_name=f"Person {n}")
            for n in range(50)
        )
        for one in people:
            grant_permission(by=cast.lena, thing=app, permission="change_app", to=one)
    assert queries() == few
