"""An export from the wish to the file: decided each time, approved by people, masked, recorded, removed."""

import csv
import hashlib
import io
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from approvals import services as approvals
from approvals.models import Request
from approvals.states import Verdict
from catalog import services as catalog
from catalog.models import App
from identity.errors import Conflict, Missing, TooMany
from identity.models import Membership, User
from identity.tenancy import tenant_scope, uuid7
from policy.errors import Refused, StepUpNeeded
from runtime import export_run, services, tasks
from runtime.live import live_app
from runtime.models import Export
from runtime.states import ExportState
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.integration.runtime.test_records import events, leaks
from tests.live_apps import COMPANY, EMAIL, FIELDS, NAME, VALUES, add, make_app
from tests.services import POSTGRES
from vault import services as vault
from vault.errors import KeyDisabled

PLAIN = [field for field in FIELDS if field["classification"] in {"public", "internal"}]
ROLES = [
    {
        "key": "all",
        "title": "All",
        "groups": ["Marketing"],
        "permissions": ["record.create", "record.list", "record.export", "value.reveal"],
    }
]


@pytest.fixture
def app(committed_cast: Cast) -> App:
    """With personal data of the EU: its export takes two people."""
    return make_app(committed_cast.lena)


@pytest.fixture
def plain(committed_cast: Cast) -> App:
    """Without protected fields: its export takes nobody."""
    return make_app(committed_cast.lena, slug="plain", fields=PLAIN)


class Sent(list[uuid.UUID]):
    """Stands where the queue is and remembers what came."""

    def __call__(self, export: uuid.UUID, tenant: uuid.UUID) -> None:
        self.append(export)


def ask(app: App, by: User, sent: Sent | None = None, **changes: Any) -> Export:
    wish: dict[str, Any] = {
        "key": uuid7(),
        "purpose": "Hand over to the call centre",
        "target": "eu",
        "raw": False,
        "queue": Sent() if sent is None else sent,
    }
    with tenant_scope(app.tenant_id):
        live = live_app(app.slug)
        return services.request_export(by=by, live=live, dataset=live.dataset("leads"), **{**wish, **changes})


def approve(export: Export, *people: User) -> None:
    for person in people:
        with tenant_scope(export.tenant_id):
            request = Request.objects.get(pk=export.request)
            approvals.vote(
                by=person,
                request_id=request.pk,
                verdict=Verdict.APPROVE,
                digest=request.digest,
                key=uuid.uuid4(),
            )


def run(export: Export) -> Export:
    export_run.run_export(export_id=export.pk, tenant=export.tenant_id)
    return fresh(export)


def fresh(export: Export) -> Export:
    with tenant_scope(export.tenant_id):
        return Export.objects.select_related("requester").get(pk=export.pk)


