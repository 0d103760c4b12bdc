"""What is due goes from everywhere, what is held stays, and each batch has its proof (D6)."""

import hashlib
import os
import signal
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone
from psycopg import sql

from catalog.models import App
from catalog.specs import published
from datacatalog import disposal, services, tables
from datacatalog.models import Dataset, Disposal, LegalHold
from datacatalog.services import disposals
from datacatalog.tasks import apply_retention
from identity.errors import BadInput, Conflict, NotAllowed
from identity.models import User
from identity.tenancy import tenant_scope
from runtime import gateway
from runtime.models import Export
from runtime.states import ExportState
from tests.cast import Cast
from tests.integration.runtime.test_exports import approve, ask, fresh, run
from tests.integration.runtime.test_records import events
from tests.live_apps import COMPANY, EMAIL, FIELDS, NAME, SECRET, add, live_of, make_app

DAYS = {EMAIL: 30, NAME: 30, SECRET: 10}
ALL = {field["id"]: 30 for field in FIELDS}


def app_with(
    owner: User,
    days: dict[str, int],
    slug: str = "leads",
    base: Sequence[dict[str, Any]] = FIELDS,
) -> App:
    """A live app whose fields are kept so long, with its entry in the catalog."""
    fields: list[dict[str, Any]] = [
        {**field, "retention_days": days[field["id"]]} if field["id"] in days else field for field in base
    ]
    app = make_app(owner, slug=slug, fields=fields)
    with tenant_scope(owner.tenant_id):
        for one in live_of(app).manifest.datasets:
            services.publish_app_dataset(
                by=owner,
                app=app.pk,
                name=one.key,
                title=one.title,
                region="eu",
                fields=published(one),
                dataset_id=live_of(app).dataset(one.key).id,
            )
    return app


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return app_with(committed_cast.lena, DAYS)


def dataset(app: App) -> Dataset:
    with tenant_scope(app.tenant_id):
        return Dataset.objects.get(app=app.pk)


def aged(app: App, by: User, days: int, count: int = 1) -> list[uuid.UUID]:
    """Records that were made so many days ago."""
    made = [add(app, by) for _n in range(count)]
    table = sql.Identifier(tables.SCHEMA, f"t_{dataset(app).pk.hex}")
    statement = sql.SQL("UPDATE {} SET created_at = now() - %s WHERE id = ANY(%s)").format(table)
    with tenant_scope(app.tenant_id), connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection), [timedelta(days=days, minutes=1), made])
    return made


def rows(app: App) -> dict[uuid.UUID, dict[str, Any]]:
    """What the table holds, by record."""
    table = sql.Identifier(tables.SCHEMA, f"t_{dataset(app).pk.hex}")
    with tenant_scope(app.tenant_id), connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT * FROM {}").format(table).as_string(cursor.connection))
        names = [column.name for column in cursor.description]
        return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def apply(app: App) -> int:
    return services.apply_retention(tenant=app.tenant_id, dataset_id=dataset(app).pk)


def test_values_go_when_their_days_are_over_with_their_index(committed_cast: Cast, app: App) -> None:
    [young], [middle], [old] = (aged(app, committed_cast.mia, days) for days in (5, 15, 31))
    assert apply(app) == 3  # the secret of two, the e-mail and name of one
    found = rows(app)
    gone = {
        record: {name for name in (EMAIL, NAME, SECRET, COMPANY) if found[record][name] is None}
        for record in (young, middle, old)
    }
    assert gone == {young: set(), middle: {SECRET}, old: {EMAIL, NAME, SECRET}}
    assert found[old][f"{EMAIL}_bidx"] is None
    assert found[middle][f"{EMAIL}_bidx"] is not None
    assert apply(app) == 0


def test_records_go_where_every_field_has_an_end(committed_cast: Cast) -> None:
    app = app_with(committed_cast.lena, {**ALL, SECRET: 10})
    [young], [middle], [_old] = (aged(app, committed_cast.mia, days) for days in (5, 15, 31))
    apply(app)
    found = rows(app)
    assert set(found) == {young, middle}
    assert found[middle][SECRET] is None


def test_each_batch_leaves_its_proof(committed_cast: Cast, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disposal, "BATCH", 2)
    records = aged(app, committed_cast.mia, 15, count=5)
    assert apply(app) == 5
    proofs = [body["facts"] for body in events("records.disposed")]
    assert [proof["records"] for proof in proofs] == [2, 2, 1]
    assert all(proof["fields"] == [SECRET] and proof["days"] == 10 for proof in proofs)
    by_age = [records[0:2], records[2:4], records[4:]]
    digests = [hashlib.sha256("\n".join(sorted(map(str, ids))).encode()).hexdigest() for ids in by_age]
    assert [proof["ids_sha256"] for proof in proofs] == digests
    with tenant_scope(app.tenant_id):
        [told] = Disposal.objects.all()
    assert (told.records, told.fields, bool(told.finished_at)) == (5, [SECRET], True)


@pytest.mark.parametrize("everything", [False, True])
def test_what_is_held_stays_until_the_release(committed_cast: Cast, app: App, everything: bool) -> None:
    cast, [record] = committed_cast, aged(app, committed_cast.mia, 31)
    with tenant_scope(app.tenant_id):
        hold = services.place_hold(
            by=cast.sana, title="Case 7", reason="Court", dataset=None if everything else dataset(app)
        )
    assert apply(app) == 0
    assert rows(app)[record][EMAIL] is not None
    with tenant_scope(app.tenant_id):
        services.release_hold(by=cast.ada, hold_id=hold.pk, reason="The case is closed")
    assert apply(app) == 2
    assert rows(app)[record][EMAIL] is None
    kinds = [body["kind"] for body in events("hold.placed", "hold.released")]
    assert kinds == ["hold.placed", "hold.released"]


