"""The audit page: finds by what an event is about, in a fixed number of queries, for readers only."""

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from audit.search import PAGE, Filters, search
from catalog.models import App
from identity.models import User
from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.context import Origin, source
from ledger.events import Event
from ledger.log import record
from tests.cast import Cast
from tests.scene import sign_in

APP = uuid.UUID(int=7)
DECISION = uuid.UUID(int=9)


@pytest.fixture
def told(committed_cast: Cast) -> Callable[..., None]:
    """Record an event of Contoso and let the sequencer see it."""

    def tell(event: Event, times: int = 1, **about: object) -> None:
        with tenant_scope(committed_cast.tenant.pk), source(Origin.TASK):
            for _ in range(times):
                record(event, by=committed_cast.lena, **about)  # type: ignore[arg-type]
        sequencer.run_once()

    return tell


def _page(person: User, query: str = "") -> str:
    client = Client()
    sign_in(client, person)
    answer = client.get(f"/audit/{query}")
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_it_finds_by_app_person_decision_tag_and_kind(
    committed_cast: Cast, told: Callable[..., None]
) -> None:
    told(Event.RECORD_CREATED, app=APP, tags=["pii"], decision=DECISION)
    told(Event.DRAFT_STARTED, person=committed_cast.mia.pk)
    theo = committed_cast.theo
    for query in (f"?app={APP}", "?tag=PII", f"?decision={DECISION}", "?kind=record.created"):
        page = _page(theo, query)
        assert "<code>record.created</code>" in page, query
        assert "<code>draft.started</code>" not in page, query
    page = _page(theo, "?person=mia")
    assert "<code>draft.started</code>" in page
    assert "<code>record.created</code>" not in page
    assert "Nothing in the record matches" in _page(theo, "?person=nobody")


def test_an_app_is_found_by_a_part_of_its_title(committed_cast: Cast, told: Callable[..., None]) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        app = App.objects.create(
            tenant=committed_cast.tenant,
            slug="leads",
            title="Spring leads",
            owner=committed_cast.lena,
            region="eu",
        )
    told(Event.RECORD_CREATED, app=app.pk)
    assert "Spring leads" in _page(committed_cast.theo, "?app=spring")


def test_another_tenant_sees_nothing_of_it(committed_cast: Cast, told: Callable[..., None]) -> None:
    told(Event.RECORD_CREATED, app=APP)
    client = Client()
    sign_in(client, committed_cast.vera)
    assert client.get("/audit/").status_code == 403
    with tenant_scope(committed_cast.other.pk):
        assert search(Filters(apps=frozenset({APP}))).entries == []


def test_older_pages_follow_without_gap(committed_cast: Cast, told: Callable[..., None]) -> None:
    told(Event.RECORD_CREATED, times=PAGE + 20, app=APP)
    with tenant_scope(committed_cast.tenant.pk):
        first = search(Filters(apps=frozenset({APP})))
        second = search(Filters(apps=frozenset({APP})), before=first.older)
    indexes = [entry.idx for entry in first.entries + second.entries]
    assert indexes == sorted(indexes, reverse=True)
    assert len(set(indexes)) == PAGE + 20
    assert second.older is None


def test_a_range_that_ends_before_it_begins_is_told(committed_cast: Cast) -> None:
    assert "This day is before the first one." in _page(
        committed_cast.theo, "?since=2026-02-02&until=2026-02-01"
    )


def test_queries_do_not_grow_with_events(
    committed_cast: Cast, told: Callable[..., None], django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = Client()
    sign_in(client, committed_cast.theo)
    for more in (10, 990):
        told(Event.RECORD_CREATED, times=more, app=APP)
        with django_assert_max_num_queries(14):  # type: ignore[attr-defined]
            assert client.get("/audit/").status_code == 200
