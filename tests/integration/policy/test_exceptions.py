"""Exceptions: asked for by who was refused, approved by two, narrow, for a while, over by themselves (P6)."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from approvals.states import Verdict
from catalog.models import App
from identity.errors import BadInput, Conflict, DomainError, NotAllowed
from identity.models import User
from identity.services import new_access_revision
from identity.tenancy import tenant_scope, uuid7
from notices.models import Outbox
from policy import services
from policy.models import PolicyException
from policy.states import ExceptionState
from runtime.states import ExportState
from tests import live_apps
from tests.cast import Cast
from tests.exceptions import asked, decide, export, refused, wish
from tests.integration.runtime.test_records import events


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return live_apps.make_app(committed_cast.lena)


def granted(app: App, cast: Cast, **changes: object) -> PolicyException:
    return decide(asked(app, cast.mia, **changes), cast.omar, cast.sana)


def test_from_the_refusal_to_the_export_and_back(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = asked(app, cast.mia)
    assert row.state == ExceptionState.ASKED
    refused(app, cast.mia)  # asking changes nothing
    decide(row, cast.omar)
    refused(app, cast.mia)  # one of two is not enough
    decide(row, cast.sana)
    assert row.state == ExceptionState.ACTIVE
    wanted = export(app, cast.mia)
    assert wanted.state == ExportState.WAITING, "the rule lets it pass; the two people of an export stay"
    used = [body["facts"].get("exceptions") for body in events("decision.denied")]
    assert used[-1] == [str(row.pk)], "each use is on the record"
    assert not any(used[:-1])
    with tenant_scope(cast.tenant.pk):
        services.end_exception(by=cast.mia, exception_id=row.pk)
    refused(app, cast.mia)
    told = [body["kind"] for body in events() if str(body["kind"]).startswith("exception.")]
    assert told == ["exception.asked", "exception.granted", "exception.ended"]


def test_it_reaches_no_further_than_it_says(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    other = live_apps.make_app(cast.lena, slug="other")
    granted(app, cast)
    refused(other, cast.mia)
    refused(app, cast.mia, target="apac")
    assert export(app, cast.lena).state == ExportState.WAITING, "it is the app's, not one person's"


def test_it_is_over_by_itself_before_any_sweep(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = granted(app, cast, until=timezone.now() + timedelta(seconds=30))
    export(app, cast.mia)
    with tenant_scope(cast.tenant.pk):
        late = timezone.now() + timedelta(minutes=1)
        assert PolicyException.objects.filter(pk=row.pk, expires_at__lt=late).exists()
    _pass_time(row)
    refused(app, cast.mia)
    assert services.sweep_exceptions() == 1
    assert services.sweep_exceptions() == 0
    with tenant_scope(cast.tenant.pk):
        row.refresh_from_db()
        assert row.state == ExceptionState.EXPIRED
        assert Outbox.objects.filter(kind="exception.expired", person=cast.mia).count() == 1
    assert len(events("exception.expired")) == 1


def _pass_time(row: PolicyException) -> None:
    """As if it had been asked for, and granted, an hour ago; every process reads the rules anew."""
    hour = timedelta(hours=1)
    with tenant_scope(row.tenant_id):
        PolicyException.objects.filter(pk=row.pk).update(
            asked_at=row.asked_at - hour, granted_at=row.granted_at - hour, expires_at=row.expires_at - hour
        )
        new_access_revision(tenant=row.tenant_id)


def test_its_end_is_announced_once(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    granted(app, cast, until=timezone.now() + timedelta(days=5))
    assert services.sweep_exceptions() == 1
    assert services.sweep_exceptions() == 0
    with tenant_scope(cast.tenant.pk):
        assert Outbox.objects.filter(kind="exception.ending", person=cast.mia).count() == 1


def test_what_was_rejected_changes_nothing(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    row = decide(asked(app, cast.mia), cast.omar, verdict=Verdict.REJECT)
    assert row.state == ExceptionState.REFUSED
    refused(app, cast.mia)


def test_only_who_was_refused_may_ask_and_not_twice(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    refusal, key = refused(app, cast.mia), uuid7()
    with tenant_scope(cast.tenant.pk):
        with pytest.raises(NotAllowed):
            services.ask_exception(by=cast.lena, key=uuid7(), refusal=refusal, wish=wish(app))
        first = services.ask_exception(by=cast.mia, key=key, refusal=refusal, wish=wish(app))
        assert services.ask_exception(by=cast.mia, key=key, refusal=refusal, wish=wish(app)) == first
        with pytest.raises(Conflict):
            services.ask_exception(by=cast.mia, key=uuid7(), refusal=refusal, wish=wish(app))


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "access.tenant"},
        {"rule": "retention.bounds"},
        {"rule": "no.such"},
        {"until": timezone.now() - timedelta(days=1)},
        {"until": timezone.now() + timedelta(days=400)},
        {"reason": "  "},
        {"control": ""},
    ],
    ids=["never-waivable", "was-not-in-the-way", "unknown", "past", "too-long", "no-reason", "no-control"],
)
def test_bad_wishes_are_refused_and_leave_nothing(
    committed_cast: Cast, app: App, changes: dict[str, object]
) -> None:
    cast = committed_cast
    with pytest.raises(BadInput):
        asked(app, cast.mia, **changes)
    with tenant_scope(cast.tenant.pk):
        assert not PolicyException.objects.exists()


def test_two_forms_at_once_make_one(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    refusal, start, ends = refused(app, cast.mia), threading.Barrier(4), []

    def send() -> None:
        start.wait()
        try:
            with tenant_scope(cast.tenant.pk):
                services.ask_exception(by=cast.mia, key=uuid7(), refusal=refusal, wish=wish(app))
            ends.append("made")
        except DomainError:
            ends.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["made", "refused", "refused", "refused"]


@pytest.mark.parametrize(("who", "may"), [("mia", True), ("sana", True), ("ada", True), ("theo", False)])
def test_who_may_end_it(committed_cast: Cast, app: App, who: str, may: bool) -> None:
    cast = committed_cast
    row, person = granted(app, cast), getattr(cast, who)
    assert isinstance(person, User)
    with tenant_scope(cast.tenant.pk):
        if not may:
            with pytest.raises(NotAllowed):
                services.end_exception(by=person, exception_id=row.pk)
            return
        services.end_exception(by=person, exception_id=row.pk)
    refused(app, cast.mia)
