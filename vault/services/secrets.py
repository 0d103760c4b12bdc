"""What an admin gives to keep: stored sealed, replaced whole, deleted."""

import uuid

from django.db import transaction

from ledger.events import Event
from ledger.log import Actor, record
from vault import keys
from vault.models import StoredSecret, TenantKey
from vault.sealing import place
from vault.services.provisioning import provision


@transaction.atomic
def keep_secret(*, by: Actor | None, tenant: uuid.UUID, name: str, value: str) -> None:
    """Store `value` as the newest version of the tenant's secret `name`; older ones are deleted.

    Raises:
        KeysUnavailable: the tenant has no keys, or the KMS does not give them.
    """
    _ready(by, tenant)
    older = StoredSecret.objects.select_for_update().filter(tenant=tenant, name=name)
    newest = older.first()
    row = StoredSecret(tenant_id=tenant, name=name, version=newest.version + 1 if newest else 1)
    row.created_by = by.pk if by else None
    row.sealed = keys.encrypt_secret(tenant, place(row), value)
    older.delete()
    row.save(force_insert=True)
    record(
        Event.SECRET_KEPT,
        by=by,
        tenant=tenant,
        obj=f"secret:{row.pk}",
        facts={"name": name, "version": row.version},
    )


@transaction.atomic
def drop_secret(*, by: Actor | None, tenant: uuid.UUID, name: str) -> None:
    """Delete the tenant's secret `name`, if there is one."""
    gone, _kinds = StoredSecret.objects.filter(tenant=tenant, name=name).delete()
    if gone:
        record(Event.SECRET_DROPPED, by=by, tenant=tenant, facts={"name": name})


def reseal_secrets(*, by: Actor | None, tenant: uuid.UUID) -> int:
    """Put under the keys of secrets what was sealed by keys of field values; how many that were.

    Part of a transaction that takes those keys out of the portal's own hands.
    """
    _ready(by, tenant)
    moved = 0
    for row in StoredSecret.objects.select_for_update().filter(tenant=tenant):
        if keys.key_version(tenant, bytes(row.sealed)) is not None:
            value = keys.decrypt_secret(tenant, place(row), bytes(row.sealed))
            StoredSecret.objects.filter(pk=row.pk).update(
                sealed=keys.encrypt_secret(tenant, place(row), value)
            )
            moved += 1
    return moved


def _ready(by: Actor | None, tenant: uuid.UUID) -> None:
    """A tenant from before secrets had keys of their own gets one; who has none at all is told so later."""
    purposes = set(TenantKey.objects.filter(tenant=tenant).values_list("purpose", flat=True))
    if purposes and TenantKey.Purpose.SECRETS not in purposes:
        provision(by=by, tenant=tenant)
