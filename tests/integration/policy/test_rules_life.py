"""Rules proposed, checked, reviewed, put in force and rolled back (P4, P6, docs/adr/0080)."""

import multiprocessing
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from approvals.models import Request
from approvals.states import Verdict
from approvals.steps import NoEligibleApprover
from identity.errors import BadInput, Conflict, Missing, NotAllowed, TooLarge
from identity.models import Tenant, User
from identity.tenancy import tenant_scope
from notices.models import Outbox
from policy import pdp, revisions, services
from policy.models import RulesInForce, RulesVersion
from policy.rulebook import shipped
from policy.services import checking
from policy.states import VersionState
from tests.cast import Cast
from tests.integration.runtime.test_records import events
from tests.policy_facts import APP, COMPANY, in_tenant
from tests.rules import again, another, checked, freezing, library, proposed, put_in_force, vote
from tests.services import POSTGRES

FROZEN = freezing(APP)
INPUTS = 50


@pytest.fixture(autouse=True)
def few_inputs(settings: Any) -> None:
    settings.POLICY_PARITY_INPUTS = INPUTS


def reviewable(cast: Cast, files: dict[str, str], base: str | None = None) -> RulesVersion:
    """Proposed by Ada, and as the checks leave it that take half a minute."""
    row = proposed(cast.ada, files)
    passed = [{"name": "opa", "ok": True, "detail": ""}]
    with tenant_scope(cast.tenant.pk):
        RulesVersion.objects.filter(pk=row.pk).update(checks=passed, claimed_at=timezone.now())
        claimed = RulesVersion.objects.get(pk=row.pk).claimed_at
        assert claimed
        checking._conclude(row.pk, claimed)
    return again(row)


def ask(cast: Cast) -> pdp.Decision:
    """Something about the app that FROZEN freezes; not from the cache."""
    facts = in_tenant(cast.tenant.pk, cast.lena.pk, COMPANY, dataset="leads")
    return pdp.decide(**{"action": "record.create", **facts})


@pytest.mark.needs_opa
def test_from_a_proposal_to_every_decision_and_back(committed_cast: Cast) -> None:
    cast = committed_cast
    assert ask(cast).allowed
    row = checked(proposed(cast.ada, FROZEN))
    assert (row.state, row.number, row.base) == (VersionState.IN_REVIEW, 1, shipped().revision)
    assert all(check["ok"] for check in row.checks)
    assert ask(cast).allowed, "proposing changes nothing"
    with tenant_scope(cast.tenant.pk):
        request = Request.objects.get(pk=row.request)
        stored = request.evidence.get().document
    assert "frozen.rego" in str(stored)
    assert row.get_absolute_url() in str(stored)
    with pytest.raises(NotAllowed):
        vote(row, cast.ada)
    row = vote(row, cast.sana)
    assert row.state == VersionState.PUBLISHED
    denied = ask(cast)
    assert (denied.allowed, denied.revision) == (False, row.revision)
    assert "zz.frozen" in {reason.code for reason in denied.denials}

    first = RulesInForce.objects.order_by("id").first()
    assert first is not None
    assert (first.revision, first.version) == (shipped().revision, None)
    with tenant_scope(cast.tenant.pk):
        services.roll_back_rules(by=cast.sana, in_force_id=first.pk, reason="It froze the wrong app")
    back = ask(cast)
    assert (back.allowed, back.revision) == (True, shipped().revision)
    told = [body["kind"] for body in events() if str(body["kind"]).startswith("rules.")]
    assert told == ["rules.proposed", "rules.checked", "rules.published", "rules.rolled_back"]
    with tenant_scope(cast.tenant.pk):
        roles = Outbox.objects.filter(kind="rules.rolled_back").values_list("role", flat=True)
        assert sorted(roles) == ["admin", "security"]


@pytest.mark.needs_opa
def test_a_failing_test_blocks(committed_cast: Cast) -> None:
    cast = committed_cast
    broken = library(sso_required_test="package portal.sso_test\n\ntest_no if {\n\t1 == 2\n}\n")
    row = checked(proposed(cast.ada, broken | {"frozen.rego": FROZEN["frozen.rego"]}))
    assert (row.state, row.request) == (VersionState.FAILED, None)
    with tenant_scope(cast.tenant.pk):
        assert Outbox.objects.filter(kind="rules.failed", person=cast.ada).count() == 1
        with pytest.raises(Conflict):
            services.publish_rules(version_id=row.pk)
    assert not RulesInForce.objects.exists()


