"""Requests of data subjects: searched for, asked to be erased, taken, closed (D6, docs/adr/0092).

What a person is found by is sealed under the tenant's key as soon as it comes in, and is in no event, notice,
address or title. The run of an erasure is erasure.py.
"""

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import services as approvals
from datacatalog import subject_evidence, subject_rules
from datacatalog.finding import Search, shelf_of
from datacatalog.identifiers import Identifier
from datacatalog.models import Dataset, SubjectFinding, SubjectRequest
from datacatalog.permissions import check_work_subjects
from datacatalog.services.subject_row import approvals_given, digest, finding, locked, move, note, seal, title
from datacatalog.states import SubjectKind, SubjectState
from identity.errors import BadInput, Conflict
from identity.models import User
from ledger.events import Event
from policy.decision import Decision
from vault import keys

KIND = "erasure"  # in requests for approval
MOST_IDENTIFIERS = 20
FORGOTTEN = timedelta(days=92)
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_#-]{0,39}")
_LONG_ENOUGH = 3
Queue = Callable[[uuid.UUID, uuid.UUID], None]


@transaction.atomic
def search_subject(
    *, by: User, kind: SubjectKind, reference: str, identifiers: Sequence[Identifier]
) -> SubjectRequest:
    """Look for a person in every dataset of every app, and keep how much is where.

    Raises:
        NotAllowed, Refused: `by` may not.
        StepUpNeeded: a stronger or fresher sign-in is asked for.
        BadInput: nothing to search for, or the case number is none, or names the person.
        KeysUnavailable: the tenant's keys are away.
    """
    check_work_subjects(by)
    asked = subject_rules.ask(by=by, kind=kind)
    known = [one for one in identifiers if keys.normalise(one.value)]
    _check(reference.strip(), known)
    row = SubjectRequest(
        tenant_id=by.tenant_id,
        kind=kind,
        reference=reference.strip(),
        by_kinds=sorted({one.kind.value for one in known}),
        asked_by=by,
        decision=None if asked.steps else asked.decision.id,
    )
    row.sealed = seal(row, known)
    row.save(force_insert=True)
    findings = _search(row, known)
    facts = {"kind": row.kind, "datasets": row.searched, "records": sum(one.records for one in findings)}
    note(Event.SUBJECT_SEARCHED, row, by=by, facts=facts)
    return row


@transaction.atomic
def ask_erasure(*, by: User, request_id: uuid.UUID, whole_records: bool) -> SubjectRequest:
    """Ask somebody else to approve that what was found is erased: whole records, or their personal fields.

    Raises:
        NotAllowed, Refused, StepUpNeeded: as for the search.
        Conflict: it is no erasure, was asked for already, or nothing was found.
        NoEligibleApprover: nobody else can approve it.
    """
    check_work_subjects(by)
    row = locked(request_id)
    if row.kind != SubjectKind.ERASURE:
        raise Conflict(_("This request is for access. Make one for erasure."))
    asked = subject_rules.ask(by=by, kind=row.kind)
    if not row.findings.filter(records__gt=0).exists():
        raise Conflict(_("Nothing was found, so there is nothing to erase."))
    row.whole_records, row.asked_by = whole_records, by
    move(row, SubjectState.WAITING)
    row.save(update_fields=["whole_records", "asked_by"])
    note(Event.SUBJECT_ERASURE_ASKED, row, by=by, facts={"whole_records": whole_records})
    request = approvals.open_request(
        by=by,
        kind=KIND,
        obj=f"{KIND}:{row.pk}",
        title=title(row),
        steps=asked.steps,
        tier=asked.tier,
        tier_reason="; ".join(asked.decision.tier_reasons),
        digest=digest(row),
        evidence=subject_evidence.collect(row),
    )
    SubjectRequest.objects.filter(pk=row.pk).update(request=request.pk)
    row.refresh_from_db()
    return row


@transaction.atomic
def grant_erasure(*, request_id: uuid.UUID, queue: Queue) -> None:
    """People said yes: decided once more with their approvals, then queued.

    Raises:
        Refused: the approvals do not do, or who asked has lost the role.
        Conflict: it does not wait.
    """
    row = locked(request_id)
    _queue(row, _decided(row), by=None, queue=queue)


@transaction.atomic
def refuse_erasure(*, request_id: uuid.UUID) -> None:
    """People said no, nobody answered in time, or it lapsed; it can be asked for again."""
    row = locked(request_id)
    if row.state == SubjectState.WAITING:
        move(row, SubjectState.FOUND)
        note(Event.SUBJECT_ERASURE_REFUSED, row, by=None)


