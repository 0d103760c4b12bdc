"""The inbox and the page of a request, over HTTP with the whole middleware."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals import services
from approvals.models import Request
from approvals.selectors import PAGE_SIZE
from approvals.states import RequestState, Verdict
from identity.models import User
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.approvals.backlog import make_backlog
from tests.memos import MANAGER, SECURITY, Memo

INBOX = "/approvals/"


@pytest.fixture
def as_(client: Client) -> Callable[[User], Client]:
    """`as_(user)`: the browser of somebody who is signed in."""

    def sign_in(user: User) -> Client:
        client.force_login(user)
        return client

    return sign_in


def _opened(cast: Cast, memo: Memo, **more: Any) -> Request:
    with tenant_scope(cast.tenant.pk):
        return memo.open(cast.lena, **more)


def _reload(cast: Cast, request: Request) -> Request:
    with tenant_scope(cast.tenant.pk):
        return Request.objects.get(pk=request.pk)


def _decide(client: Client, request: Request, verdict: str, **more: str) -> HttpResponse:
    body = {"verdict": verdict, "digest": request.digest, "key": str(uuid.uuid4()), "comment": ""} | more
    return client.post(f"{request.get_absolute_url()}decide/", body)


def _text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_inbox_shows_what_waits_for_the_person(
    cast: Cast, memo: Memo, as_: Callable[[User], Client]
) -> None:
    request = _opened(cast, memo)
    waiting = _text(as_(cast.omar).get(INBOX))
    assert memo.text in waiting
    assert request.get_absolute_url() in waiting
    assert "Nothing waits for you" in _text(as_(cast.mia).get(INBOX))
    assert "Nothing waits for you" in _text(as_(cast.lena).get(INBOX))
    assert memo.text in _text(as_(cast.lena).get(INBOX, {"tab": "mine"}))
    assert memo.text not in _text(as_(cast.mia).get(INBOX, {"tab": "open"}))
    assert memo.text in _text(as_(cast.theo).get(INBOX, {"tab": "open"}))
    assert memo.text not in _text(as_(cast.vera).get(INBOX, {"tab": "open"}))


def test_search_kind_and_part(cast: Cast, memo: Memo, as_: Callable[[User], Client]) -> None:
    _opened(cast, memo)
    omar = as_(cast.omar)
    assert memo.text in _text(omar.get(INBOX, {"q": "coffee"}))
    assert memo.text in _text(omar.get(INBOX, {"q": "lena"}))
    assert "No request matches" in _text(omar.get(INBOX, {"q": "100%"}))
    assert "No request matches" in _text(omar.get(INBOX, {"kind": "app_version"}))
    part = _text(omar.get(INBOX, headers={"HX-Request": "true"}))
    assert memo.text in part
    assert "<html" not in part


def test_closed_requests_stay_to_be_read(cast: Cast, memo: Memo, as_: Callable[[User], Client]) -> None:
    request = _opened(cast, memo)
    omar = as_(cast.omar)
    assert _decide(omar, request, "approve").status_code == 302
    assert memo.text not in _text(omar.get(INBOX))
    assert memo.text in _text(omar.get(INBOX, {"tab": "closed"}))


def test_a_list_costs_the_same_queries_for_ten_rows_and_a_thousand(
    cast: Cast, as_: Callable[[User], Client]
) -> None:
    def cost(user: User, tab: str) -> int:
        browser = as_(user)
        with CaptureQueriesContext(connection) as queries:
            response = browser.get(INBOX, {"tab": tab})
        assert response.status_code == 200
        assert _text(response).count('<th scope="row">') in (10, PAGE_SIZE)
        return len(queries)

    views = [(cast.omar, "waiting"), (cast.theo, "open"), (cast.lena, "mine")]
    make_backlog(cast, 10)
    few = [cost(*view) for view in views]
    make_backlog(cast, 990, first=10)
    assert [cost(*view) for view in views] == few


def test_the_page_shows_all_the_evidence(cast: Cast, memo: Memo, as_: Callable[[User], Client]) -> None:
    request = _opened(cast, memo, steps=[MANAGER, SECURITY])
    page = _text(as_(cast.omar).get(request.get_absolute_url()))
    for words in (
        memo.text,
        "It costs money.",
        "Needs a careful look",
        "Look at the cost.",
        "Drinker",
        "pii",
        "Count the cups",
        "30 days",
        "Field Drinker was added.",
        "approval.tier",
        "Make it cost nothing.",
        "Made for the tests.",
        "Asked for approval",
        "Omar Reyes",
        "Security",
        'value="approve"',
        request.digest,
    ):
        assert words in page, words


def test_only_who_is_asked_gets_the_buttons(cast: Cast, memo: Memo, as_: Callable[[User], Client]) -> None:
    request = _opened(cast, memo)
    pages = {
        user: _text(as_(user).get(request.get_absolute_url())) for user in (cast.lena, cast.theo, cast.ada)
    }
    assert all('value="approve"' not in page for page in pages.values())
    assert "somebody else decides it" in pages[cast.lena]
    assert "Withdraw the request" in pages[cast.lena]
    assert "You are not asked" in pages[cast.theo]
    assert as_(cast.mia).get(request.get_absolute_url()).status_code == 404
    assert as_(cast.vera).get(request.get_absolute_url()).status_code == 404
    assert _decide(as_(cast.mia), request, "approve").status_code == 404
    assert _decide(as_(cast.theo), request, "approve").status_code == 403
    assert _decide(as_(cast.lena), request, "approve").status_code == 403
    assert _reload(cast, request).state == RequestState.OPEN


def test_signed_out_sees_nothing(cast: Cast, memo: Memo, client: Client) -> None:
    request = _opened(cast, memo)
    for path in (INBOX, request.get_absolute_url()):
        assert client.get(path).status_code == 302
    assert _decide(client, request, "approve")["Location"].startswith("/sign-in")
    assert _reload(cast, request).state == RequestState.OPEN


def test_no_link_decides(cast: Cast, memo: Memo, as_: Callable[[User], Client]) -> None:
    request = _opened(cast, memo)
    assert as_(cast.omar).get(f"{request.get_absolute_url()}decide/?verdict=approve").status_code == 405
    assert _reload(cast, request).state == RequestState.OPEN


def test_approving_twice_by_double_click_counts_once(
    cast: Cast, memo: Memo, as_: Callable[[User], Client]
) -> None:
    request, key = _opened(cast, memo), str(uuid.uuid4())
    omar = as_(cast.omar)
    assert [_decide(omar, request, "approve", key=key).status_code for _ in range(2)] == [302, 302]
    assert memo.heard == ["granted"]
    assert _decide(omar, request, "approve").status_code == 409


def test_a_rejection_without_a_word_comes_back(cast: Cast, memo: Memo, as_: Callable[[User], Client]) -> None:
    request = _opened(cast, memo)
    response = _decide(as_(cast.omar), request, "reject")
    assert response.status_code == 400
    assert "Say why" in _text(response)
    assert 'aria-invalid="true"' in _text(response)
    assert _decide(as_(cast.omar), request, "reject", comment="Too dear").status_code == 302
    assert _reload(cast, request).state == RequestState.REJECTED


def test_a_form_that_was_tampered_with_is_refused(
    cast: Cast, memo: Memo, as_: Callable[[User], Client]
) -> None:
    request = _opened(cast, memo)
    for broken in ({"digest": "x"}, {"key": "1"}, {"verdict": "grant"}):
        assert _decide(as_(cast.omar), request, **{"verdict": "approve", **broken}).status_code == 400
    assert _reload(cast, request).state == RequestState.OPEN


def test_a_late_vote_is_shown_what_changed_and_keeps_its_comment(
    cast: Cast, memo: Memo, as_: Callable[[User], Client]
) -> None:
    request = _opened(cast, memo)
    memo.text = "Tea for everyone"
    response = _decide(as_(cast.omar), request, "approve", comment="Fine with me")
    page = _text(response)
    assert response.status_code == 409
    assert "This changed while you were looking" in page
    assert "<del>What it is: Text Coffee for everyone</del>" in page
    assert "<ins>What it is: Text Tea for everyone</ins>" in page
    assert "Fine with me" in page
    fresh = _reload(cast, request)
    assert fresh.digest == memo.digest
    assert f'value="{fresh.digest}"' in page
    assert _decide(as_(cast.omar), fresh, "approve").status_code == 302
    assert memo.heard == ["granted"]


def test_a_page_opened_before_the_return_shows_what_changed(
    cast: Cast, memo: Memo, as_: Callable[[User], Client]
) -> None:
    request = _opened(cast, memo)
    with tenant_scope(cast.tenant.pk):
        services.vote(
            by=cast.omar,
            request_id=request.pk,
            verdict=Verdict.CHANGES,
            comment="Tea",
            digest=request.digest,
            key=uuid.uuid4(),
        )
        memo.text = "Tea for everyone"
        services.resubmit(by=cast.lena, request_id=request.pk, submission=memo.submission())
    response = _decide(as_(cast.omar), request, "approve")
    assert response.status_code == 409
    assert "Tea for everyone</ins>" in _text(response)


def test_withdrawing(cast: Cast, memo: Memo, as_: Callable[[User], Client]) -> None:
    request = _opened(cast, memo)
    path = f"{request.get_absolute_url()}withdraw/"
    assert as_(cast.omar).post(path).status_code == 403
    assert as_(cast.lena).post(path).status_code == 302
    assert as_(cast.lena).post(path).status_code == 409
    assert memo.heard == ["refused:withdrawn"]
