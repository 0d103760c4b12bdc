"""A person leaves: access ends at once, and what was his goes to others, step by step, once (I5)."""

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import Ask, Request
from approvals.services import vote
from approvals.states import RequestState, Verdict
from catalog.models import App, Draft
from catalog.services import add_co_owner
from identity import offboarding, services
from identity.models import Membership, Offboarding, OffboardingStep, Role, RoleGrant, User
from identity.tenancy import tenant_scope
from notices.models import Outbox
from tests import apps, live_apps
from tests.cast import Cast
from tests.memos import Memo
from tests.scene import sign_in
from tests.tokens import make_token
from vault.keeper import Keeper

State = OffboardingStep.State


def leave(cast: Cast, person: User) -> Offboarding:
    """What SCIM does, and then what the worker does."""
    with tenant_scope(cast.tenant.pk):
        locked = User.objects.select_for_update().get(pk=person.pk)
        services.deactivate_user(by=None, user=locked)
        begun = Offboarding.objects.get(user=person)
    services.run_offboarding(offboarding_id=begun.pk, tenant=cast.tenant.pk)
    with tenant_scope(cast.tenant.pk):
        begun.refresh_from_db()
    return begun


def lines(cast: Cast, begun: Offboarding, key: str) -> list[str]:
    with tenant_scope(cast.tenant.pk):
        return list(begun.steps.get(key=key).result)


def test_every_step_is_done_and_says_so(committed_cast: Cast) -> None:
    cast = committed_cast
    client = Client()
    sign_in(client, cast.lena)
    begun = leave(cast, cast.lena)
    assert client.get("/").status_code == 302
    assert begun.done_at is not None
    with tenant_scope(cast.tenant.pk):
        assert {step.key: step.state for step in begun.steps.all()} == dict.fromkeys(
            offboarding.steps(), State.DONE
        )


def test_reactivation_revives_nothing(committed_cast: Cast) -> None:
    cast = committed_cast
    app = live_apps.make_app(cast.lena)
    client = Client()
    sign_in(client, cast.lena)
    leave(cast, cast.lena)
    with tenant_scope(cast.tenant.pk):
        back = User.objects.select_for_update().get(pk=cast.lena.pk)
        profile = services.Profile.of(back)
        services.change_user(
            by=None, user=back, profile=services.Profile(**{**profile.__dict__, "is_active": True})
        )
        assert App.objects.get(pk=app.pk).owner_id == cast.omar.pk
    assert client.get("/").status_code == 302


def test_tokens_are_revoked_and_named(committed_cast: Cast) -> None:
    cast = committed_cast
    token, _secret = make_token(cast.lena)
    begun = leave(cast, cast.lena)
    token.refresh_from_db()
    assert token.revoked_at is not None
    [line] = lines(cast, begun, "tokens")
    assert token.name in line


def test_an_app_goes_to_a_co_owner_first_else_to_the_manager(committed_cast: Cast) -> None:
    cast = committed_cast
    shared = live_apps.make_app(cast.lena, slug="shared")
    live_apps.make_app(cast.lena, slug="alone")
    with tenant_scope(cast.tenant.pk):
        builders = RoleGrant.objects.get(role=Role.BUILDER).group
        Membership.objects.create(tenant=cast.tenant, group=builders, user=cast.mia)
        add_co_owner(by=cast.lena, app=shared, user=cast.mia)
    begun = leave(cast, cast.lena)
    with tenant_scope(cast.tenant.pk):
        owners = dict(App.objects.values_list("slug", "owner"))
        told = set(Outbox.objects.filter(kind="app.inherited").values_list("person", flat=True))
    assert owners == {"shared": cast.mia.pk, "alone": cast.omar.pk}
    assert told == {cast.mia.pk, cast.omar.pk}
    assert len(lines(cast, begun, "apps")) == 2


