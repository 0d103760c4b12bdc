"""What takes long is read by a worker, with progress: databases, and large descriptions of APIs.

What the worker needs, a login or the description, is sealed with the run until it is read, and then gone.
"""

import datetime as dt
import uuid

from celery import current_app
from django.db import transaction
from django.utils import timezone

from datacatalog.models import Dataset, ImportRun, Region
from datacatalog.permissions import check_import
from datacatalog.problems import BrokenFile, Problem
from datacatalog.services.imports import new_run, preview_import, previewed, refused
from datacatalog.sources import openapi, sql
from datacatalog.sources.base import Source
from datacatalog.sources.sql import Address
from datacatalog.sources.sql.address import Tell
from identity.models import User
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record
from vault import keys

Origin = Dataset.Origin
WAITING = "waiting"  # the place of what a worker needs, among the tenant's sealed values
AT_ONCE = 1024 * 1024  # bytes of a description that a request has time for
GIVEN_UP = dt.timedelta(minutes=15)  # a worker that takes longer is not coming back
TELL_EVERY = 10  # tables or operations


@transaction.atomic
def start_database(*, by: User, address: Address, region: Region, samples: bool) -> ImportRun:
    """Let a worker read a database. `samples`: somebody agreed that a few values are looked at, and not kept.

    Raises:
        NotAllowed: the person may not import.
        KeysUnavailable: the login cannot be sealed.
    """
    check_import(by)
    run = new_run(by, Origin.SQL, f"{address.host or address.dialect}/{address.database}", b"", region)
    run.samples = samples
    return _waiting(run, address.to_text())


@transaction.atomic
def preview_file(
    *, by: User, kind: str, file_name: str, content: bytes, region: Region, source: str = ""
) -> ImportRun:
    """Like preview_import; a large description of an API is left to a worker, a table never: it holds values.

    Raises:
        NotAllowed: the person may not import.
    """
    if kind != Origin.OPENAPI or len(content) <= AT_ONCE:
        return preview_import(
            by=by, kind=kind, file_name=file_name, content=content, region=region, source=source
        )
    check_import(by)
    run = new_run(by, kind, file_name, content, region)
    run.contract_id = source
    try:
        return _waiting(run, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return refused(run, BrokenFile([Problem("not_utf8", line)]))


def _waiting(run: ImportRun, text: str) -> ImportRun:
    given_up = timezone.now() - GIVEN_UP
    for stale in ImportRun.objects.filter(state=ImportRun.State.READING, created_at__lt=given_up):
        refused(stale, BrokenFile([Problem("too_slow")]))
    run.state = ImportRun.State.READING
    run.sealed = keys.encrypt(run.tenant_id, run.pk, WAITING, run.pk, text)
    run.save(force_insert=True)
    args = [str(run.pk), str(run.tenant_id)]
    transaction.on_commit(lambda: current_app.send_task("datacatalog.tasks.read_source", args=args))
    return run


def read_waiting(*, run_id: uuid.UUID, tenant: uuid.UUID) -> None:
    """Read what `run_id` is about; again, or for one that is over, it does nothing.

    Each step is a transaction of its own, so that the progress shows and none stays open while a database
    is asked.
    """
    with tenant_scope(tenant):
        run = ImportRun.objects.filter(pk=run_id).first()
        if run is None or run.state != ImportRun.State.READING:
            return
        text = keys.decrypt(tenant, run.pk, WAITING, run.pk, bytes(run.sealed or b""))

    def tell(done: int, total: int) -> None:
        if done % TELL_EVERY == 0 or done == total:
            with tenant_scope(tenant):
                ImportRun.objects.filter(pk=run_id).update(done=done, total=total)

    try:
        found = _read(run, text, tell)
    except BrokenFile as broken:
        with tenant_scope(tenant):
            if locked := _still_reading(run_id):
                refused(locked, broken)
        return
    with tenant_scope(tenant):
        if locked := _still_reading(run_id):
            locked.sealed = None
            if locked.kind == Origin.SQL:
                facts = {"samples": locked.samples, "tables": len(found.objects)}
                record(Event.DATABASE_READ, by=locked.by, obj=f"import:{locked.pk}", facts=facts)
            previewed(locked, found)


def _read(run: ImportRun, text: str, tell: Tell) -> Source:
    if run.kind == Origin.SQL:
        return sql.read(Address.of_text(text), samples=run.samples, tell=tell)
    return openapi.read(text.encode(), run.contract_id, tell)


def _still_reading(run_id: uuid.UUID) -> ImportRun | None:
    rows = ImportRun.objects.select_for_update(of=("self",)).select_related("by", "region")
    return rows.filter(pk=run_id, state=ImportRun.State.READING).first()
