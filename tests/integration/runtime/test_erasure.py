"""A person's data is erased across apps by two people, with a certificate; what is held stays (D6)."""

import hashlib
import os
import signal
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from approvals.models import Request
from approvals.states import Verdict
from approvals.steps import NoEligibleApprover
from catalog.models import App
from catalog.services.live import retire
from datacatalog import disposal, services
from datacatalog.models import Disposal, SubjectRequest
from datacatalog.services import disposals
from datacatalog.states import SubjectState
from datacatalog.tasks import resume_erasures
from identity.errors import Conflict, DomainError
from identity.models import User
from identity.tenancy import tenant_scope
from ledger import sequencer
from notices.models import Outbox
from policy.errors import Refused
from runtime.states import ExportState
from tests import rights
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.integration.runtime.test_exports import approve, ask, fresh, run
from tests.integration.runtime.test_records import events
from tests.integration.runtime.test_retention import app_with, dataset, rows
from tests.integration.runtime.test_rights import OPEN, OTHER
from tests.live_apps import COMPANY, EMAIL, FIELDS, NAME, PHONE, SECRET, add
from tests.services import POSTGRES
from vault import signing
from vault.certificates import ERASURE, verified


@pytest.fixture
def app(committed_cast: Cast) -> App:
    return app_with(committed_cast.lena, {})


def ready(cast: Cast, *, whole_records: bool = True, **more: Any) -> SubjectRequest:
    """Ada has asked, Sana has approved; no worker has begun."""
    row = rights.asked(rights.search(cast.ada, **more), cast.ada, whole_records=whole_records)
    return rights.approved(row, cast.sana)


def test_a_person_goes_from_five_apps_and_nobody_else(committed_cast: Cast) -> None:
    cast = committed_cast
    apps = [app_with(cast.lena, {}, slug=f"app{n}", base=OPEN if n % 2 else FIELDS) for n in range(5)]
    theirs = app_with(cast.nils, {}, slug="theirs")
    hers = add(theirs, cast.vera)
    for one in apps:
        add(one, cast.mia, **{EMAIL: "CANARY.Mail@example.org"})
    others = {one.pk: add(one, cast.mia, **OTHER) for one in apps}
    with tenant_scope(cast.tenant.pk):
        retire(by=cast.lena, app=apps[0])
    row = rights.erased(ready(cast))
    assert (row.state, row.sealed) == (SubjectState.DONE, None)
    assert {one.pk: set(rows(one)) for one in apps} == {key: {value} for key, value in others.items()}
    assert set(rows(theirs)) == {hers}
    assert [one.erased for one in rights.findings(row)] == [1] * 5
    proofs = events("records.disposed")
    assert len(proofs) == 5
    assert all(body["facts"]["subject_request"] == str(row.pk) for body in proofs)
    assert rights.found(rights.search(cast.ada)) == {}


def test_nothing_goes_before_somebody_else_has_said_yes(committed_cast: Cast, app: App) -> None:
    cast, mine = committed_cast, add(app, committed_cast.mia)
    row = rights.asked(rights.search(cast.ada), cast.ada)
    rights.erased(row)
    assert set(rows(app)) == {mine}
    with tenant_scope(app.tenant_id):
        evidence = Request.objects.get(pk=row.request).evidence.latest("collected_at").document
    assert "1 record (Work email: 1)" in str(evidence)
    row = rights.approved(row, cast.sana, Verdict.REJECT)
    assert row.state == SubjectState.FOUND
    rights.erased(row)
    assert set(rows(app)) == {mine}
    row = rights.approved(rights.asked(row, cast.ada), cast.sana)
    assert row.state == SubjectState.QUEUED
    rights.erased(row)
    assert not rows(app)


