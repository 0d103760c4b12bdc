"""Keys grow old: whoever looks after them is told once, when one should have been rotated."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record
from notices.kinds import Kind
from vault.models import KeyEncryptionKey, KeyImport
from vault.services.standing import tell
from vault.states import KekState

BATCH = 200


def old_since() -> datetime:
    """A key that was made before is old."""
    return timezone.now() - timedelta(days=settings.KEY_MOST_DAYS)


def sweep_ages() -> int:
    """Warn of each key that is old, once; and empty imports whose time is over. How many were warned of."""
    rows = KeyEncryptionKey.objects.using("sweeper").filter(state=KekState.ACTIVE, warned_at=None)
    old = list(rows.filter(created_at__lte=old_since()).values_list("pk", "tenant_id")[:BATCH])
    over = KeyImport.objects.using("sweeper").filter(used_at=None, expires_at__lte=timezone.now())
    over.exclude(private=b"").update(private=b"")
    return sum(_warn(kek, tenant) for kek, tenant in old)


def _warn(kek_id: uuid.UUID, tenant: uuid.UUID) -> int:
    with tenant_scope(tenant):
        row = KeyEncryptionKey.objects.select_for_update().filter(pk=kek_id, warned_at=None).first()
        if row is None or row.state != KekState.ACTIVE:
            return 0
        row.warned_at = timezone.now()
        row.save(update_fields=["warned_at"])
        days = (row.warned_at - row.created_at).days
        facts = {"purpose": row.purpose, "version": row.version, "days": days}
        record(Event.KEY_OLD, by=None, tenant=row.tenant_id, obj=row.obj, facts=facts)
        tell(Kind.KEY_OLD, row, key=str(row.pk))
        return 1
