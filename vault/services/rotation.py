"""Another key-encryption key, and every data key under it: online, in batches, by whoever comes along (S3).

The new key wraps from the commit of rotate_kek() on. What the old one wrapped opens all the while, since each
data key says by which key it is wrapped; old keys stay with the KMS, for back-ups of the database need them.
"""

import logging
import uuid
from datetime import timedelta

from celery import current_app as celery
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import Conflict
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record
from vault import kms, rings, uses
from vault.errors import KeysUnavailable
from vault.kms.base import KmsError
from vault.locks import alone
from vault.models import KeyEncryptionKey, Rewrap, TenantKey
from vault.services.provisioning import changed, new_kek
from vault.states import may_move

BATCH = 200
SWEEP_BATCH = 50
STALE_SECONDS = 60  # a step takes a second; a job that has not moved for so long has lost its worker
REWRAP_TASK = "vault.rewrap"

logger = logging.getLogger(__name__)


@transaction.atomic
def rotate_kek(*, by: Actor | None, tenant: uuid.UUID, purpose: KeyEncryptionKey.Purpose) -> Rewrap:
    """A new key made by the KMS wraps from now on, and a worker puts all data keys under it.

    Raises:
        Conflict: the data keys are still on their way from the rotation before.
        KeyDisabled: the key is switched off or destroyed.
        KeysUnavailable: the tenant has no such key, or the KMS makes none now.
    """
    job, before = replace_kek(by=by, tenant=tenant, purpose=purpose)
    record(
        Event.KEY_ROTATED,
        by=by,
        tenant=tenant,
        obj=job.kek.obj,
        facts={
            "purpose": purpose.value,
            "version": job.kek.version,
            "retired": before.version,
            "wraps": True,
        },
    )
    return job


def replace_kek(
    *, by: Actor | None, tenant: uuid.UUID, purpose: KeyEncryptionKey.Purpose, key: bytes = b""
) -> tuple[Rewrap, KeyEncryptionKey]:
    """Part of a rotation or an import: the job, and the key that was active until now."""
    alone(tenant, purpose)
    rows = KeyEncryptionKey.objects.filter(tenant=tenant, purpose=purpose)
    before = rows.filter(state=KeyEncryptionKey.State.ACTIVE).first()
    if before is None or not may_move(before.state, KeyEncryptionKey.State.RETIRED):
        raise KeysUnavailable(_("This tenant has no such key, or it was destroyed."))
    rings.check_usable(before)
    if Rewrap.objects.filter(kek__in=rows, finished_at=None).exists():
        raise Conflict(_("The data keys are still being wrapped anew. Wait until that is done."))
    before.state, before.retired_at = KeyEncryptionKey.State.RETIRED, timezone.now()
    before.save(update_fields=["state", "retired_at"])
    made = new_kek(tenant, purpose, by=by, key=key)
    total = _left(made).count()
    job = Rewrap.objects.create(tenant_id=tenant, kek=made, total=total)
    changed(tenant)
    queue_rewrap(job)
    return job, before


def run_rewrap(*, job_id: uuid.UUID, tenant: uuid.UUID) -> bool:
    """Take all that is left to its new key; True when nothing is. Safe to run twice, at once or after a kill.

    Raises:
        KeysUnavailable: the key is switched off, or the KMS is away; the sweep comes back to it.
    """
    while True:
        with tenant_scope(tenant):
            moved = _step(job_id)
        if moved == 0:
            return True


def sweep_rewraps(older_than: int = STALE_SECONDS) -> int:
    """Queue again what has not moved for `older_than` seconds; how many those were."""
    before = timezone.now() - timedelta(seconds=older_than)
    rows = Rewrap.objects.using("sweeper").filter(finished_at=None, moved_at__lte=before)
    found = list(rows.order_by("moved_at").values_list("pk", "tenant_id")[:SWEEP_BATCH])
    for job, tenant in found:
        celery.send_task(REWRAP_TASK, args=[str(job), str(tenant)])
    return len(found)


def queue_rewrap(job: Rewrap) -> None:
    """Hand it to a worker once it is committed."""
    arguments = [str(job.pk), str(job.tenant_id)]
    transaction.on_commit(lambda: celery.send_task(REWRAP_TASK, args=arguments) and None)


def _step(job_id: uuid.UUID) -> int:
    """One batch; how many keys it moved."""
    job = Rewrap.objects.select_for_update(of=("self",)).select_related("kek").filter(pk=job_id).first()
    if job is None or job.finished_at is not None:
        return 0
    rings.check_usable(job.kek)
    rows = list(_left(job.kek).select_for_update(of=("self",)).select_related("kek").order_by("pk")[:BATCH])
    for row in rows:
        _wrap_anew(row, job.kek)
    TenantKey.objects.bulk_update(rows, ["kek", "wrapped"])
    job.done = min(job.done + len(rows), job.total)
    job.moved_at = timezone.now()
    if not rows:
        job.finished_at = job.moved_at
        _note_finished(job)
    job.save(update_fields=["done", "moved_at", "finished_at"])
    return len(rows)


def _wrap_anew(row: TenantKey, kek: KeyEncryptionKey) -> None:
    rings.check_usable(row.kek)
    try:
        raw = kms.backend(row.kek.kms).unwrap(row.kek.name, bytes(row.wrapped), row.context)
        row.wrapped = kms.backend(kek.kms).wrap(kek.name, raw, row.context)
    except KmsError:
        raise KeysUnavailable(_("The key service does not give out this tenant's keys.")) from None
    row.kek = kek
    uses.note(row.tenant_id, kek.purpose, kms_calls=2)


def _left(kek: KeyEncryptionKey) -> "QuerySet[TenantKey]":
    rows = TenantKey.objects.filter(tenant=kek.tenant_id, kek__purpose=kek.purpose)
    return rows.exclude(kek=kek).exclude(state=TenantKey.State.DESTROYED)


def _note_finished(job: Rewrap) -> None:
    record(
        Event.KEY_REWRAPPED,
        by=None,
        tenant=job.tenant_id,
        obj=job.kek.obj,
        facts={"purpose": job.kek.purpose, "version": job.kek.version, "data_keys": job.done},
    )
