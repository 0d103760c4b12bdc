"""Databases are read by a worker, with progress; the login is sealed until then, and gone afterwards."""

import datetime as dt
import uuid

from celery import current_app
from django.db import transaction
from django.utils import timezone

from datacatalog.models import Dataset, ImportRun, Region
from datacatalog.permissions import check_import
from datacatalog.problems import BrokenFile, Problem
from datacatalog.services.imports import new_run, previewed, refused
from datacatalog.sources import sql
from datacatalog.sources.sql import Address
from identity.models import User
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record
from vault import keys

LOGIN = "login"  # the place of a sealed login
GIVEN_UP = dt.timedelta(minutes=15)  # a worker that takes longer is not coming back
TELL_EVERY = 10  # tables


@transaction.atomic
def start_database(*, by: User, address: Address, region: Region, samples: bool) -> ImportRun:
    """Let a worker read a database. `samples`: somebody agreed that a few values are looked at, and not kept.

    Raises:
        NotAllowed: the person may not import.
        KeysUnavailable: the login cannot be sealed.
    """
    check_import(by)
    for stale in ImportRun.objects.filter(
        state=ImportRun.State.READING, created_at__lt=timezone.now() - GIVEN_UP
    ):
        refused(stale, BrokenFile([Problem("database_slow")]))
    run = new_run(
        by, Dataset.Origin.SQL, f"{address.host or address.dialect}/{address.database}", b"", region
    )
    run.state, run.samples = ImportRun.State.READING, samples
    run.sealed = keys.encrypt(run.tenant_id, run.pk, LOGIN, run.pk, address.to_text())
    run.save(force_insert=True)
    args = [str(run.pk), str(run.tenant_id)]
    transaction.on_commit(lambda: current_app.send_task("datacatalog.tasks.read_database", args=args))
    return run


def read_database(*, run_id: uuid.UUID, tenant: uuid.UUID) -> None:
    """Read what `run_id` is about; again, or for one that is over, it does nothing.

    Each step is a transaction of its own, so that the progress shows and none stays open while a database
    is asked.
    """
    with tenant_scope(tenant):
        run = ImportRun.objects.filter(pk=run_id).first()
        if run is None or run.state != ImportRun.State.READING:
            return
        address = Address.of_text(keys.decrypt(tenant, run.pk, LOGIN, run.pk, bytes(run.sealed or b"")))

    def tell(done: int, total: int) -> None:
        if done % TELL_EVERY == 0 or done == total:
            with tenant_scope(tenant):
                ImportRun.objects.filter(pk=run_id).update(done=done, total=total)

    try:
        found = sql.read(address, samples=run.samples, tell=tell)
    except BrokenFile as broken:
        with tenant_scope(tenant):
            if locked := _still_reading(run_id):
                refused(locked, broken)
        return
    with tenant_scope(tenant):
        if locked := _still_reading(run_id):
            locked.sealed = None
            facts = {"dialect": address.dialect, "samples": locked.samples, "tables": len(found.objects)}
            record(Event.DATABASE_READ, by=locked.by, obj=f"import:{locked.pk}", facts=facts)
            previewed(locked, found)


def _still_reading(run_id: uuid.UUID) -> ImportRun | None:
    rows = ImportRun.objects.select_for_update(of=("self",)).select_related("by", "region")
    return rows.filter(pk=run_id, state=ImportRun.State.READING).first()