def test_drafts_go_to_somebody_who_builds(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        builders = RoleGrant.objects.get(role=Role.BUILDER).group
        Membership.objects.create(tenant=cast.tenant, group=builders, user=cast.omar)
        draft = apps.drafted(cast.lena, title="Half a form")
    leave(cast, cast.lena)
    with tenant_scope(cast.tenant.pk):
        assert Draft.objects.get(pk=draft.pk).builder_id == cast.omar.pk


def test_a_pending_approval_moves_up_the_line(committed_cast: Cast, memo: Memo) -> None:
    """Omar is asked as Lena's manager and leaves; his own manager, Sana, decides in his place."""
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        User.objects.filter(pk=cast.omar.pk).update(manager=cast.sana)
        request = memo.open(User.objects.get(pk=cast.lena.pk))
        assert Ask.objects.filter(person=cast.omar).exists()
    leave(cast, cast.omar)
    with tenant_scope(cast.tenant.pk):
        assert not Ask.objects.filter(person=cast.omar).exists()
        assert Outbox.objects.filter(kind="approval.waiting", person=cast.sana).count() == 1
        sana = User.objects.get(pk=cast.sana.pk)
        vote(
            by=sana,
            request_id=request.pk,
            verdict=Verdict.APPROVE,
            digest=memo.digest,
            key=request.pk,
        )
        assert Request.objects.get(pk=request.pk).state == RequestState.GRANTED


def test_without_a_manager_a_pending_approval_goes_to_security(committed_cast: Cast, memo: Memo) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        memo.open(cast.lena)
    leave(cast, cast.omar)
    with tenant_scope(cast.tenant.pk):
        assert Ask.objects.filter(role=Role.SECURITY, step__state="open").exists()


def test_what_the_leaver_asked_for_is_withdrawn(committed_cast: Cast, memo: Memo) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        request = memo.open(cast.lena)
    leave(cast, cast.lena)
    with tenant_scope(cast.tenant.pk):
        assert Request.objects.get(pk=request.pk).state == RequestState.WITHDRAWN
    assert memo.heard == ["refused:withdrawn"]


def test_secrets_that_the_leaver_stored_are_listed(committed_cast: Cast) -> None:
    cast = committed_cast
    live_apps.make_app(cast.lena)  # brings the tenant's keys
    with tenant_scope(cast.tenant.pk):
        Keeper().keep(by=cast.ada, tenant=cast.tenant.pk, name="crm-key", value="s3cret-value")
    begun = leave(cast, cast.ada)
    found = lines(cast, begun, "secrets")
    assert len(found) == 1
    assert "crm-key" in found[0]
    assert "s3cret" not in found[0]


def test_a_step_that_fails_is_put_off_then_needs_a_look_and_can_be_tried_again(
    committed_cast: Cast, settings: Any
) -> None:
    cast = committed_cast
    settings.OFFBOARDING_STEPS = {"odd": "tests.integration.identity.test_offboarding.Odd"}
    offboarding.steps.cache_clear()
    try:
        Odd.broken = True
        begun = leave(cast, cast.mia)
        with tenant_scope(cast.tenant.pk):
            step = begun.steps.get()
        assert (step.state, step.attempts) == (State.WAITING, 1)
        assert step.due_at > timezone.now()
        for _again in range(10):
            OffboardingStep.objects.using("sweeper").update(due_at=timezone.now())
            for pk, tenant in services.overdue():
                services.run_step(step_id=pk, tenant=tenant)
        with tenant_scope(cast.tenant.pk):
            step.refresh_from_db()
        assert step.state == State.FAILED
        Odd.broken = False
        ada = Client()
        sign_in(ada, cast.ada)
        ada.post(f"/people/offboarding/{begun.pk}/{step.pk}/")
        services.run_offboarding(offboarding_id=begun.pk, tenant=cast.tenant.pk)
        page = ada.get(f"/people/offboarding/{begun.pk}/")
        assert "All steps are done" in page.content.decode()
    finally:
        offboarding.steps.cache_clear()


def test_two_workers_at_once_do_a_step_once(committed_cast: Cast, settings: Any) -> None:
    cast = committed_cast
    settings.OFFBOARDING_STEPS = {"odd": "tests.integration.identity.test_offboarding.Odd"}
    offboarding.steps.cache_clear()
    try:
        Odd.broken, Odd.runs = False, 0
        with tenant_scope(cast.tenant.pk):
            begun = services.begin_offboarding(by=None, user=cast.mia)
            step = begun.steps.get()
        start = threading.Barrier(4)

        def work() -> None:
            start.wait()
            services.run_step(step_id=step.pk, tenant=cast.tenant.pk)
            connections.close_all()

        threads = [threading.Thread(target=work) for _n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Odd.runs == 1
    finally:
        offboarding.steps.cache_clear()


class Odd:
    """A step that breaks when it is told to."""

    broken = False
    runs = 0
    title = "Odd"

    def run(self, user: User) -> list[str]:
        if Odd.broken:
            raise RuntimeError("no")
        Odd.runs += 1
        return []


@pytest.mark.parametrize("who", ["mia", "lena", "omar"])
def test_only_who_looks_after_people_sees_who_left(committed_cast: Cast, who: str) -> None:
    begun = leave(committed_cast, committed_cast.sana)
    client = Client()
    sign_in(client, getattr(committed_cast, who))
    assert client.get("/people/offboarding/").status_code == 403
    assert client.get(f"/people/offboarding/{begun.pk}/").status_code == 403


def test_the_list_costs_the_same_for_ten_and_a_thousand(committed_cast: Cast) -> None:
    cast = committed_cast
    client = Client()
    sign_in(client, cast.ada)

    def add(first: int, last: int) -> None:
        people = User.objects.bulk_create(
            User(tenant=cast.tenant, username=f"u{n}", display_name=f"U {n}", is_active=False)
            for n in range(first, last)
        )
        with tenant_scope(cast.tenant.pk):
            Offboarding.objects.bulk_create(Offboarding(tenant=cast.tenant, user=user) for user in people)

    add(0, 10)
    client.get("/people/offboarding/")
    with CaptureQueriesContext(connection) as few:
        client.get("/people/offboarding/")
    add(10, 1000)
    with CaptureQueriesContext(connection) as many:
        client.get("/people/offboarding/")
    assert len(many) == len(few)
