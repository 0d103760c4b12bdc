"""Opening, voting, taking back, handing in again: what is stored, recorded and told."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from approvals import services
from approvals.evidence import sha256_of
from approvals.models import Evidence, Request, Timer
from approvals.states import RequestState, StepState, TimerState, Verdict
from approvals.steps import NoEligibleApprover
from identity.errors import BadInput, Conflict, DomainError, Missing, NotAllowed
from identity.models import Membership, User
from identity.tenancy import tenant_scope
from notices.models import Outbox
from tests.cast import Cast
from tests.memos import MANAGER, SECURITY, Memo


@pytest.fixture(autouse=True)
def contoso(cast: Cast) -> Iterator[None]:
    with tenant_scope(cast.tenant.pk):
        yield


def vote(by: User, request: Request, verdict: Verdict = Verdict.APPROVE, **more: Any) -> Any:
    values = {"digest": request.digest, "key": uuid.uuid4(), "comment": "because"} | more
    return services.vote(by=by, request_id=request.pk, verdict=verdict, **values)


def test_without_steps_it_is_granted_at_once(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[])
    assert request.state == RequestState.GRANTED
    assert request.closed_at is not None
    assert memo.heard == ["granted"]
    assert not Timer.objects.exists()


def test_a_request_freezes_its_evidence_and_asks_the_manager(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    step = request.steps.get()
    assert request.state == RequestState.OPEN
    assert (step.state, step.asks, step.level) == (StepState.OPEN, "manager", 0)
    assert [ask.person_id or ask.role for ask in step.ladder.all()] == [cast.omar.pk, "reviewer"]
    kept = Evidence.objects.get()
    assert kept.sha256 == sha256_of(memo.evidence().to_json()) == sha256_of(kept.document)
    told = Outbox.objects.get()
    assert (told.person_id, told.kind) == (cast.omar.pk, "approval.waiting")
    assert [timer.state for timer in step.timers.all()] == ["pending", "planned", "planned", "planned"]


def test_the_manager_approves_and_the_thing_takes_effect(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    vote(cast.omar, request)
    request.refresh_from_db()
    assert request.state == RequestState.GRANTED
    assert memo.heard == ["granted"]
    assert not Timer.objects.exclude(state=TimerState.DROPPED).exists()
    assert Outbox.objects.filter(person=cast.lena, kind="approval.granted").count() == 1


def test_two_steps_follow_each_other_and_need_two_people(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[MANAGER, SECURITY])
    with pytest.raises(NotAllowed):
        vote(cast.sana, request)
    vote(cast.omar, request)
    with pytest.raises(NotAllowed):
        vote(cast.omar, request)
    assert memo.heard == []
    vote(cast.sana, request)
    assert memo.heard == ["granted"]


def test_steps_side_by_side_are_open_together(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[MANAGER | {"order": 1}, SECURITY | {"order": 1}])
    vote(cast.sana, request)
    assert memo.heard == []
    vote(cast.omar, request)
    assert memo.heard == ["granted"]


def test_n_of_m_needs_that_many(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[{"group": "Marketing", "needed": 2}])
    vote(cast.omar, request)
    assert memo.heard == []
    vote(cast.mia, request)
    assert memo.heard == ["granted"]


def test_nobody_decides_their_own(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.omar, steps=[{"group": "Marketing"}])
    with pytest.raises(NotAllowed, match="yourself"):
        vote(cast.omar, request)


def test_who_is_not_asked_may_not_decide_nor_know(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    with pytest.raises(Missing):
        vote(cast.mia, request)
    with pytest.raises(NotAllowed):
        vote(cast.theo, request)  # the auditor reads, and decides nothing


def test_the_right_is_checked_at_the_moment_of_voting(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[SECURITY])
    assert cast.sana.memberships.count() == 1
    Membership.objects.filter(user=cast.sana).delete()
    with pytest.raises(Missing):
        vote(cast.sana, request)


def test_a_deactivated_person_decides_nothing(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    User.objects.filter(pk=cast.omar.pk).update(is_active=False)
    with pytest.raises(NotAllowed, match="deactivated"):
        vote(cast.omar, request)  # the object in hand still says active


def test_the_same_key_replays_and_another_answer_under_it_is_refused(cast: Cast, memo: Memo) -> None:
    request, key = memo.open(cast.lena), uuid.uuid4()
    first = vote(cast.omar, request, key=key)
    assert vote(cast.omar, request, key=key) == first
    with pytest.raises(Conflict, match="another answer"):
        vote(cast.omar, request, Verdict.REJECT, key=key)
    assert memo.heard == ["granted"]


def test_a_vote_counts_only_for_what_was_seen(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    memo.text = "Tea for everyone"
    with pytest.raises(services.Stale):
        vote(cast.omar, request)
    assert services.refresh(by=None, request_id=request.pk)
    with pytest.raises(services.Stale):
        vote(cast.omar, request)
    request.refresh_from_db()
    vote(cast.omar, request)
    assert memo.heard == ["granted"]
    assert request.evidence.count() == 2


def test_approvals_fall_when_the_subject_changes(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[MANAGER, SECURITY])
    memo.steps = [MANAGER, SECURITY]
    vote(cast.omar, request)
    memo.text = "Tea for everyone"
    assert services.refresh(by=None, request_id=request.pk)
    assert request.votes.get().dropped_at is not None
    live = request.steps.exclude(state=StepState.CLOSED)
    assert [(step.asks, step.state) for step in live] == [("manager", "open"), ("role:security", "waiting")]
    assert Outbox.objects.filter(person=cast.omar, kind="approval.changed").count() == 1
    assert not services.refresh(by=None, request_id=request.pk)


def test_a_rejection_says_why_and_ends_it(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    with pytest.raises(BadInput):
        vote(cast.omar, request, Verdict.REJECT, comment="  ")
    vote(cast.omar, request, Verdict.REJECT)
    request.refresh_from_db()
    assert request.state == RequestState.REJECTED
    assert memo.heard == ["refused:rejected"]
    with pytest.raises(Conflict):
        vote(cast.omar, request)


def test_changes_stop_the_clock_and_an_unchanged_return_keeps_approvals(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[MANAGER, SECURITY])
    vote(cast.omar, request)
    vote(cast.sana, request, Verdict.CHANGES)
    request.refresh_from_db()
    assert request.state == RequestState.CHANGES
    assert memo.heard == ["changes"]
    unfinished = Timer.objects.filter(request=request, step__asks="role:security")
    assert {timer.state for timer in unfinished} == {TimerState.HELD}
    services.resubmit(by=cast.lena, request_id=request.pk, submission=memo.submission())
    assert unfinished.filter(state=TimerState.PENDING).count() == 1
    vote(cast.sana, request)
    assert memo.heard == ["changes", "granted"]


def test_a_changed_return_starts_over(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena, steps=[MANAGER, SECURITY])
    vote(cast.omar, request)
    vote(cast.sana, request, Verdict.CHANGES)
    memo.text, memo.steps = "Tea for everyone", [MANAGER]
    services.resubmit(by=cast.lena, request_id=request.pk, submission=memo.submission())
    request.refresh_from_db()
    assert request.digest == memo.digest
    vote(cast.omar, request)
    assert memo.heard == ["changes", "granted"]


def test_only_the_requester_hands_in_again_or_takes_back(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    with pytest.raises(Conflict):
        services.resubmit(by=cast.lena, request_id=request.pk, submission=memo.submission())
    with pytest.raises(NotAllowed):
        services.withdraw(by=cast.omar, request_id=request.pk)
    services.withdraw(by=cast.lena, request_id=request.pk)
    assert memo.heard == ["refused:withdrawn"]
    with pytest.raises(Conflict):
        services.withdraw(by=cast.lena, request_id=request.pk)


def test_one_live_request_about_an_object(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    with pytest.raises(Conflict, match="already"):
        memo.open(cast.lena)
    services.withdraw(by=cast.lena, request_id=request.pk)
    memo.open(cast.lena)


def test_a_refusal_of_the_effect_takes_the_vote_back(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    memo.refuses = True
    with pytest.raises(DomainError, match="kitchen"):
        vote(cast.omar, request)
    request.refresh_from_db()
    assert request.state == RequestState.OPEN
    assert not request.votes.exists()


def test_nobody_eligible_fails_closed_and_offers_the_way_out(cast: Cast, memo: Memo) -> None:
    Membership.objects.filter(user=cast.sana).delete()
    with pytest.raises(NoEligibleApprover, match="platform admins"):
        memo.open(cast.lena, steps=[SECURITY])
    assert not Request.objects.exists()


def test_another_tenant_sees_nothing(cast: Cast, memo: Memo) -> None:
    request = memo.open(cast.lena)
    with tenant_scope(cast.other.pk), pytest.raises(Missing):
        vote(cast.vera, request)
