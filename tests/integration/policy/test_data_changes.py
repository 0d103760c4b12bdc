"""Policy data: asked for by one, approved by another, in effect at once or not at all (P7)."""

import json
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections

from approvals import services as approvals
from approvals.models import Request, Vote
from approvals.states import Verdict
from approvals.steps import NoEligibleApprover
from datacatalog.models import Classification, Region
from datacatalog.services.scheme import seed_scheme
from identity.errors import Conflict, DomainError, Missing, NotAllowed
from identity.models import Membership, User
from identity.tenancy import tenant_scope
from policy import services
from policy.datakinds import digest_of
from policy.models import DataChange, ThresholdSet
from policy.states import ChangeState
from policy.thresholds import defaults
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.data_changes import WHY, ask, change, decide, fresh, propose, section, values_of
from tests.integration.runtime.test_records import events
from tests.services import POSTGRES


def row_of(cast: Cast, code: str) -> Classification:
    with tenant_scope(cast.tenant.pk):
        return Classification.objects.get(code=code)


def test_nothing_counts_before_the_second_person_and_all_after(committed_cast: Cast) -> None:
    cast = committed_cast
    row = propose(cast.ada, "classification", "pii", level=4)
    assert row.state == ChangeState.IN_REVIEW
    assert row_of(cast, "pii").level == 3
    decide(row, cast.sana)
    assert row.state == ChangeState.APPLIED
    assert row.closed_at is not None
    assert row_of(cast, "pii").level == 4
    told = events("policy_data.proposed", "policy_data.applied")
    assert [(body["kind"], body["facts"]["changed"]) for body in told] == [  # type: ignore[index]
        ("policy_data.proposed", ["level"]),
        ("policy_data.applied", ["level"]),
    ]
    assert told[1]["facts"]["before"]["level"] == 3  # type: ignore[index]
    assert told[1]["facts"]["after"]["level"] == 4  # type: ignore[index]
    assert {body["object"] for body in told} == {row.obj}


def test_no_sentence_of_a_person_is_in_the_record(committed_cast: Cast) -> None:
    change(committed_cast.ada, committed_cast.sana, "classification", "pii", title="About Ada Kern", level=4)
    for body in events("policy_data.proposed", "policy_data.applied"):
        text = json.dumps(body)
        assert "Ada Kern" not in text
        assert WHY not in text
        assert body["facts"]["changed"] == ["level", "title"]  # type: ignore[index]


