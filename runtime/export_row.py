"""One export's row: taken under its lock, moved by the table of states, told to the record."""

import uuid
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import Conflict, Missing
from identity.models import User
from ledger.events import Event
from ledger.log import record
from runtime import exports
from runtime.models import Export
from runtime.states import ExportState, may_move


def locked(export_id: uuid.UUID) -> Export:
    """The export under its row's lock, which orders what happens to it.

    Raises:
        Missing: there is none.
    """
    export = Export.objects.select_for_update(of=("self",)).select_related("requester").filter(pk=export_id)
    found = export.first()
    if found is None:
        raise Missing(_("There is no such export, or it is not yours."))
    return found


def alone(export_id: uuid.UUID) -> bool:
    """Take the export's lock until the transaction ends; False while a living run holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [exports.obj(export_id)])
        return bool(cursor.fetchone()[0])


def move(export: Export, state: ExportState, **values: Any) -> None:
    """Set the state and what goes with it.

    Raises:
        Conflict: the table of states knows no such way.
    """
    if not may_move(export.state, state):
        raise Conflict(_("This export has moved on: %(state)s.") % {"state": export.get_state_display()})
    export.state = state
    for name, value in values.items():
        setattr(export, name, value)
    export.save(update_fields=["state", *values])


def give_up(export_id: uuid.UUID, attempt: int, why: str) -> None:
    """Fail the run number `attempt`, if it is still the one that counts."""
    export = locked(export_id)
    if export.state == ExportState.RUNNING and export.attempt == attempt:
        delete_files(export)
        move(export, ExportState.FAILED, closed_at=timezone.now(), failure=why)
        note(Event.EXPORT_FAILED, export, by=None, facts={"why": why, "attempt": attempt})


def delete_files(export: Export) -> None:
    """Delete the file, one that was never told to be ready, and what killed runs left half-written."""
    for path in export.path.parent.glob(f"{export.pk}.*"):
        path.unlink(missing_ok=True)


def note(
    event: Event,
    export: Export,
    *,
    by: User | None,
    person: uuid.UUID | None = None,
    decision: uuid.UUID | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """One event about the export."""
    record(
        event,
        by=by,
        tenant=export.tenant_id,
        app=export.app,
        person=person,
        dataset=export.dataset,
        obj=exports.obj(export.pk),
        tags=export.tags,
        decision=decision or export.decision,
        facts=facts,
    )
