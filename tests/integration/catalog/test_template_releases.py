"""Templates that admins withdraw and publish again: what builders, reviewers and owners see of it."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from approvals.models import Evidence
from catalog import services
from catalog.models import App, Draft, TemplateRelease
from identity.errors import BadInput, Conflict, NotAllowed
from identity.tenancy import tenant_scope
from tests import apps
from tests.cast import Cast
from tests.integration.catalog.test_launch import events
from tests.scene import sign_in

WHY = "Its retention is too long."


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    with tenant_scope(committed_cast.tenant.pk):
        apps.seed(committed_cast.lena)
    return committed_cast


def withdraw(cast: Cast, template: str = apps.LOW_RISK) -> TemplateRelease:
    with tenant_scope(cast.tenant.pk):
        services.list_releases(by=cast.ada)
        row = TemplateRelease.objects.get(template_id=template)
        return services.withdraw_template(by=cast.ada, release=row, reason=WHY)


def page(client: Client, person: Any, address: str) -> str:
    client.logout()
    sign_in(client, person)
    return client.get(address).content.decode()


def test_the_wizard_offers_no_withdrawn_template_until_it_is_published_again(
    cast: Cast, client: Client
) -> None:
    row = withdraw(cast)
    assert "Team dashboard" not in page(client, cast.lena, "/build/")
    assert "Intake form" in page(client, cast.lena, "/build/")
    with tenant_scope(cast.tenant.pk):
        with pytest.raises(Conflict, match=WHY), transaction.atomic():
            services.start_draft(by=cast.lena, template_id=apps.LOW_RISK)
        services.publish_template(by=cast.ada, release=row)
    assert "Team dashboard" in page(client, cast.lena, "/build/")
    assert (events("template.withdrawn"), events("template.published")) == (1, 1)


def test_only_admins_withdraw_and_only_for_a_reason(cast: Cast) -> None:
    row = withdraw(cast)
    with tenant_scope(cast.tenant.pk):
        services.publish_template(by=cast.ada, release=row)
        with pytest.raises(NotAllowed):
            services.withdraw_template(by=cast.lena, release=row, reason=WHY)
        with pytest.raises(BadInput):
            services.withdraw_template(by=cast.ada, release=row, reason=" ")
        with pytest.raises(Conflict):
            services.publish_template(by=cast.ada, release=row)


def test_a_draft_from_before_says_so_and_cannot_be_submitted(cast: Cast, client: Client) -> None:
    with tenant_scope(cast.tenant.pk):
        draft = apps.drafted(cast.lena, apps.LOW_RISK)
    withdraw(cast)
    shown = page(client, cast.lena, reverse("catalog:step", args=[draft.pk, "submit"]))
    assert shown.count(WHY) == 2, "beside the steps, and among what stands in the way"
    with tenant_scope(cast.tenant.pk), pytest.raises(Conflict, match=WHY):
        services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)


def test_apps_made_from_it_carry_a_flag_and_their_changes_are_looked_at(cast: Cast, client: Client) -> None:
    with tenant_scope(cast.tenant.pk):
        version = apps.submitted(cast.lena, apps.LOW_RISK)
    app = apps.launched_for(version)
    assert "Template withdrawn" not in page(client, cast.lena, app.get_absolute_url())
    withdraw(cast)
    assert WHY in page(client, cast.lena, app.get_absolute_url())
    assert "Template withdrawn" in page(client, cast.lena, "/my-apps/")
    with tenant_scope(cast.tenant.pk):
        draft = services.start_change(by=cast.lena, app=App.objects.get())
        second = services.submit_version(by=cast.lena, draft_id=draft.pk, revision=draft.revision)
        assert second.state == "submitted", "it went live by itself before"
        rows = Evidence.objects.get(request=second.request).document["sections"][0]["rows"]
        assert WHY in {row["label"]: row["value"] for row in rows}["Template"]
        assert Draft.objects.get().base == app.live_version


def test_admins_do_it_in_the_admin(cast: Cast, client: Client) -> None:
    listed = page(client, cast.ada, "/admin/catalog/templaterelease/")
    assert "Marketing lead capture" in listed
    with tenant_scope(cast.tenant.pk):
        row = TemplateRelease.objects.get(template_id=apps.PERSONAL)
    address = f"/admin/catalog/templaterelease/{row.pk}/change/"
    refused = client.post(address, {"state": "withdrawn", "reason": ""})
    assert "Say why" in refused.content.decode()
    assert client.post(address, {"state": "withdrawn", "reason": WHY}).status_code == 302
    with tenant_scope(cast.tenant.pk):
        row.refresh_from_db()
        assert (row.state, row.reason, row.changed_by) == ("withdrawn", WHY, cast.ada)
    assert client.post(address, {"state": "published", "reason": "forgotten"}).status_code == 302
    with tenant_scope(cast.tenant.pk):
        row.refresh_from_db()
        assert (row.state, row.reason) == ("published", "")
    assert (events("template.withdrawn"), events("template.published")) == (1, 1)


def test_another_tenant_offers_what_it_likes(cast: Cast) -> None:
    withdraw(cast)
    with tenant_scope(cast.other.pk):
        apps.seed(cast.nils)
        assert services.start_draft(by=cast.nils, template_id=apps.LOW_RISK)
