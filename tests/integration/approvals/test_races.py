"""Two people, or one person twice, at the same moment, on connections of their own."""

import threading
import time
import uuid
from collections.abc import Callable

import psycopg
import pytest
from django.db import connections

from approvals import services
from approvals.models import Request, Vote
from approvals.states import RequestState, StepState, Verdict
from identity.errors import Conflict, DomainError
from identity.models import Group, Membership, User
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.memos import Memo
from tests.services import POSTGRES

ROUNDS = 5
Work = Callable[[], object]


def together(cast: Cast, *works: Work) -> list[object]:
    """Run all at once, each in its own connection and transaction; results or errors in order."""
    gate = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(place: int, work: Work) -> None:
        try:
            gate.wait()
            with tenant_scope(cast.tenant.pk):
                results[place] = work()
        except DomainError as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, work)) for n, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def opened(cast: Cast, memo: Memo, *steps: dict[str, object]) -> Request:
    with tenant_scope(cast.tenant.pk):
        return memo.open(cast.lena, steps=list(steps) or memo.steps)


def voting(
    by: User, request: Request, verdict: Verdict = Verdict.APPROVE, key: uuid.UUID | None = None
) -> Work:
    own = key or uuid.uuid4()
    return lambda: services.vote(
        by=by, request_id=request.pk, verdict=verdict, digest=request.digest, key=own, comment="because"
    )


def state_of(cast: Cast, request: Request) -> str:
    with tenant_scope(cast.tenant.pk):
        return Request.objects.get(pk=request.pk).state


def crowd(cast: Cast, count: int) -> list[User]:
    """`count` more people in a group "Board"."""
    with tenant_scope(cast.tenant.pk):
        board = Group.objects.create(tenant=cast.tenant, name="Board")
        people = []
        for n in range(count):
            user = User.objects.create(
                tenant=cast.tenant, username=f"b{n}@x.example", external_id=str(n), display_name=f"Board {n}"
            )
            Membership.objects.create(tenant=cast.tenant, group=board, user=user)
            people.append(user)
        return people


def test_n_of_m_at_once_is_never_stuck(committed_cast: Cast, memo: Memo) -> None:
    board = crowd(committed_cast, 3)
    for _ in range(ROUNDS):
        memo.heard.clear()
        request = opened(committed_cast, memo, {"group": "Board", "needed": 3})
        together(committed_cast, *(voting(user, request) for user in board))
        assert state_of(committed_cast, request) == RequestState.GRANTED
        assert memo.heard == ["granted"]


def test_two_approvers_at_once_grant_once(committed_cast: Cast, memo: Memo) -> None:
    board = crowd(committed_cast, 2)
    for _ in range(ROUNDS):
        memo.heard.clear()
        request = opened(committed_cast, memo, {"group": "Board"})
        results = together(committed_cast, *(voting(user, request) for user in board))
        assert sorted(type(result).__name__ for result in results) == ["Conflict", "Vote"]
        assert memo.heard == ["granted"]


def test_a_double_click_is_one_vote(committed_cast: Cast, memo: Memo) -> None:
    for _ in range(ROUNDS):
        memo.heard.clear()
        request, key = opened(committed_cast, memo), uuid.uuid4()
        results = together(committed_cast, *[voting(committed_cast.omar, request, key=key)] * 4)
        assert len({result.pk for result in results if isinstance(result, Vote)}) == 1
        assert all(isinstance(result, Vote) for result in results)
        assert memo.heard == ["granted"]


def test_approve_and_reject_never_both_win(committed_cast: Cast, memo: Memo) -> None:
    board = crowd(committed_cast, 2)
    for _ in range(ROUNDS):
        memo.heard.clear()
        request = opened(committed_cast, memo, {"group": "Board"})
        together(committed_cast, voting(board[0], request), voting(board[1], request, Verdict.REJECT))
        assert memo.heard in (["granted"], ["refused:rejected"])


def test_approve_against_withdraw_ends_one_way(committed_cast: Cast, memo: Memo) -> None:
    for _ in range(ROUNDS):
        memo.heard.clear()
        request = opened(committed_cast, memo)
        results = together(
            committed_cast,
            voting(committed_cast.omar, request),
            lambda request=request: services.withdraw(by=committed_cast.lena, request_id=request.pk),
        )
        assert sum(isinstance(result, Conflict) for result in results) == 1
        expected = {"granted": ["granted"], "withdrawn": ["refused:withdrawn"]}
        assert memo.heard == expected[state_of(committed_cast, request)]


def test_one_person_cannot_take_two_steps_at_once(committed_cast: Cast, memo: Memo) -> None:
    omar = committed_cast.omar
    crowd(committed_cast, 1)
    with tenant_scope(committed_cast.tenant.pk):
        board = Group.objects.get(name="Board")
        Membership.objects.create(tenant=committed_cast.tenant, group=board, user=omar)
    request = opened(committed_cast, memo, {"role": "manager", "order": 1}, {"group": "Board", "order": 1})
    results = together(committed_cast, voting(omar, request), voting(omar, request))
    assert sorted(type(result).__name__ for result in results) == ["NotAllowed", "Vote"]
    with tenant_scope(committed_cast.tenant.pk):
        assert request.steps.filter(state=StepState.GRANTED).count() == 1


@pytest.mark.parametrize(
    "ending",
    [
        "UPDATE identity_user SET is_active = false WHERE id = %s",
        "DELETE FROM identity_membership WHERE user_id = %s",
    ],
)
def test_a_right_that_ends_first_wins_over_the_click(committed_cast: Cast, memo: Memo, ending: str) -> None:
    """The directory's change is under way; the vote waits for it and then does not count."""
    request = opened(committed_cast, memo, {"role": "security"})
    sana = committed_cast.sana
    with psycopg.connect(POSTGRES.url()) as directory:
        directory.execute(ending, [sana.pk])
        voter = threading.Thread(
            target=lambda: results.extend(together(committed_cast, voting(sana, request)))
        )
        results: list[object] = []
        voter.start()
        _until_waiting()
        directory.commit()
        voter.join(30)
    assert isinstance(results[0], DomainError)
    assert not isinstance(results[0], Conflict)
    assert state_of(committed_cast, request) == RequestState.OPEN


def test_a_vote_under_way_keeps_the_right_until_it_is_counted(committed_cast: Cast, memo: Memo) -> None:
    request = opened(committed_cast, memo)
    with tenant_scope(committed_cast.tenant.pk):
        voting(committed_cast.omar, request)()
        ended = "UPDATE identity_user SET is_active = false WHERE id = %s"
        with psycopg.connect(POSTGRES.url(), options="-c lock_timeout=200ms") as directory:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                directory.execute(ended, [committed_cast.omar.pk])
            directory.rollback()


def _until_waiting() -> None:
    """Until a backend waits for another's lock."""
    until = time.monotonic() + 20
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        query = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'portal_app'"
        )
        while server.execute(query).fetchone() == (0,):
            assert time.monotonic() < until, "nobody waits"
            time.sleep(0.01)
