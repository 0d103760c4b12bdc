"""Overrides by an admin: for one person and some hours, with a second person, loud (P6, X2)."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from approvals.states import Verdict
from approvals.steps import NoEligibleApprover
from catalog.models import App
from identity.errors import BadInput, Conflict, DomainError
from identity.models import User
from identity.services import new_access_revision
from identity.tenancy import tenant_scope, uuid7
from notices.models import Outbox
from policy import services
from policy.errors import Refused, StepUpNeeded
from policy.models import PolicyException
from policy.selectors import overridden_until
from policy.states import ExceptionState
from runtime import export_run
from runtime.states import ExportState
from tests import live_apps
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.exceptions import decide, export, overridden, refused, vote, wish
from tests.integration.runtime.test_records import events


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return live_apps.make_app(committed_cast.lena)


def test_from_the_refusal_of_one_person_to_what_she_may_do(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = overridden(app, cast.ada, refused(app, cast.mia))
    assert (row.person, row.action, row.dataset, row.region) == (cast.mia, "record.export", "leads", "us")
    refused(app, cast.mia)  # asking changes nothing
    decide(row, cast.sana)
    assert row.state == ExceptionState.ACTIVE
    assert export(app, cast.mia).state == ExportState.WAITING
    refused(app, cast.lena)  # it is for one person
    refused(app, cast.mia, target="apac")  # and for one place
    with tenant_scope(cast.tenant.pk):
        until = overridden_until(cast.tenant.pk, app.pk)
        services.end_exception(by=cast.ada, exception_id=row.pk)
        assert until
        assert abs(until - row.expires_at) < timedelta(seconds=1)
        assert overridden_until(cast.tenant.pk, app.pk) is None
    refused(app, cast.mia)


def test_it_is_told_and_recorded(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = decide(overridden(app, cast.ada, refused(app, cast.mia)), cast.sana)
    with tenant_scope(cast.tenant.pk):
        told = set(Outbox.objects.filter(kind="override.granted").values_list("person", flat=True))
    everybody = {cast.ada, cast.sana, cast.theo, cast.lena, cast.mia}
    assert told == {person.pk for person in everybody}
    assert overrides() == ["admin.override"]
    export(app, cast.mia)
    used = events("decision.denied")[-1]  # two people are still to approve the export
    assert used["facts"]["exceptions"] == [str(row.pk)]


def test_each_use_that_lets_something_pass_is_an_override(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    decide(overridden(app, cast.ada, refused(app, cast.mia)), cast.sana)
    wanted = export(app, cast.mia)
    vote(wanted.request, cast.omar, cast.sana)
    export_run.run_export(export_id=wanted.pk, tenant=wanted.tenant_id)
    assert overrides() == ["admin.override", "record.export"]


def overrides() -> list[str]:
    return [body["facts"]["action"] for body in events("decision.override")]


@pytest.mark.parametrize("name", ["mia", "lena", "omar", "sana", "theo"])
def test_only_admins_ask(committed_cast: Cast, app: App, name: str) -> None:
    with pytest.raises(Refused):
        overridden(app, getattr(committed_cast, name), refused(app, committed_cast.mia))
    with tenant_scope(committed_cast.tenant.pk):
        assert not PolicyException.objects.exists()


def test_the_admin_has_just_shown_a_second_factor(committed_cast: Cast, app: App) -> None:
    cast, refusal = committed_cast, refused(app, committed_cast.mia)
    asked = {"key": uuid7(), "refusal": refusal, "wish": wish(app, until=timezone.now() + timedelta(hours=1))}
    for shown in ({"acr": "low"}, {"auth_time": int(time.time()) - 3600}):
        with at_edge(cast.ada, **shown), tenant_scope(cast.tenant.pk), pytest.raises(StepUpNeeded):
            services.ask_override(by=cast.ada, **asked)


def test_nobody_overrides_alone(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    both = both_roles(cast, cast.ada)
    row = overridden(app, both, refused(app, cast.mia))
    with pytest.raises(DomainError):
        decide(row, both)
    with tenant_scope(cast.tenant.pk):
        row.refresh_from_db()
    assert row.state == ExceptionState.ASKED
    refused(app, cast.mia)


def both_roles(cast: Cast, user: User) -> User:
    """An admin who is of security too."""
    with tenant_scope(cast.tenant.pk):
        group = cast.sana.memberships.get(group__name="Security").group
        user.memberships.create(tenant_id=cast.tenant.pk, group=group)
    return User.objects.get(pk=user.pk)


def test_an_admin_who_is_none_any_more_gets_nothing(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = overridden(app, cast.ada, refused(app, cast.mia))
    with tenant_scope(cast.tenant.pk):
        cast.ada.memberships.all().delete()
    with pytest.raises(DomainError):
        decide(row, cast.sana)
    refused(app, cast.mia)


def test_what_was_rejected_changes_nothing(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = decide(overridden(app, cast.ada, refused(app, cast.mia)), cast.sana, verdict=Verdict.REJECT)
    assert row.state == ExceptionState.REFUSED
    refused(app, cast.mia)


def test_it_is_over_by_itself(committed_cast: Cast, app: App) -> None:
    cast, hours = committed_cast, timedelta(hours=5)
    row = decide(overridden(app, cast.ada, refused(app, cast.mia)), cast.sana)
    with tenant_scope(cast.tenant.pk):
        PolicyException.objects.filter(pk=row.pk).update(
            asked_at=row.asked_at - hours, expires_at=row.expires_at - hours
        )
        new_access_revision(tenant=cast.tenant.pk)
    refused(app, cast.mia)
    assert services.sweep_exceptions() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "access.app_role"},
        {"rule": "retention.bounds"},
        {"until": timezone.now() - timedelta(hours=1)},
        {"until": timezone.now() + timedelta(days=2)},
        {"reason": " "},
        {"control": ""},
    ],
    ids=["never", "was-not-in-the-way", "past", "too-long", "no-reason", "no-control"],
)
def test_bad_wishes_leave_nothing(committed_cast: Cast, app: App, changes: dict[str, object]) -> None:
    cast = committed_cast
    with pytest.raises(BadInput):
        overridden(app, cast.ada, refused(app, cast.mia), **changes)
    with tenant_scope(cast.tenant.pk):
        assert not PolicyException.objects.exists()


def test_twice_is_once(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    refusal = refused(app, cast.mia)
    overridden(app, cast.ada, refusal)
    with pytest.raises(Conflict):
        overridden(app, cast.ada, refusal)


def test_without_security_nobody_can_say_yes(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    refusal = refused(app, cast.mia)
    with tenant_scope(cast.tenant.pk):
        cast.sana.memberships.all().delete()
    with pytest.raises(NoEligibleApprover):
        overridden(app, cast.ada, refusal)
    with tenant_scope(cast.tenant.pk):
        assert not PolicyException.objects.exists()