def rows_in(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def age(export: Export, **fields: timedelta) -> None:
    with tenant_scope(export.tenant_id):
        moved = {name: timezone.now() - by for name, by in fields.items()}
        Export.objects.filter(pk=export.pk).update(**moved)


def test_personal_data_leaves_as_tokens_after_two_people_agreed(
    app: App, committed_cast: Cast, browse: Callable[[User], Client]
) -> None:
    add(app, committed_cast.mia)
    add(app, committed_cast.mia)
    export = ask(app, committed_cast.mia)
    assert export.state == ExportState.WAITING
    assert run(export).state == ExportState.WAITING  # nothing goes before people agreed
    approve(export, committed_cast.omar)
    assert fresh(export).state == ExportState.WAITING
    approve(export, committed_cast.sana)
    assert fresh(export).state == ExportState.QUEUED
    done = run(export)
    assert (done.state, done.rows) == (ExportState.READY, 2)
    header, first, second, mark = rows_in(done.path)
    at = header.index("Work email")
    assert first[at].startswith("tok_")
    assert first[at] == second[at]
    assert not leaks(done.path.read_text())
    assert str(done.decision) in mark[0]
    assert "Mia Novak" in mark[0]
    assert done.path.stat().st_mode & 0o077 == 0
    kinds = [body["kind"] for body in events() if str(body["kind"]).startswith("export.")]
    assert kinds == ["export.requested", "export.approved", "export.started", "export.finished"]
    assert not leaks(str(events()))

    address = done.get_absolute_url()
    sidecar = browse(committed_cast.mia).get(f"{address}/manifest")
    assert sidecar["Content-Disposition"].endswith('.manifest.json"')
    told = sidecar.json()
    assert told["file"]["sha256"] == hashlib.sha256(done.path.read_bytes()).hexdigest()
    assert (told["file"]["rows"], told["file"]["watermarked"]) == (2, True)
    assert (told["decision"], told["requester"]) == (str(done.decision), str(committed_cast.mia.pk))
    masks = {column["label"]: (column["classification"], column["mask"]) for column in told["columns"]}
    assert list(masks) == header
    assert masks["Work email"] == ("pii", "token")
    assert masks["Company"] == ("internal", "none")
    assert masks["Health note"] == ("health", "hide")
    assert first[header.index("Health note")] == "•••"
    assert not leaks(sidecar.content.decode())
    assert browse(committed_cast.lena).get(f"{address}/manifest").status_code == 404

    assert browse(committed_cast.lena).get(address).status_code == 404
    assert browse(committed_cast.lena).post(f"{address}/file").status_code == 404
    mine = browse(committed_cast.mia)
    assert "Take the file" in mine.get(address).content.decode()
    assert mine.get(f"{address}/file").status_code == 405
    taken = mine.post(f"{address}/file")
    assert b"".join(taken.streaming_content) == done.path.read_bytes()  # type: ignore[attr-defined]
    assert taken["Content-Disposition"].startswith("attachment")
    assert taken["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in taken["Cache-Control"]
    assert events("export.downloaded")[0]["facts"]["rows"] == 2  # type: ignore[index]


def test_a_key_that_is_switched_off_while_it_runs_leaves_nothing(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    export = ask(app, committed_cast.mia)
    approve(export, committed_cast.omar, committed_cast.sana)
    with tenant_scope(app.tenant_id):
        begun = export_run.begin(export.pk)
    assert begun is not None
    with tenant_scope(app.tenant_id):
        vault.disable_key(by=committed_cast.sana, tenant=app.tenant_id)
    with pytest.raises(KeyDisabled), tenant_scope(app.tenant_id):
        export_run.write(*begun)
    assert list(export.path.parent.glob(f"*{export.pk}*")) == []
    with tenant_scope(app.tenant_id):
        Export.objects.filter(pk=export.pk).update(state=ExportState.QUEUED)
    assert (run(export).state, fresh(export).failure) == (ExportState.FAILED, "keys")


def test_a_rejection_closes_it(app: App, committed_cast: Cast) -> None:
    export = ask(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        request = Request.objects.get(pk=export.request)
        approvals.vote(
            by=committed_cast.omar,
            request_id=request.pk,
            verdict=Verdict.REJECT,
            digest=request.digest,
            key=uuid.uuid4(),
            comment="Not needed.",
        )
    assert (fresh(export).state, fresh(export).failure) == (ExportState.REFUSED, "approval")
    assert run(export).state == ExportState.REFUSED


def test_another_law_is_refused_with_reasons(app: App, committed_cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        ask(app, committed_cast.mia, target="us")
    assert "residency.cross_region_export" in {reason.code for reason in refused.value.decision.denials}


def test_values_in_clear_take_the_right_to_reveal_and_a_proof_when_taken(committed_cast: Cast) -> None:
    app = make_app(committed_cast.lena, roles=ROLES)
    add(app, committed_cast.mia)
    export = ask(app, committed_cast.mia, raw=True)
    approve(export, committed_cast.omar, committed_cast.sana)
    done = run(export)
    assert VALUES[EMAIL] in done.path.read_text()
    with tenant_scope(app.tenant_id):
        with pytest.raises(StepUpNeeded):
            services.take_file(by=committed_cast.mia, export_id=done.pk)
        with at_edge(committed_cast.mia):
            services.take_file(by=committed_cast.mia, export_id=done.pk)


def test_values_in_clear_are_refused_without_that_right(app: App, committed_cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        ask(app, committed_cast.mia, raw=True)
    assert ("data.pii_masking", "raw") in {(r.code, r.case) for r in refused.value.decision.denials}


def test_plain_data_is_queued_at_once_and_only_once(plain: App, committed_cast: Cast) -> None:
    sent, key = Sent(), uuid7()
    first = ask(plain, committed_cast.mia, sent, key=key)
    assert ask(plain, committed_cast.mia, sent, key=key) == first
    assert first.state == ExportState.QUEUED
    assert sent == [first.pk]
    assert run(first).state == ExportState.READY
    assert run(first).attempt == 1  # a message that comes twice does nothing


def test_one_form_sent_twice_at_once_is_one_export(plain: App, committed_cast: Cast) -> None:
    key = uuid7()

    def send() -> uuid.UUID:
        try:
            return ask(plain, committed_cast.mia, key=key).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with tenant_scope(plain.tenant_id):
            first = ask(plain, committed_cast.mia, key=key)
            second = pool.submit(send)
            time.sleep(0.5)  # long enough to meet the first one, which has not committed
        assert second.result(timeout=30) == first.pk == key


def test_what_killed_runs_wrote_goes_when_the_export_is_given_up(plain: App, committed_cast: Cast) -> None:
    export = ask(plain, committed_cast.mia)
    export.path.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, services.MOST_ATTEMPTS + 1):
        with tenant_scope(plain.tenant_id):
            export_run.begin(export.pk)
        export.path.with_suffix(f".{attempt}.part").write_text("half", encoding="utf-8")
        export.path.write_text("whole, but never told to be ready", encoding="utf-8")
        age(export, started_at=timedelta(minutes=5))
        rescue(export)
    assert fresh(export).state == ExportState.FAILED
    assert list(export.path.parent.glob(f"{export.pk}*")) == []


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1", "|calc"])
def test_no_cell_is_a_formula(plain: App, committed_cast: Cast, cell: str) -> None:
    add(plain, committed_cast.mia, **{COMPANY: cell})
    done = run(ask(plain, committed_cast.mia))
    header, row = rows_in(done.path)[:2]
    assert row[header.index("Company")] == f"'{cell}"
    assert row[header.index("Budget")] == "1250"


def test_who_lost_the_role_gets_nothing(plain: App, committed_cast: Cast) -> None:
    queued = ask(plain, committed_cast.mia)
    ready = run(ask(plain, committed_cast.mia))
    with tenant_scope(plain.tenant_id):
        Membership.objects.filter(user=committed_cast.mia).delete()
        mia = User.objects.get(pk=committed_cast.mia.pk)
        with pytest.raises(Refused):
            services.take_file(by=mia, export_id=ready.pk)
    done = run(queued)
    assert (done.state, done.failure) == (ExportState.REFUSED, "policy")
    [event] = events("export.refused")
    assert event["decision"] != str(queued.decision)


def test_the_days_limit_is_kept(committed_cast: Cast) -> None:
    app = make_app(committed_cast.lena, fields=PLAIN, exports_per_day=2)
    ask(app, committed_cast.mia)
    ask(app, committed_cast.mia)
    with pytest.raises(TooMany):
        ask(app, committed_cast.mia)


def test_a_run_whose_worker_died_starts_over_and_is_given_up_at_last(
    plain: App, committed_cast: Cast
) -> None:
    export = ask(plain, committed_cast.mia)
    for attempt in range(1, services.MOST_ATTEMPTS + 1):
        with tenant_scope(plain.tenant_id):
            assert export_run.begin(export.pk) is not None  # and no more: as after kill -9
        assert rescue(export) is None  # too young
        age(export, started_at=timedelta(minutes=5))
        assert fresh(export).attempt == attempt
        rescue(export)
    failed = fresh(export)
    assert (failed.state, failed.failure) == (ExportState.FAILED, "died")
    assert failed.failure_text
    assert len(events("export.restarted")) == services.MOST_ATTEMPTS - 1


def test_a_living_run_is_left_alone(plain: App, committed_cast: Cast) -> None:
    export = ask(plain, committed_cast.mia)
    with tenant_scope(plain.tenant_id):
        export_run.begin(export.pk)
    age(export, started_at=timedelta(hours=1))
    with psycopg.connect(POSTGRES.url("portal_app")) as worker:  # its transaction is open
        lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
        worker.execute(lock, [f"export:{export.pk}"])
        assert rescue(export) is None
    assert rescue(export) == ExportState.QUEUED


def test_a_run_that_was_overtaken_writes_nothing(plain: App, committed_cast: Cast) -> None:
    export = ask(plain, committed_cast.mia)
    with tenant_scope(plain.tenant_id):
        begun = export_run.begin(export.pk)
    age(export, started_at=timedelta(minutes=5))
    rescue(export)
    assert begun is not None
    with tenant_scope(plain.tenant_id):
        export_run.write(*begun)
    assert not export.path.exists()
    assert fresh(export).state == ExportState.QUEUED


def test_the_sweep_sends_lost_messages_again_and_deletes_old_files(plain: App, committed_cast: Cast) -> None:
    lost, old = ask(plain, committed_cast.mia), run(ask(plain, committed_cast.mia))
    age(lost, queued_at=timedelta(minutes=5))
    age(old, expires_at=timedelta(seconds=1))
    assert {export for export, _tenant in tasks.overdue()} == {lost.pk, old.pk}
    assert tasks.sweep_exports() == 2
    assert not old.path.exists()
    assert fresh(old).state == ExportState.EXPIRED
    with tenant_scope(plain.tenant_id), pytest.raises(Conflict):
        services.take_file(by=committed_cast.mia, export_id=old.pk)


def test_a_failed_write_says_so_and_leaves_no_file(
    plain: App, committed_cast: Cast, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("")
    settings.EXPORT_DIR = tmp_path / "taken"  # a file where the folder should be
    done = run(ask(plain, committed_cast.mia))
    assert (done.state, done.failure) == (ExportState.FAILED, "storage")


def test_a_file_masked_less_than_today_is_not_handed_out(app: App, committed_cast: Cast) -> None:
    add(app, committed_cast.mia)
    export = ask(app, committed_cast.mia)
    approve(export, committed_cast.omar, committed_cast.sana)
    done = run(export)
    with tenant_scope(app.tenant_id):
        columns = [{**one, "mask": "" if one["field"] == NAME else one["mask"]} for one in done.columns]
        Export.objects.filter(pk=done.pk).update(columns=columns)
        with pytest.raises(Conflict):
            services.take_file(by=committed_cast.mia, export_id=done.pk)


def test_another_tenant_finds_no_export(plain: App, committed_cast: Cast) -> None:
    export = ask(plain, committed_cast.mia)
    with tenant_scope(committed_cast.other.pk):
        assert not Export.objects.exists()
        with pytest.raises(Missing):
            services.take_file(by=committed_cast.nils, export_id=export.pk)


def test_the_database_keeps_states_and_their_facts_together(plain: App, committed_cast: Cast) -> None:
    export = ask(plain, committed_cast.mia)
    for change in ("state = 'ready'", "state = 'nonsense'", "closed_at = now()", "sha256 = 'x'"):
        with tenant_scope(plain.tenant_id), pytest.raises(Exception, match="export_"), transaction.atomic():
            connection.cursor().execute(f"UPDATE runtime_export SET {change} WHERE id = %s", [export.pk])


def rescue(export: Export) -> ExportState | None:
    with tenant_scope(export.tenant_id):
        return services.rescue(export_id=export.pk, queue=Sent())


def test_a_wish_for_an_export_lapses_with_its_app(app: App, committed_cast: Cast) -> None:
    export = ask(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        catalog.retire(by=committed_cast.lena, app=app)
        request = Request.objects.get(pk=export.request)
    assert request.state == "lapsed"
    gone = fresh(export)
    assert (gone.state, gone.failure) == (ExportState.REFUSED, "gone")
    assert [body["facts"] for body in events("export.refused")] == [{"why": "gone"}]


def test_an_export_of_an_app_that_is_gone_already_can_be_rejected(app: App, committed_cast: Cast) -> None:
    export = ask(app, committed_cast.mia)
    with tenant_scope(app.tenant_id):
        App.objects.update(state="retired", live_version=None, retired_at=timezone.now())
        request = Request.objects.get(pk=export.request)
        approvals.vote(
            by=committed_cast.omar,
            request_id=request.pk,
            verdict=Verdict.REJECT,
            digest=request.digest,
            key=uuid.uuid4(),
            comment="Nothing to export",
        )
    assert fresh(export).state == ExportState.REFUSED


def test_one_export_that_cannot_be_put_right_does_not_hold_up_the_others(
    plain: App, committed_cast: Cast
) -> None:
    bad, good = (run(ask(plain, committed_cast.mia)) for _ in range(2))
    week = timedelta(days=8)
    age(bad, expires_at=week, queued_at=week)
    age(good, expires_at=week)
    stuck = bad.path.with_suffix(".stuck")
    stuck.mkdir()  # no file: it cannot be deleted like one
    assert tasks.overdue()[0] == (bad.pk, bad.tenant_id)
    assert tasks.sweep_exports() == 1
    assert (fresh(bad).state, fresh(good).state) == (ExportState.READY, ExportState.EXPIRED)
    assert tasks.overdue() == [], "it waits for its turn"
    waits = []
    for _ in range(2):
        age(bad, rescue_at=timedelta(seconds=1))
        tasks.sweep_exports()
        waits.append(fresh(bad).rescue_at)
    assert waits[1] - waits[0] > timedelta(seconds=30), "longer each time"
    stuck.rmdir()
    age(bad, rescue_at=timedelta(seconds=1))
    assert tasks.sweep_exports() == 1
    assert fresh(bad).state == ExportState.EXPIRED