def test_who_asked_does_not_approve_nor_anybody_else_than_security(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        security = Membership.objects.get(user=cast.sana).group
        Membership.objects.create(tenant=cast.tenant, group=security, user=cast.ada)
    row = propose(cast.ada, "classification", "pii", level=4)
    for person in (cast.ada, cast.omar, cast.theo, cast.mia):
        with pytest.raises(DomainError):
            decide(row, person)
    assert fresh(row).state == ChangeState.IN_REVIEW
    assert row_of(cast, "pii").level == 3


@pytest.mark.parametrize("who", ["mia", "lena", "omar", "sana", "theo"])
def test_only_admins_ask(committed_cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        propose(getattr(committed_cast, who), "classification", "pii", level=4)


def test_where_nobody_else_could_approve_nothing_is_opened(committed_cast: Cast) -> None:
    cast = committed_cast
    with tenant_scope(cast.tenant.pk):
        Membership.objects.filter(user=cast.sana).delete()
    with pytest.raises(NoEligibleApprover):
        propose(cast.ada, "classification", "pii", level=4)
    with tenant_scope(cast.tenant.pk):
        assert not DataChange.objects.exists()


def test_refused_and_withdrawn_change_nothing_and_leave_room(committed_cast: Cast) -> None:
    cast = committed_cast
    row = decide(propose(cast.ada, "region", "us", sovereign=True), cast.sana, Verdict.REJECT)
    assert row.state == ChangeState.REFUSED
    other = propose(cast.ada, "region", "us", sovereign=True)
    with tenant_scope(cast.tenant.pk):
        assert other.request is not None
        approvals.withdraw(by=cast.ada, request_id=other.request)
        assert not Region.objects.get(code="us").sovereign
    assert fresh(other).state == ChangeState.WITHDRAWN
    told = [body["facts"]["state"] for body in events("policy_data.refused")]  # type: ignore[index]
    assert told == ["refused", "withdrawn"]


def test_a_request_that_lapses_takes_its_change_along(committed_cast: Cast) -> None:
    cast = committed_cast
    row = propose(cast.ada, "region", "us", sovereign=True)
    with tenant_scope(cast.tenant.pk):
        User.objects.filter(pk=cast.ada.pk).update(is_active=False)
        assert row.request is not None
        assert approvals.lapse(by=None, request_id=row.request)
    assert fresh(row).state == ChangeState.FAILED


def test_one_change_of_an_object_waits_at_a_time(committed_cast: Cast) -> None:
    cast = committed_cast
    propose(cast.ada, "classification", "pii", level=4)
    with pytest.raises(Conflict, match="waits for approval"):
        propose(cast.ada, "classification", "pii", level=5)
    propose(cast.ada, "classification", "health", level=5)
    propose(cast.ada, "region", "us", sovereign=True)
    propose(cast.ada, "thresholds", protected_level=2)


def at_once(*jobs: Callable[[], Any]) -> list[str]:
    """How each of the jobs ends that begin at the same moment."""
    start, ends = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        start.wait()
        try:
            job()
            ends.append("done")
        except DomainError:
            ends.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


def test_two_who_ask_at_once_make_one_change(committed_cast: Cast) -> None:
    cast = committed_cast
    after = {**values_of(cast.ada, "classification", "pii"), "level": 4}
    jobs = [lambda: ask(cast.ada, "classification", "pii", after)] * 4
    assert at_once(*jobs) == ["done", "refused", "refused", "refused"]
    with tenant_scope(cast.tenant.pk):
        assert Request.objects.filter(kind="policydata").count() == 1


def test_approved_and_withdrawn_at_once_ends_one_way(committed_cast: Cast) -> None:
    cast = committed_cast
    row = propose(cast.ada, "classification", "pii", level=4)

    def withdraw() -> None:
        with tenant_scope(cast.tenant.pk):
            assert row.request is not None
            approvals.withdraw(by=cast.ada, request_id=row.request)

    copy = DataChange(pk=row.pk, tenant_id=row.tenant_id, request=row.request)
    assert at_once(withdraw, lambda: decide(copy, cast.sana)) == ["done", "refused"]
    level = {ChangeState.APPLIED: 4, ChangeState.WITHDRAWN: 3}[ChangeState(fresh(row).state)]
    assert row_of(cast, "pii").level == level


def test_what_was_changed_meanwhile_is_not_overwritten(committed_cast: Cast) -> None:
    cast = committed_cast
    row = propose(cast.ada, "classification", "pii", level=4)
    with tenant_scope(cast.tenant.pk):
        Classification.objects.filter(code="pii").update(mask="hide")
    with pytest.raises(Conflict, match="anew"):
        decide(row, cast.sana)
    assert fresh(row).state == ChangeState.IN_REVIEW
    assert (row_of(cast, "pii").level, row_of(cast, "pii").mask) == (3, "hide")
    with tenant_scope(cast.tenant.pk):
        assert not Vote.objects.filter(request=row.request).exists(), "the vote is taken back with it"
    assert decide(row, cast.sana, Verdict.REJECT).state == ChangeState.REFUSED


def test_an_old_page_asks_for_nothing(committed_cast: Cast) -> None:
    cast = committed_cast
    old = values_of(cast.ada, "classification", "pii")
    change(cast.ada, cast.sana, "classification", "pii", level=4)
    with tenant_scope(cast.tenant.pk), pytest.raises(Conflict, match="since you opened"):
        services.propose_change(
            by=cast.ada,
            kind="classification",
            obj="pii",
            after={**old, "mask": "hide"},
            reason=WHY,
            seen=digest_of(old),
        )


def test_killed_between_vote_and_commit_neither_is_there(committed_cast: Cast) -> None:
    cast = committed_cast
    row = propose(cast.ada, "thresholds", protected_level=2)
    with pytest.raises(OperationalError):
        _vote_and_die(cast, row)
    connection.close()
    with tenant_scope(cast.tenant.pk):
        assert not ThresholdSet.objects.exists()
        assert not Vote.objects.filter(request=row.request).exists()
    assert fresh(row).state == ChangeState.IN_REVIEW
    assert decide(row, cast.sana).state == ChangeState.APPLIED
    assert values_of(cast.ada, "thresholds")["protected_level"] == 2


def _vote_and_die(cast: Cast, row: DataChange) -> None:
    """The connection is lost after the change took effect and before the vote's transaction ends."""
    with tenant_scope(cast.tenant.pk):
        decide(row, cast.sana)
        assert ThresholdSet.objects.get().protected_level == 2, "inside it is done"
        with connection.cursor() as cursor, psycopg.connect(POSTGRES.url(), autocommit=True) as server:
            cursor.execute("SELECT pg_backend_pid()")
            server.execute("SELECT pg_terminate_backend(%s)", [cursor.fetchone()[0]])
        ThresholdSet.objects.count()


def test_another_tenant_sees_and_changes_nothing_of_it(committed_cast: Cast) -> None:
    cast = committed_cast
    change(cast.ada, cast.sana, "classification", "pii", level=4)
    row = propose(cast.ada, "thresholds", protected_level=2)
    with tenant_scope(cast.other.pk):
        seed_scheme(by=None, tenant=cast.other.pk)
        assert Classification.objects.get(code="pii").level == 3
        assert not DataChange.objects.exists()
    assert row.request is not None
    with at_edge(cast.vera), tenant_scope(cast.other.pk), pytest.raises(Missing):
        approvals.withdraw(by=cast.vera, request_id=row.request)
    decide(row, cast.sana)
    assert values_of(cast.vera, "thresholds") == defaults()


def test_new_and_removed(committed_cast: Cast) -> None:
    cast = committed_cast
    values = values_of(cast.ada, "classification", "confidential") | {"title": "Strictly confidential"}
    made = decide(ask(cast.ada, "classification", "strict", values), cast.sana)
    assert made.before is None
    assert row_of(cast, "strict").title == "Strictly confidential"
    gone = ask(cast.ada, "classification", "strict", None)
    assert section(gone, "What changes")["changes"][0]["change"] == "removed"
    decide(gone, cast.sana)
    with tenant_scope(cast.tenant.pk):
        assert not Classification.objects.filter(code="strict").exists()
