"""Requests that nothing can come of any more: whose requester has left, whose object is gone."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from approvals import services, sweep
from approvals.models import Request, Timer
from approvals.selectors import waiting_for
from approvals.states import RequestState, StepState, TimerState, Verdict
from identity.errors import Conflict
from identity.models import User
from identity.tenancy import tenant_scope
from notices.models import Outbox
from tests.cast import Cast
from tests.memos import MEMOS, Memo


@pytest.fixture
def contoso(cast: Cast) -> Iterator[None]:
    with tenant_scope(cast.tenant.pk):
        yield


def vote(by: User, request: Request, verdict: Verdict) -> Any:
    values = {"digest": request.digest, "key": uuid.uuid4(), "comment": "because"}
    return services.vote(by=by, request_id=request.pk, verdict=verdict, **values)


def leave(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def state(request: Request) -> str:
    return Request.objects.get(pk=request.pk).state


def test_what_a_person_who_left_asked_for_is_rejected_and_nothing_else(
    cast: Cast, memo: Memo, contoso: None
) -> None:
    request = memo.open(cast.lena)
    leave(cast.lena)
    for verdict in (Verdict.APPROVE, Verdict.CHANGES):
        with pytest.raises(Conflict, match="can only be rejected"):
            vote(cast.omar, request, verdict)
    vote(cast.omar, request, Verdict.REJECT)
    assert state(request) == RequestState.REJECTED
    assert memo.heard == ["refused:rejected"]
    assert not Outbox.objects.filter(person=cast.lena).exists(), "nobody reads it"


def test_a_request_that_was_handed_back_to_who_left_comes_back_to_its_reviewers(
    cast: Cast, memo: Memo, contoso: None
) -> None:
    request = memo.open(cast.lena)
    vote(cast.omar, request, Verdict.CHANGES)
    request.refresh_from_db()
    assert not waiting_for(cast.omar).exists()
    with pytest.raises(Conflict):
        vote(cast.omar, request, Verdict.REJECT)
    leave(cast.lena)
    assert waiting_for(cast.omar).get() == request
    vote(cast.omar, request, Verdict.REJECT)
    assert state(request) == RequestState.REJECTED
    assert not Timer.objects.exclude(state__in=[TimerState.DROPPED, TimerState.DONE]).exists()
    assert {step.state for step in request.steps.all()} == {StepState.CLOSED}


def test_a_request_about_something_that_is_gone_can_be_rejected(
    cast: Cast, memo: Memo, contoso: None
) -> None:
    request = memo.open(cast.lena)
    del MEMOS[memo.obj]
    with pytest.raises(Conflict, match="not there any more"):
        vote(cast.omar, request, Verdict.APPROVE)
    vote(cast.omar, request, Verdict.REJECT)
    assert state(request) == RequestState.REJECTED


def test_the_page_offers_the_one_way_out(cast: Cast, memo: Memo, client: Client) -> None:
    with tenant_scope(cast.tenant.pk):
        request = memo.open(cast.lena)
        leave(cast.lena)
    client.force_login(cast.omar, backend="identity.backends.DirectoryBackend")
    page = client.get(request.get_absolute_url()).content.decode()
    assert "has left. It can only be rejected." in page
    assert 'value="reject"' in page
    assert 'value="approve"' not in page


def test_the_sweep_closes_what_reviewers_left_lying(committed_cast: Cast, memo: Memo, settings: Any) -> None:
    settings.APPROVALS_LAPSE_DAYS = 0
    cast, kept, gone = committed_cast, Memo(), Memo()
    MEMOS.update({one.obj: one for one in (kept, gone)})
    with tenant_scope(cast.tenant.pk):
        asked = [memo.open(cast.lena), kept.open(cast.mia), gone.open(cast.mia)]
        vote(cast.omar, asked[0], Verdict.CHANGES)
        leave(cast.lena)
    del MEMOS[gone.obj]
    assert sweep.lapse_lost() == 2
    assert sweep.lapse_lost() == 0
    with tenant_scope(cast.tenant.pk):
        assert [state(one) for one in asked] == [RequestState.LAPSED, RequestState.OPEN, RequestState.LAPSED]
        assert Outbox.objects.get(person=cast.mia, kind="approval.lapsed")
    assert memo.heard == ["changes", "refused:lapsed"]
    settings.APPROVALS_LAPSE_DAYS = 7
    del MEMOS[kept.obj]
    assert sweep.lapse_lost() == 0, "a young one is left to its reviewers"


def test_one_that_fails_does_not_keep_the_others_open(
    committed_cast: Cast, memo: Memo, settings: Any
) -> None:
    settings.APPROVALS_LAPSE_DAYS = 0
    with tenant_scope(committed_cast.tenant.pk):
        first, second = memo.open(committed_cast.lena), Memo().open(committed_cast.mia)
        Request.objects.filter(pk=first.pk).update(kind="unheard-of")
    assert sweep.lapse_lost() == 1
    with tenant_scope(committed_cast.tenant.pk):
        assert (state(first), state(second)) == (RequestState.OPEN, RequestState.LAPSED)
