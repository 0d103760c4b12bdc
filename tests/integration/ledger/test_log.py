"""The record: bound to its transaction, append-only for everyone, indexed without loss."""

import threading

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.events import Event
from ledger.log import OutsideTransaction, encode, record
from ledger.models import EventIndex, StoredEvent
from tests.cast import Cast
from tests.services import POSTGRES

APPLICATION_ROLES = ["portal_owner", "portal_app", "portal_apps_ddl", "portal_sweeper", "portal_sequencer"]


def test_an_event_outside_a_transaction_is_refused(committed_cast: Cast) -> None:
    with pytest.raises(OutsideTransaction):
        record(Event.USER_CHANGED, by=committed_cast.ada)


def test_a_rolled_back_action_leaves_no_event_and_a_committed_one_has_it(committed_cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="half-way"):
        _fail_after_recording(committed_cast)
    with transaction.atomic():
        kept = record(Event.USER_CHANGED, by=committed_cast.ada, tags=["pii"])
    sequencer.run_once()
    with tenant_scope(committed_cast.tenant.pk):
        assert [row.event_id for row in EventIndex.objects.all()] == [kept]
        assert StoredEvent.objects.get().id == kept
    with tenant_scope(committed_cast.other.pk):
        assert not EventIndex.objects.exists()
        assert not StoredEvent.objects.exists()


@pytest.mark.parametrize("role", APPLICATION_ROLES)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger.event SET body = '{}'", "DELETE FROM ledger.event", "TRUNCATE ledger.event"],
)
def test_no_role_of_the_application_changes_the_record(
    committed_cast: Cast, role: str, statement: str
) -> None:
    with transaction.atomic():
        record(Event.USER_CHANGED, by=committed_cast.ada)
    with (
        psycopg.connect(POSTGRES.url(role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
    part = "event_" + _month()
    with (
        psycopg.connect(POSTGRES.url(role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.replace("ledger.event", f"ledger.{part}"))


@pytest.mark.parametrize("role", [r for r in APPLICATION_ROLES if r != "portal_owner"])
def test_only_the_function_inserts(committed: None, role: str) -> None:
    with (
        psycopg.connect(POSTGRES.url(role)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("INSERT INTO ledger.event (id, body) VALUES (uuidv7(), '{}')")


def test_the_sequencer_loses_nothing_under_concurrency(committed_cast: Cast) -> None:
    writers, each = 8, 60
    stop = threading.Event()

    def write() -> None:
        for n in range(each):
            try:
                with transaction.atomic():
                    record(Event.USER_CHANGED, by=committed_cast.ada, facts={"n": n})
                    if n % 7 == 0:
                        raise DatabaseError("rolled back on purpose")
            except DatabaseError:
                continue
        connections.close_all()

    def follow() -> None:
        while not stop.is_set():
            sequencer.run_once()
        connections.close_all()

    follower = threading.Thread(target=follow)
    threads = [threading.Thread(target=write) for _ in range(writers)]
    follower.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    follower.join()
    sequencer.run_once()
    kept = writers * sum(1 for n in range(each) if n % 7)
    with tenant_scope(committed_cast.tenant.pk):
        indexes = sorted(EventIndex.objects.values_list("idx", flat=True))
    assert indexes == list(range(kept))


def test_the_body_is_canonical_and_bounded() -> None:
    assert encode({"b": 1, "a": None, "c": []}) == '{"b":1}'
    with pytest.raises(ValueError, match="65535"):
        encode({"facts": "x" * 70_000})


def _fail_after_recording(cast: Cast) -> None:
    with transaction.atomic():
        record(Event.USER_CHANGED, by=cast.ada)
        raise RuntimeError("the action failed half-way")


def _month() -> str:
    with psycopg.connect(POSTGRES.url()) as connection:
        row = connection.execute("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')").fetchone()
    assert row is not None
    return str(row[0])