def test_without_an_opa_nothing_reaches_review(committed_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "binary", lambda **_how: None)
    row = checked(proposed(committed_cast.ada, FROZEN))
    assert row.state == VersionState.FAILED
    assert [check["name"] for check in row.checks] == ["opa"]


def test_the_same_proposed_again_is_the_same(committed_cast: Cast) -> None:
    cast = committed_cast
    row = proposed(cast.ada, FROZEN)
    assert proposed(cast.sana, FROZEN).pk == row.pk
    with pytest.raises(Conflict):
        proposed(cast.ada, FROZEN | {"frozen_test.rego": "package portal.frozen_test\n"})
    with tenant_scope(cast.tenant.pk):
        services.withdraw_rules(by=cast.ada, version_id=row.pk)
    assert again(row).state == VersionState.WITHDRAWN
    assert proposed(cast.ada, FROZEN).number == 2


BAD: dict[str, tuple[dict[str, str], type[Exception], str]] = {
    "nothing": ({}, BadInput, "no_main"),
    "no main": ({"facts.rego": "package portal.facts\n"}, BadInput, "no_main"),
    "no rego": ({**FROZEN, "notes.txt": "x"}, BadInput, "file_name"),
    "a way out": ({**FROZEN, "../x.rego": "package x\n"}, BadInput, "file_name"),
    "a line more": ({**FROZEN, "x.rego\n": "package x\n"}, BadInput, "file_name"),
    "no text": ({**FROZEN, "x.rego": "package x\n# \ud800"}, BadInput, "not_utf8"),
    "a NUL": ({**FROZEN, "x.rego": "package x\n# \x00"}, BadInput, "not_utf8"),
    "too much": ({**FROZEN, "x.rego": "#" * (1024 * 1024)}, TooLarge, "too_large"),
    "too many": ({**FROZEN, **{f"x{n}.rego": "" for n in range(200)}}, TooLarge, "too_large"),
    "no change": (library(), BadInput, "no_change"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_proposal(committed_cast: Cast, kind: str) -> None:
    files, error, code = BAD[kind]
    with pytest.raises(error) as refused:
        proposed(committed_cast.ada, files)
    assert refused.value.code == code  # type: ignore[attr-defined]


@pytest.mark.parametrize("message", ["", "  ", "x" * 2001, "a\x00b"])
def test_it_says_why(committed_cast: Cast, message: str) -> None:
    with pytest.raises(BadInput):
        proposed(committed_cast.ada, FROZEN, message)


@pytest.mark.parametrize("who", ["mia", "lena", "omar", "theo", "nils", "vera"])
def test_who_may_not_propose(committed_cast: Cast, who: str) -> None:
    person: User = getattr(committed_cast, who)
    with pytest.raises(NotAllowed):
        proposed(person, FROZEN)


def test_without_an_operating_tenant_nobody_can(committed_cast: Cast, settings: Any) -> None:
    for slug in ("", "nobody-here"):
        settings.POLICY_TENANT = slug
        with pytest.raises(NotAllowed, match="POLICY_TENANT"):
            proposed(committed_cast.ada, FROZEN)


def test_the_only_tenant_operates(committed: None, settings: Any) -> None:
    from policy.steward import operating_tenant

    settings.POLICY_TENANT = ""
    assert operating_tenant() is None
    only = Tenant.objects.create(slug="only", name="Only")
    assert operating_tenant() == only.pk


def test_the_only_one_of_security_cannot_review_himself(committed_cast: Cast) -> None:
    with pytest.raises(NoEligibleApprover, match="security"):
        proposed(committed_cast.sana, FROZEN)


def test_of_two_proposals_one_is_published(committed_cast: Cast) -> None:
    cast = committed_cast
    one, other = reviewable(cast, FROZEN), reviewable(cast, freezing(uuid.uuid4()))
    assert vote(one, cast.sana).state == VersionState.PUBLISHED
    with pytest.raises(Conflict, match="Propose it again"):
        vote(other, cast.sana)
    assert again(other).state == VersionState.IN_REVIEW
    assert vote(other, cast.sana, Verdict.REJECT).state == VersionState.REFUSED
    assert RulesInForce.objects.first().revision == one.revision  # type: ignore[union-attr]


def test_two_votes_at_once_publish_one(committed_cast: Cast) -> None:
    cast = committed_cast
    rows = [reviewable(cast, freezing(uuid.uuid4())) for _n in range(2)]
    gate, ends = threading.Barrier(2), []

    def decide(row: RulesVersion) -> None:
        try:
            gate.wait()
            vote(row, cast.sana)
            ends.append("published")
        except Conflict:
            ends.append("conflict")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=decide, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["conflict", "published"]
    assert RulesInForce.objects.count() == 2, "what decided before, and the one"


def test_it_is_taken_back_while_it_waits(committed_cast: Cast) -> None:
    cast = committed_cast
    row = reviewable(cast, FROZEN)
    with tenant_scope(cast.tenant.pk):
        with pytest.raises(NotAllowed):
            services.withdraw_rules(by=cast.sana, version_id=row.pk)
        services.withdraw_rules(by=cast.ada, version_id=row.pk)
    assert again(row).state == VersionState.WITHDRAWN
    with pytest.raises(Conflict):
        vote(row, cast.sana)


def test_rolling_back_has_its_conditions(committed_cast: Cast) -> None:
    cast = committed_cast
    put_in_force(another())
    put_in_force(shipped())
    now, before, _first = RulesInForce.objects.order_by("-id")
    with tenant_scope(cast.tenant.pk):
        for who in (cast.theo, cast.omar):
            with pytest.raises(NotAllowed):
                services.roll_back_rules(by=who, in_force_id=before.pk, reason="Why not")
        with pytest.raises(BadInput):
            services.roll_back_rules(by=cast.sana, in_force_id=before.pk, reason=" ")
        with pytest.raises(Conflict):
            services.roll_back_rules(by=cast.sana, in_force_id=now.pk, reason="Again")
        with pytest.raises(Missing):
            services.roll_back_rules(by=cast.sana, in_force_id=now.pk + 1, reason="Again")
        services.roll_back_rules(by=cast.sana, in_force_id=before.pk, reason="Again")
    assert revisions.in_force().revision == another().revision


def test_what_a_release_ships_is_proposed_after_an_upgrade(committed_cast: Cast) -> None:
    cast = committed_cast
    put_in_force(another())
    with tenant_scope(cast.tenant.pk):
        row = services.propose_release(by=cast.ada)
    assert (row.revision, row.base) == (shipped().revision, another().revision)


def test_what_was_in_force_stays_on_record(committed_cast: Cast) -> None:
    put_in_force(another())
    with psycopg.connect(POSTGRES.url("portal_app"), autocommit=True) as app:
        for change in ("UPDATE policy_rulesinforce SET revision = ''", "DELETE FROM policy_rulesinforce"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(change)
        assert app.execute("SELECT count(*) FROM policy_rulesversion").fetchone() == (0,)


# -- a worker that is gone -------------------------------------------------------------------------------


def _work(version: uuid.UUID, tenant: uuid.UUID) -> None:
    connections.close_all()
    services.check_rules(version_id=version, tenant=tenant)


def _until(done: Callable[[], object], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.needs_opa
def test_checks_that_lost_their_worker_are_taken_up(committed_cast: Cast) -> None:
    cast = committed_cast
    row = proposed(cast.ada, FROZEN)
    worker = multiprocessing.get_context("fork").Process(target=_work, args=[row.pk, row.tenant_id])
    connections.close_all()
    worker.start()
    _until(lambda: again(row).checks)
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert again(row).state == VersionState.CHECKING
    assert services.sweep_checks() == 0, "its lease still runs"
    with tenant_scope(cast.tenant.pk):
        late = timezone.now() - checking.LEASE - timedelta(seconds=1)
        RulesVersion.objects.filter(pk=row.pk).update(claimed_at=late)
    assert services.sweep_checks() == 1
    assert again(row).state == VersionState.IN_REVIEW
    assert services.sweep_checks() == 0


@pytest.mark.needs_opa
def test_who_lost_his_lease_changes_nothing(committed_cast: Cast) -> None:
    """Taken back while the checks run, and checked by two at once."""
    cast = committed_cast
    row = proposed(cast.ada, FROZEN)
    worker = threading.Thread(target=_work, args=[row.pk, row.tenant_id])
    worker.start()
    _until(lambda: again(row).checks)
    with tenant_scope(cast.tenant.pk):
        services.withdraw_rules(by=cast.ada, version_id=row.pk)
    worker.join()
    assert again(row).state == VersionState.WITHDRAWN
    assert again(row).request is None
