"""What every deletion has in common, by schedule or for a person: alone on its dataset, with proof (D6)."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any, Protocol

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from datacatalog.models import Disposal
from ledger.events import Event
from ledger.log import record


class Copies(Protocol):
    """What a room above keeps of an app's records besides their table; wired in portal/wiring.py."""

    def dispose(self, dataset: uuid.UUID, fields: Sequence[str]) -> None:
        """Values of `fields`, or of all where none is named, are gone from records of `dataset`: let go of
        every copy that may hold some of them. In the transaction of the batch."""
        ...


def alone(dataset: uuid.UUID) -> bool:
    """Whether nobody else deletes from it; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_lock(dataset)])
        row = cursor.fetchone()
    return bool(row and row[0])


def wait_alone(dataset: uuid.UUID) -> None:
    """Like alone(), after whoever deletes from it now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_lock(dataset)])


def note_batch(run: Disposal, ids: Sequence[uuid.UUID]) -> None:
    """The proof: how many, and a digest by which a list of ids from elsewhere can be compared."""
    for path in settings.COPIES_OF_RECORDS:
        copies: Copies = import_string(path)()
        copies.dispose(run.dataset, run.fields)
    digest = hashlib.sha256("\n".join(sorted(map(str, ids))).encode()).hexdigest()
    proof = {"records": len(ids), "ids_sha256": digest}
    event = record(
        Event.RECORDS_DISPOSED,
        by=None,
        tenant=run.tenant_id,
        app=run.app,
        dataset=run.dataset,
        obj=f"disposal:{run.pk}",
        facts={"fields": run.fields, **_cause(run), **proof},
    )
    changes: dict[str, Any] = {"records": F("records") + len(ids), "touched_at": timezone.now()}
    if run.subject_request_id:  # few, and its certificate lists them
        run.proofs = [*run.proofs, {"event": str(event), **proof}]
        changes["proofs"] = run.proofs
    Disposal.objects.filter(pk=run.pk).update(**changes)


def _cause(run: Disposal) -> dict[str, Any]:
    if run.subject_request_id:
        return {"subject_request": str(run.subject_request_id)}
    return {"days": run.days, "cutoff": run.cutoff.isoformat() if run.cutoff else None}


def _lock(dataset: uuid.UUID) -> str:
    return f"retention:{dataset}"
