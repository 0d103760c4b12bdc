"""The run of an approved erasure: dataset by dataset, batch by batch, each with its proof, and again from
where it was stopped (D6, docs/adr/0092). What a legal hold keeps stays and is named."""

import hashlib
import uuid

from django.utils import timezone

from datacatalog import disposal
from datacatalog.certificate import certify
from datacatalog.finding import Search, Shelf, shelf_of
from datacatalog.models import Dataset, Disposal, SubjectFinding, SubjectRequest
from datacatalog.selectors import holds_on
from datacatalog.services import disposals
from datacatalog.services.subject_row import finding, identifiers_of, locked, move, note, title
from datacatalog.states import SubjectState
from identity.tenancy import tenant_scope
from ledger.events import Event
from notices.kinds import Kind
from notices.services import notify


def erase(*, tenant: uuid.UUID, request_id: uuid.UUID) -> None:
    """Erase what is found now, in every dataset of the tenant's apps. May be called twice or late.

    Call it outside of any transaction: each batch commits with its event. Each locks the request first, so
    that two runs take turns.
    """
    with tenant_scope(tenant):
        if not _begin(request_id):
            return
        datasets = list(Dataset.objects.filter(origin=Dataset.Origin.APP))
    for dataset in datasets:
        more = True
        while more:
            with tenant_scope(tenant):
                more = _batch(request_id, dataset)
    with tenant_scope(tenant):
        _finish(request_id)


def _begin(request_id: uuid.UUID) -> bool:
    row = locked(request_id)
    if row.state == SubjectState.QUEUED:
        move(row, SubjectState.RUNNING)
    return row.state == SubjectState.RUNNING


def _batch(request_id: uuid.UUID, dataset: Dataset) -> bool:
    """Erase some of what is found in `dataset`; False when nothing is left that may go."""
    row, shelf = locked(request_id), shelf_of(dataset)
    if row.state != SubjectState.RUNNING or shelf is None:
        return False
    search = Search(shelf, identifiers_of(row))
    disposals.wait_alone(dataset.pk)
    if holds_on(dataset).exists():
        _note_held(row, dataset, search)
        return False
    ids = search.locked(disposal.BATCH)
    if not ids:
        _note_end(row, dataset)
        return False
    run = _run(row, dataset, [] if row.whole_records else _emptied(shelf, search))
    disposal.remove(dataset.pk, ids, run.fields)
    disposals.note_batch(run, ids)
    found = _finding(row, dataset)
    found.erased += len(ids)
    found.records = max(found.records, found.erased)
    found.held, found.holds = False, []
    found.save()
    SubjectRequest.objects.filter(pk=row.pk).update(touched_at=timezone.now())
    return True


def _run(row: SubjectRequest, dataset: Dataset, fields: list[str]) -> Disposal:
    """The one that is open, or a new one."""
    run, new = row.disposals.get_or_create(
        dataset=dataset.pk,
        finished_at=None,
        defaults={
            "tenant_id": row.tenant_id,
            "dataset_title": dataset.title,
            "app": dataset.app,
            "fields": fields,
        },
    )
    if not new and not set(fields) <= set(run.fields):
        run.fields = sorted({*run.fields, *fields})
        run.save(update_fields=["fields"])
    return run


def _emptied(shelf: Shelf, search: Search) -> list[str]:
    """Personal fields, and those by which the person was found."""
    _records, matched = search.count()
    return sorted(shelf.personal | set(matched))


def _finding(row: SubjectRequest, dataset: Dataset) -> SubjectFinding:
    return row.findings.filter(dataset=dataset.pk).first() or finding(row, dataset)


def _note_held(row: SubjectRequest, dataset: Dataset, search: Search) -> None:
    """What stays, and by which holds."""
    _end_run(row, dataset)
    left, fields = search.count()
    known = row.findings.filter(dataset=dataset.pk).first()
    if not left and known is None:
        return
    found = known or finding(row, dataset)
    labels = search.shelf.labels
    found.fields = [{"field": k, "label": labels[k], "records": n} for k, n in fields.items()] or found.fields
    found.records = found.erased + left
    found.held = bool(left)
    found.holds = [str(one) for one in holds_on(dataset).values_list("pk", flat=True)] if left else []
    found.save()


def _note_end(row: SubjectRequest, dataset: Dataset) -> None:
    """Nothing of the person is left in it. What others deleted meanwhile is not counted as erased here."""
    _end_run(row, dataset)
    row.findings.filter(dataset=dataset.pk).update(held=False, holds=[])


def _end_run(row: SubjectRequest, dataset: Dataset) -> None:
    row.disposals.filter(dataset=dataset.pk, finished_at=None).update(finished_at=timezone.now())


def _finish(request_id: uuid.UUID) -> None:
    """Certify what was done; who has nothing left of the person forgets him."""
    row = locked(request_id)
    if row.state != SubjectState.RUNNING:
        return
    held = row.findings.filter(held=True).exists()
    row.certificate = certify(row)
    move(row, SubjectState.HELD if held else SubjectState.DONE)
    records = sum(row.findings.values_list("erased", flat=True))
    digest = hashlib.sha256(row.certificate.encode()).hexdigest()
    facts = {"records": records, "held": held, "certificate_sha256": digest}
    note(Event.SUBJECT_ERASED, row, by=None, decision=row.decision, facts=facts)
    notify(
        kind=Kind.ERASURE_HELD if held else Kind.ERASURE_DONE,
        key=f"{row.obj}:{digest}",
        tenant=row.tenant_id,
        person=row.asked_by,
        params={"title": title(row)},
        path=row.get_absolute_url(),
    )
