"""Lists cost the same number of queries for ten rows and for a thousand."""

import hashlib

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog import content as drafting
from catalog.models import App, AppVersion, Draft
from catalog.states import AppState, VersionState
from identity.tenancy import tenant_scope
from tests import apps
from tests.cast import Cast


def many(cast: Cast, first: int, last: int) -> None:
    """Apps with a submitted version and drafts of Lena's."""
    made = App.objects.bulk_create(
        App(
            tenant=cast.tenant,
            slug=f"app-{n}",
            title=f"App {n}",
            owner=cast.lena,
            region="eu",
            state=AppState.NEW,
        )
        for n in range(first, last)
    )
    text = "{}"
    AppVersion.objects.bulk_create(
        AppVersion(
            tenant=cast.tenant,
            app=app,
            number=1,
            manifest=text,
            digest=hashlib.sha256(text.encode()).hexdigest(),
            template_id="team-dashboard",
            template_version="1.0.0",
            template_kept=True,
            created_by=cast.lena,
            state=VersionState.SUBMITTED,
        )
        for app in made
    )
    Draft.objects.bulk_create(
        Draft(
            tenant=cast.tenant,
            builder=cast.lena,
            template_id="team-dashboard",
            content={},
            title=f"Draft {n}",
        )
        for n in range(first, last)
    )


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize("name", ["catalog:my-apps", "catalog:begin"])
def test_lists_do_not_grow_with_rows(cast: Cast, client: Client, name: str) -> None:
    client.force_login(cast.lena, backend="identity.backends.DirectoryBackend")
    with tenant_scope(cast.tenant.pk):
        many(cast, 0, 10)
    queries(client, reverse(name))  # what the first request alone does
    few = queries(client, reverse(name))
    with tenant_scope(cast.tenant.pk):
        many(cast, 10, 1000)
    assert queries(client, reverse(name)) == few


def test_a_fields_step_does_not_grow_with_fields(cast: Cast, client: Client) -> None:
    client.force_login(cast.lena, backend="identity.backends.DirectoryBackend")
    with tenant_scope(cast.tenant.pk):
        apps.seed(cast.lena)
        draft = apps.drafted(cast.lena)
    url = reverse("catalog:step", args=[draft.pk, "fields"])
    queries(client, url)
    few = queries(client, url)
    with tenant_scope(cast.tenant.pk):
        more = [drafting.new_field(name=f"n{at}", label=f"N {at}") for at in range(100)]
        apps.save(cast.lena, draft, drafting.add_fields(draft.content, more))
    assert queries(client, url) == few