def test_nobody_erases_alone(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    add(app, cast.mia)
    with tenant_scope(app.tenant_id):
        group = cast.sana.memberships.get(group__name="Security").group
        cast.ada.memberships.create(tenant_id=app.tenant_id, group=group)
    ada = User.objects.get(pk=cast.ada.pk)
    row = rights.asked(rights.search(ada), ada)
    with pytest.raises(DomainError):
        rights.approved(row, ada)
    with tenant_scope(app.tenant_id):
        cast.ada.memberships.all().delete()
    with pytest.raises(DomainError):
        rights.approved(row, cast.sana)  # who asked may not any more
    assert rights.fresh(row).state == SubjectState.WAITING
    with pytest.raises(NoEligibleApprover):
        rights.asked(rights.search(cast.sana), cast.sana)


def test_only_the_personal_fields_can_be_emptied(committed_cast: Cast, app: App) -> None:
    cast, mine = committed_cast, add(app, committed_cast.mia)
    row = rights.erased(ready(cast, whole_records=False))
    left = rows(app)[mine]
    assert [left[name] for name in (EMAIL, f"{EMAIL}_bidx", NAME, PHONE, SECRET)] == [None] * 5
    assert left[COMPANY] == "Contoso"
    assert row.state == SubjectState.DONE
    with tenant_scope(app.tenant_id):
        assert {EMAIL, NAME, PHONE, SECRET} <= set(row.disposals.get().fields)


def test_what_is_held_stays_is_named_and_goes_after_the_release(committed_cast: Cast, app: App) -> None:
    cast, mine = committed_cast, add(app, committed_cast.mia)
    other = app_with(cast.lena, {}, slug="other")
    add(other, cast.mia)
    with tenant_scope(app.tenant_id):
        hold = services.place_hold(by=cast.sana, title="Case 7", reason="Court", dataset=dataset(app))
    row = rights.search(cast.ada)
    assert {one.app: one.held for one in rights.findings(row)} == {app.pk: True, other.pk: False}
    row = rights.erased(rights.approved(rights.asked(row, cast.ada), cast.sana))
    assert (set(rows(app)), set(rows(other)), row.state) == ({mine}, set(), SubjectState.HELD)
    [left] = claims(row)["left"]
    assert (left["dataset"], left["records"], left["holds"]) == (str(dataset(app).pk), 1, [str(hold.pk)])
    again(row, cast.ada)
    assert (rights.erased(row).state, set(rows(app))) == (SubjectState.HELD, {mine})
    with tenant_scope(app.tenant_id):
        services.release_hold(by=cast.sana, hold_id=hold.pk, reason="Closed")
    again(row, cast.ada)
    row = rights.erased(row)
    assert (row.state, set(rows(app)), claims(row)["left"]) == (SubjectState.DONE, set(), [])
    assert len(claims(row)["erased"]) == 2
    with pytest.raises(Conflict):
        again(row, cast.ada)
    with tenant_scope(app.tenant_id):
        told = Outbox.objects.filter(person=cast.ada, kind__startswith="erasure.")
        assert set(told.values_list("kind", flat=True)) == {"erasure.held", "erasure.done"}


def again(row: SubjectRequest, by: User) -> None:
    with at_edge(by), tenant_scope(row.tenant_id):
        services.erase_again(by=by, request_id=row.pk, queue=lambda _request, _tenant: None)


def test_killed_between_batches_another_worker_goes_on(
    committed_cast: Cast, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disposal, "BATCH", 2)
    for _n in range(5):
        add(app, committed_cast.mia)
    row = ready(committed_cast)
    assert _killed_in_the_second_batch(row) == signal.SIGKILL
    assert len(rows(app)) == 3, "what was committed, and no more"
    assert rights.fresh(row).state == SubjectState.RUNNING
    assert resume_erasures() == 0, "it may still be at work"
    with tenant_scope(app.tenant_id):
        SubjectRequest.objects.update(touched_at=timezone.now() - timedelta(minutes=5))
    assert resume_erasures() == 1
    row = rights.fresh(row)
    assert (len(rows(app)), row.state) == (0, SubjectState.DONE)
    [erased] = claims(row)["erased"]
    assert [batch["records"] for batch in erased["batches"]] == [2, 2, 1]
    assert [body["facts"]["records"] for body in events("records.disposed")] == [2, 2, 1]


def _killed_in_the_second_batch(row: SubjectRequest) -> int:
    """In a process of its own that dies before the commit; returns the signal that ended it."""
    connections.close_all()
    child = os.fork()
    if not child:
        batches = []

        def die(*args: Any) -> None:
            batches.append(1)
            original(*args)
            if len(batches) == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        original, disposals.note_batch = disposals.note_batch, die
        services.erase(tenant=row.tenant_id, request_id=row.pk)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def test_many_workers_at_once_erase_once(
    committed_cast: Cast, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disposal, "BATCH", 3)
    for _n in range(10):
        add(app, committed_cast.mia)
    row = ready(committed_cast)

    def one(_n: int) -> None:
        try:
            services.erase(tenant=row.tenant_id, request_id=row.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    row = rights.fresh(row)
    assert (row.state, len(rows(app))) == (SubjectState.DONE, 0)
    assert sum(body["facts"]["records"] for body in events("records.disposed")) == 10
    assert len(events("subject_request.erased")) == 1
    with tenant_scope(app.tenant_id):
        [told] = Disposal.objects.all()
    assert (told.records, bool(told.finished_at)) == (10, True)


def test_files_of_exports_end_with_it(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    add(app, cast.mia)
    export = ask(app, cast.mia, fields=[EMAIL, COMPANY])
    approve(export, cast.omar, cast.sana)
    assert run(export).state == ExportState.READY
    rights.erased(ready(cast))
    expires_at = fresh(export).expires_at
    assert expires_at is not None
    assert expires_at <= timezone.now()


def pems(tenant: uuid.UUID) -> str:
    with tenant_scope(tenant):
        return signing.every_pem(tenant)


def claims(row: SubjectRequest) -> dict[str, Any]:
    return verified(row.certificate, pems(row.tenant_id), ERASURE)


def test_the_record_still_verifies(committed_cast: Cast, app: App) -> None:
    """Each leaf is the hash of what its event says, and none is missing (RFC 6962, section 2.1)."""
    add(app, committed_cast.mia)
    rights.erased(ready(committed_cast))
    sequencer.run_once()
    with psycopg.connect(POSTGRES.url(), autocommit=True) as server:
        found = server.execute(
            "SELECT l.idx, l.hash, e.id::text, to_char(e.at AT TIME ZONE 'UTC',"
            ' \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\'), e.body'
            " FROM ledger.event e LEFT JOIN ledger.leaf l ON l.event_id = e.id ORDER BY l.idx"
        ).fetchall()
    assert [row[0] for row in found] == list(range(len(found)))
    for _idx, kept, event, at, body in found:
        assert kept == hashlib.sha256(b"\0" + f"{event}\n{at}\n{body}".encode()).digest()
    assert any('"subject_request.erased"' in row[4] for row in found)


def test_what_was_found_nowhere_is_not_asked_about(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    with pytest.raises(Conflict):
        rights.asked(rights.search(cast.ada), cast.ada)


def test_the_rules_have_the_last_word(committed_cast: Cast, app: App) -> None:
    cast = committed_cast
    add(app, cast.mia)
    row = rights.asked(rights.search(cast.ada), cast.ada)
    with at_edge(cast.ada), tenant_scope(app.tenant_id), pytest.raises(Refused):
        services.grant_erasure(request_id=row.pk, queue=lambda _request, _tenant: None)
    assert rights.fresh(row).state == SubjectState.WAITING