@transaction.atomic
def erase_again(*, by: User, request_id: uuid.UUID, queue: Queue) -> None:
    """Erase what a hold kept, on the approvals that were given.

    Raises:
        NotAllowed, Refused, StepUpNeeded: as for the search.
        Conflict: nothing is left to erase.
    """
    check_work_subjects(by)
    row = locked(request_id)
    subject_rules.ask(by=by, kind=row.kind)
    if row.state != SubjectState.HELD:
        raise Conflict(_("Nothing of this request waits for the end of a hold."))
    _queue(row, _decided(row), by=by, queue=queue)


@transaction.atomic
def take_subject(*, by: User, request_id: uuid.UUID) -> tuple[SubjectRequest, Decision]:
    """Allow one copy of what is held of the person, in clear; each is an event.

    Raises:
        NotAllowed, Refused, StepUpNeeded: as for the search.
        Conflict: it is no access, or is closed.
    """
    check_work_subjects(by)
    row = locked(request_id)
    if row.kind != SubjectKind.ACCESS or row.state != SubjectState.FOUND:
        raise Conflict(_("Only an open request for access is answered with a copy."))
    decision = subject_rules.ask(by=by, kind=row.kind).decision
    SubjectRequest.objects.filter(pk=row.pk).update(taken=F("taken") + 1)
    note(Event.SUBJECT_TAKEN, row, by=by, decision=decision.id)
    return row, decision


@transaction.atomic
def close_subject(*, by: User, request_id: uuid.UUID) -> SubjectRequest:
    """Nothing more is to be done; by what the person was found is deleted.

    Raises:
        NotAllowed: `by` may not.
        Conflict: it is at work, waits for approval, or is over.
    """
    check_work_subjects(by)
    row = locked(request_id)
    move(row, SubjectState.CLOSED)
    note(Event.SUBJECT_CLOSED, row, by=by)
    return row


@transaction.atomic
def close_forgotten(*, request_id: uuid.UUID) -> None:
    """Close one that nobody has touched for FORGOTTEN: the law gives three months at most to answer (Article
    12(3) GDPR), and by what a person is found is kept no longer than that."""
    row = locked(request_id)
    if row.state == SubjectState.FOUND and row.touched_at < timezone.now() - FORGOTTEN:
        move(row, SubjectState.CLOSED)
        note(Event.SUBJECT_CLOSED, row, by=None, facts={"days": FORGOTTEN.days})


def _decided(row: SubjectRequest) -> Decision:
    return subject_rules.allow(by=row.asked_by, kind=row.kind, given=approvals_given(row))


def _queue(row: SubjectRequest, decision: Decision, *, by: User | None, queue: Queue) -> None:
    move(row, SubjectState.QUEUED)
    SubjectRequest.objects.filter(pk=row.pk).update(decision=decision.id)
    note(Event.SUBJECT_ERASURE_QUEUED, row, by=by, decision=decision.id)
    transaction.on_commit(lambda: queue(row.pk, row.tenant_id))


def _search(row: SubjectRequest, identifiers: Sequence[Identifier]) -> list[SubjectFinding]:
    """Three queries a dataset, however many records it has."""
    findings = []
    for dataset in Dataset.objects.filter(origin=Dataset.Origin.APP):
        shelf = shelf_of(dataset)
        if shelf is None:
            continue
        row.searched += 1
        records, fields = Search(shelf, identifiers).count()
        if records:
            told = [{"field": k, "label": shelf.labels[k], "records": n} for k, n in fields.items()]
            findings.append(finding(row, dataset, records=records, fields=told))
    row.save(update_fields=["searched"])
    return SubjectFinding.objects.bulk_create(findings)


def _check(reference: str, identifiers: Sequence[Identifier]) -> None:
    if not identifiers:
        raise BadInput(_("Give at least one value by which the person is found."))
    if len(identifiers) > MOST_IDENTIFIERS:
        raise BadInput(_("Search for %(most)d values at most at once.") % {"most": MOST_IDENTIFIERS})
    if not _REFERENCE.fullmatch(reference) or not any(char.isdigit() for char in reference):
        raise BadInput(_("Give the case a number: letters, digits and ./_#-, with a digit in it."))
    words = {word for one in identifiers for word in keys.normalise(one.value).split()}
    if any(word in keys.normalise(reference) for word in words if len(word) >= _LONG_ENOUGH):
        raise BadInput(_("The case number must not name the person: it is seen by more people."))