def test_a_hold_on_one_dataset_keeps_no_other(committed_cast: Cast, app: App) -> None:
    other = app_with(committed_cast.lena, DAYS, slug="other")
    aged(other, committed_cast.mia, 31)
    with tenant_scope(app.tenant_id):
        services.place_hold(by=committed_cast.sana, title="Case 7", reason="Court", dataset=dataset(app))
    assert apply(other) == 2


@pytest.mark.parametrize("name", ["mia", "lena", "omar", "theo"])
def test_who_may_not_hold(committed_cast: Cast, app: App, name: str) -> None:
    with tenant_scope(app.tenant_id), pytest.raises(NotAllowed):
        services.place_hold(by=getattr(committed_cast, name), title="Case", reason="Why", dataset=None)


def test_a_hold_is_released_once_and_with_a_reason(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    with tenant_scope(app.tenant_id):
        hold = services.place_hold(by=cast.sana, title="Case 7", reason="Court", dataset=None)
        with pytest.raises(BadInput):
            services.release_hold(by=cast.sana, hold_id=hold.pk, reason=" ")
        services.release_hold(by=cast.sana, hold_id=hold.pk, reason="Closed")
        with pytest.raises(Conflict):
            services.release_hold(by=cast.sana, hold_id=hold.pk, reason="Closed")
        with pytest.raises(BadInput):
            services.place_hold(by=cast.sana, title=" ", reason="Court", dataset=None)
        assert LegalHold.objects.count() == 1


def test_files_of_exports_end_with_what_is_in_them(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    aged(app, cast.mia, 31)
    exports = {name: ask(app, cast.mia, fields=fields) for name, fields in _wishes().items()}
    for export in exports.values():
        if fresh(export).state == ExportState.WAITING:
            approve(export, cast.omar, cast.sana)
        assert run(export).state == ExportState.READY
    apply(app)
    over = {name: _is_over(export) for name, export in exports.items()}
    assert over == {"with": True, "without": False}


def _wishes() -> dict[str, list[str]]:
    return {"with": [EMAIL, COMPANY], "without": [COMPANY]}


def _is_over(export: Export) -> bool:
    expires_at = fresh(export).expires_at
    assert expires_at is not None
    return expires_at <= timezone.now()


def test_an_edit_cannot_bring_back_what_had_to_go(committed_cast: Cast, app: App) -> None:
    cast, [record] = committed_cast, aged(app, committed_cast.mia, 31)
    apply(app)
    with tenant_scope(app.tenant_id):
        live = live_of(app)
        leads = live.dataset("leads")
        given: dict[str, Any] = {"by": cast.omar, "live": live, "dataset": leads, "record_id": record}
        seen = gateway.read_record(**given, fields=leads.fields).updated_at.isoformat()
        with pytest.raises(BadInput):
            gateway.update_record(**given, seen=seen, values={EMAIL: "canary.mail@example.org"})
        gateway.update_record(**given, seen=seen, values={COMPANY: "Fabrikam"})
    assert rows(app)[record][COMPANY] == "Fabrikam"


def test_killed_between_batches_the_next_run_goes_on(
    committed_cast: Cast, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disposal, "BATCH", 2)
    aged(app, committed_cast.mia, 15, count=5)
    assert _killed_in_the_second_batch(app) == signal.SIGKILL
    assert sum(row[SECRET] is None for row in rows(app).values()) == 2, "what was committed, and no more"
    with tenant_scope(app.tenant_id):
        [stopped] = Disposal.objects.all()
    assert (stopped.records, stopped.finished_at) == (2, None)
    assert apply(app) == 3
    assert all(row[SECRET] is None for row in rows(app).values())
    assert sum(body["facts"]["records"] for body in events("records.disposed")) == 5


def _killed_in_the_second_batch(app: App) -> int:
    """In a process of its own that dies before the commit; returns the signal that ended it."""
    connections.close_all()
    child = os.fork()
    if not child:
        batches = []

        def die(*_args: Any) -> None:
            batches.append(1)
            if len(batches) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            original(*_args)

        original, disposals.note_batch = disposals.note_batch, die
        services.apply_retention(tenant=app.tenant_id, dataset_id=dataset(app).pk)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def test_many_runs_at_once_delete_once(
    committed_cast: Cast, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disposal, "BATCH", 3)
    aged(app, committed_cast.mia, 15, count=12)

    def one(_n: int) -> int:
        try:
            return apply(app)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    apply(app)  # whoever found the lock taken had left it to the others
    assert all(row[SECRET] is None for row in rows(app).values())
    assert sum(body["facts"]["records"] for body in events("records.disposed")) == 12


def test_the_task_goes_through_all_tenants_and_past_what_fails(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    broken = app_with(cast.lena, DAYS, slug="broken")
    other = app_with(cast.nils, DAYS, slug="theirs")
    for one, person in ((app, cast.mia), (broken, cast.mia), (other, cast.vera)):
        aged(one, person, 15)
    table = sql.Identifier(tables.SCHEMA, f"t_{dataset(broken).pk.hex}")
    with connections[tables.ALIAS].cursor() as cursor:
        rename = sql.SQL("ALTER TABLE {} RENAME COLUMN created_at TO was_made").format(table)
        cursor.execute(rename.as_string(cursor.connection))
    assert apply_retention() == 2
    assert [row[SECRET] for row in rows(other).values()] == [None]
