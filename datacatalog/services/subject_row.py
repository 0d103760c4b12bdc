"""The row of a data subject's request, for its services and for the run of an erasure alike."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from typing import Any

import rfc8785
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals.models import Request
from approvals.selectors import approvals_of
from datacatalog.identifiers import Identifier, IdentifierKind
from datacatalog.models import Dataset, SubjectFinding, SubjectRequest
from datacatalog.selectors import holds_on
from datacatalog.states import OVER, SubjectState, may_move
from identity.errors import Conflict, Missing
from identity.models import User
from ledger.events import Event
from ledger.log import record
from vault import keys
from vault.sealing import NO_APP

PLACE = "subject_request"


def locked(request_id: uuid.UUID) -> SubjectRequest:
    """The request, locked for the transaction.

    Raises:
        Missing: there is none.
    """
    rows = SubjectRequest.objects.select_for_update(of=("self",)).select_related("asked_by")
    found = rows.filter(pk=request_id).first()
    if found is None:
        raise Missing(_("There is no such request."))
    return found


def move(row: SubjectRequest, after: SubjectState) -> None:
    """One step of the table in states.py; who is over forgets the person.

    Raises:
        Conflict: the table has no such step.
    """
    if not may_move(row.state, after):
        raise Conflict(_("This request has moved on since you opened the page."))
    now = timezone.now()
    row.state, row.touched_at = after, now
    if after in OVER:
        row.closed_at, row.sealed = now, None
    row.save(update_fields=["state", "touched_at", "closed_at", "sealed", "certificate"])


def note(event: Event, row: SubjectRequest, *, by: User | None, **more: Any) -> None:
    """The event in the same transaction; it never names the person."""
    record(event, by=by, tenant=row.tenant_id, obj=row.obj, **more)


def title(row: SubjectRequest) -> str:
    """What approvals and notices call it."""
    return _("Erasure %(reference)s") % {"reference": row.reference}


def seal(row: SubjectRequest, identifiers: Sequence[Identifier]) -> bytes:
    """By what the person is found, bound to the row."""
    text = json.dumps([[one.kind.value, one.value] for one in identifiers])
    return keys.encrypt(row.tenant_id, NO_APP, PLACE, row.pk, text)


def identifiers_of(row: SubjectRequest) -> list[Identifier]:
    """By what the person is found; nothing any more when the request is over.

    Raises:
        CannotDecrypt, KeysUnavailable: it does not open.
    """
    if row.sealed is None:
        return []
    text = keys.decrypt(row.tenant_id, NO_APP, PLACE, row.pk, bytes(row.sealed))
    return [Identifier(IdentifierKind(kind), value) for kind, value in json.loads(text)]


def digest(row: SubjectRequest) -> str:
    """SHA-256 of what is approved: this request, this person, this way."""
    told: dict[str, Any] = {
        "erasure": str(row.pk),
        "reference": row.reference,
        "whole_records": row.whole_records,
        "person": hashlib.sha256(bytes(row.sealed or b"")).hexdigest(),
    }
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def approvals_given(row: SubjectRequest) -> list[tuple[str, uuid.UUID]]:
    """Role and person of each approval that counts for what is asked now."""
    request = Request.objects.filter(pk=row.request).first() if row.request else None
    given = approvals_of(request) if request else []
    return [(one.asks, one.by) for one in given if one.digest == digest(row)]


def finding(row: SubjectRequest, dataset: Dataset, **values: Any) -> SubjectFinding:
    """A finding in `dataset`, with the holds that are on it now; not yet saved."""
    holds = [str(one) for one in holds_on(dataset).values_list("pk", flat=True)]
    given: dict[str, Any] = {"dataset_title": dataset.title, "held": bool(holds), "holds": holds, **values}
    given |= {"tenant_id": row.tenant_id, "dataset": dataset.pk, "app": dataset.app}
    return SubjectFinding(subject_request=row, **given)
