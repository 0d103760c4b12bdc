"""The run of an export: decided again, begun on the record, written, told to be ready.

The start is committed before a value is read; the file is in place before "ready" is committed; and a run
holds an advisory lock that the database drops with its connection, so that the sweep knows a dead run from
a slow one (docs/adr/0057-exports.md).
"""

import datetime as dt
import logging
import os
import time
import uuid
from collections.abc import Iterator, Sequence

import redis
from django.core.cache import cache
from django.utils import timezone

from datacatalog.masking import Method
from identity.errors import DomainError
from identity.tenancy import tenant_scope
from ledger.events import Event
from policy.decision import Decision
from policy.errors import Refused
from runtime import exports, gateway, store
from runtime.csv_file import Writer
from runtime.disposal import overtaken
from runtime.export_row import alone, delete_files, give_up, locked, move, note
from runtime.exports import Subject
from runtime.live import LiveApp, LiveDataset, LiveField
from runtime.models import Export
from runtime.requester import RightLost, check_right
from runtime.states import ExportState
from vault.errors import KeysUnavailable

logger = logging.getLogger(__name__)

KEPT = dt.timedelta(days=7)
LOOK_SECONDS = 1  # between two looks at whether the person may still have it


def run_export(*, export_id: uuid.UUID, tenant: uuid.UUID) -> None:
    """Write the file of a queued export. May be called twice or late: one call does it."""
    with tenant_scope(tenant):
        begun = begin(export_id)
    if begun is None:
        return
    subject, decision = begun
    try:
        with tenant_scope(tenant):
            write(subject, decision)
    except RightLost as lost:
        with tenant_scope(tenant):
            give_up(export_id, subject.export.attempt, lost.why)
    except Exception as error:
        logger.exception("export %s failed", export_id)
        with tenant_scope(tenant):
            give_up(export_id, subject.export.attempt, _why(error))


def begin(export_id: uuid.UUID) -> tuple[Subject, Decision] | None:
    """Decide again and take the export for this run; None when there is nothing to write. Commit it first."""
    export = locked(export_id)
    if export.state != ExportState.QUEUED:
        return None
    try:
        subject = exports.subject_of(export)
        decision = exports.decide(subject, unattended=True)
    except DomainError as error:
        why = "policy" if isinstance(error, Refused) else "gone"
        kept = error.decision.id if isinstance(error, Refused) else None
        move(export, ExportState.REFUSED, closed_at=timezone.now(), failure=why)
        note(Event.EXPORT_REFUSED, export, by=None, decision=kept, facts={"why": why})
        return None
    move(
        export,
        ExportState.RUNNING,
        attempt=export.attempt + 1,
        started_at=timezone.now(),
        decision=decision.id,
        columns=exports.columns(subject, decision),
        watermarked=decision.obligations.watermark,
    )
    facts = {"attempt": export.attempt, "target": export.target, "raw": export.raw}
    note(Event.EXPORT_STARTED, export, by=None, person=export.requester_id, facts=facts)
    return subject, decision


def write(subject: Subject, decision: Decision) -> None:
    """Stream the rows into the file, then tell that it is ready; does nothing for a run overtaken."""
    export = subject.export
    if not alone(export.pk) or not _mine(export):
        return
    part = export.path.with_suffix(f".{export.attempt}.part")
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    delete_files(export)  # of runs before this one
    try:
        with open(part, "wb", opener=_private) as stream:
            writer = _fill(Writer(stream), subject, decision)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(export.path)
    finally:
        part.unlink(missing_ok=True)
    now = timezone.now()
    row = locked(export.pk)
    if not _mine(export):
        return
    check_right(export, subject.live)  # the last batch may have been long ago
    move(
        row,
        ExportState.READY,
        rows=writer.rows,
        size=writer.size,
        sha256=writer.sha256,
        closed_at=now,
        expires_at=now if overtaken(row) else now + KEPT,
    )
    facts = {"rows": writer.rows, "size": writer.size, "sha256": writer.sha256}
    note(Event.EXPORT_FINISHED, row, by=None, person=export.requester_id, facts=facts)


def _fill(writer: Writer, subject: Subject, decision: Decision) -> Writer:
    export, live, fields = subject.export, subject.live, subject.fields
    masks: dict[str, Method] = gateway.masks(decision, fields, clear=export.raw)
    with store.on(live):
        total = store.rows_of(live, subject.dataset).count()
    looked = time.monotonic()
    check_right(export, live)
    for rows in fill(writer, live, subject.dataset, fields, masks):
        if time.monotonic() - looked > LOOK_SECONDS:
            looked = time.monotonic()
            check_right(export, live)
            _tell(export.pk, rows, total)
    if export.watermarked:
        at = timezone.now().isoformat(timespec="seconds")
        writer.mark(exports.watermark(export, export.requester, at))
    return writer


def fill(
    writer: Writer, live: LiveApp, dataset: LiveDataset, fields: Sequence[LiveField], masks: store.Masks
) -> Iterator[int]:
    """Write the header and all rows, masked; how many there are by now, batch by batch."""
    writer.header([item.label for item in fields])
    with store.on(live):
        for columns in store.stream(live, dataset, fields, masks):
            writer.columns(columns)
            yield writer.rows


def _why(error: Exception) -> str:
    if isinstance(error, KeysUnavailable):
        return "keys"
    return "storage" if isinstance(error, OSError) else "error"


def _mine(export: Export) -> bool:
    """Whether the run that `export` was begun by is still the one that counts."""
    return Export.objects.filter(pk=export.pk, state=ExportState.RUNNING, attempt=export.attempt).exists()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def progress_key(export_id: uuid.UUID) -> str:
    """Where a run tells how far it is."""
    return f"runtime:export:{export_id}"


def _tell(export_id: uuid.UUID, done: int, total: int) -> None:
    try:
        cache.set(progress_key(export_id), (done, total), timeout=600)
    except redis.RedisError:
        logger.warning("the progress of an export is not shown: Redis is away")
