"""Writes of the vault: a tenant's keys are made and rotated here, and nowhere else."""

import uuid

import tink
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from tink import aead, prf, proto_keyset_format, secret_key_access

from identity.errors import Conflict
from identity.models import User
from ledger.events import Event
from ledger.log import Actor, record
from vault import keys, kms, signing
from vault.errors import KeysUnavailable
from vault.kms.base import KmsError
from vault.models import StoredSecret, TenantKey
from vault.sealing import NO_APP, place

_TEMPLATES = {
    TenantKey.Purpose.FIELDS: aead.aead_key_templates.AES256_GCM,
    TenantKey.Purpose.INDEX: prf.prf_key_templates.HMAC_SHA256,
}


@transaction.atomic
def provision(*, by: Actor | None, tenant: uuid.UUID) -> list[TenantKey]:
    """Give `tenant` its key-encryption key and first data keys; run again, it makes only what is missing.

    Raises:
        KeysUnavailable: the KMS makes or wraps no keys now.
    """
    have = set(TenantKey.objects.filter(tenant=tenant).values_list("purpose", flat=True))
    missing = [purpose for purpose in TenantKey.Purpose if purpose not in have]
    if not missing:
        return []
    made = [_new_version(tenant, purpose, 1) for purpose in missing]
    record(
        Event.KEYS_PROVISIONED,
        by=by,
        tenant=tenant,
        facts={"purposes": [key.purpose for key in made], "kms": settings.KMS_DEFAULT},
    )
    return made


@transaction.atomic
def rotate(*, by: User | None, tenant: uuid.UUID) -> TenantKey:
    """From now on new values are sealed by a new key; the old versions go on opening theirs.

    Other processes follow within keys.CACHE_SECONDS, or at the first value sealed by the new key.
    The key of the blind indexes stays: changing it means computing every index again.

    Raises:
        KeysUnavailable: the tenant has no keys yet, or the KMS makes none now.
    """
    rows = TenantKey.objects.select_for_update().filter(tenant=tenant, purpose=TenantKey.Purpose.FIELDS)
    active = rows.filter(state=TenantKey.State.ACTIVE).first()
    if active is None:
        raise KeysUnavailable(_("This tenant has no keys yet. An admin has to set them up."))
    TenantKey.objects.filter(pk=active.pk).update(state=TenantKey.State.RETIRED, retired_at=Now())
    made = _new_version(tenant, TenantKey.Purpose.FIELDS, active.version + 1)
    record(
        Event.KEY_ROTATED,
        by=by,
        tenant=tenant,
        obj=f"tenant_key:{made.pk}",
        facts={"purpose": made.purpose, "version": made.version, "retired": active.version},
    )
    return made


@transaction.atomic
def announce_signing_key(*, by: Actor | None, tenant: uuid.UUID) -> TenantKey:
    """Make the key that is to sign next. Who verifies takes it up meanwhile; the one at hand signs on.

    Announced twice, it is the same key.

    Raises:
        KeysUnavailable: the tenant has no signing key yet, or the KMS makes none now.
    """
    active = _signing(tenant, TenantKey.State.ACTIVE)
    if active is None:
        raise KeysUnavailable(_("This tenant has no keys yet. An admin has to set them up."))
    if (known := _signing(tenant, TenantKey.State.NEXT)) is not None:
        return known
    made = _new_version(tenant, TenantKey.Purpose.SIGNING, active.version + 1, TenantKey.State.NEXT)
    facts = {"purpose": made.purpose, "version": made.version}
    record(Event.KEY_ANNOUNCED, by=by, tenant=tenant, obj=f"tenant_key:{made.pk}", facts=facts)
    return made


@transaction.atomic
def rotate_signing_key(*, by: Actor | None, tenant: uuid.UUID) -> TenantKey:
    """From now on the announced key signs, and the one before is retired.

    Raises:
        Conflict: none is announced.
    """
    before, after = _signing(tenant, TenantKey.State.ACTIVE), _signing(tenant, TenantKey.State.NEXT)
    if before is None or after is None:
        raise Conflict(_("Announce the next signing key first."))
    TenantKey.objects.filter(pk=before.pk).update(state=TenantKey.State.RETIRED, retired_at=Now())
    after.state = TenantKey.State.ACTIVE
    after.save(update_fields=["state"])
    record(
        Event.KEY_ROTATED,
        by=by,
        tenant=tenant,
        obj=f"tenant_key:{after.pk}",
        facts={"purpose": after.purpose, "version": after.version, "retired": before.version},
    )
    return after


def _signing(tenant: uuid.UUID, state: TenantKey.State) -> TenantKey | None:
    rows = TenantKey.objects.select_for_update().filter(tenant=tenant, purpose=TenantKey.Purpose.SIGNING)
    return rows.filter(state=state).first()


@transaction.atomic
def keep_secret(*, by: Actor | None, tenant: uuid.UUID, name: str, value: str) -> None:
    """Store `value` as the newest version of the tenant's secret `name`; older ones are deleted.

    Raises:
        KeysUnavailable: the tenant has no keys, or the KMS does not give them.
    """
    older = StoredSecret.objects.select_for_update().filter(tenant=tenant, name=name)
    newest = older.first()
    row = StoredSecret(tenant_id=tenant, name=name, version=newest.version + 1 if newest else 1)
    row.created_by = by.pk if by else None
    [row.sealed] = keys.encrypt_many(tenant, NO_APP, [(place(row), value)])
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


def _new_version(
    tenant: uuid.UUID,
    purpose: TenantKey.Purpose,
    version: int,
    state: TenantKey.State = TenantKey.State.ACTIVE,
) -> TenantKey:
    """One fresh key, wrapped before it touches the database."""
    key_id, raw = _material(purpose)
    row = TenantKey(
        tenant_id=tenant,
        purpose=purpose,
        version=version,
        key_id=key_id,
        state=state,
        kms=settings.KMS_DEFAULT,
        kek=f"tenant/{tenant}",
    )
    try:
        holder = kms.backend(row.kms)
        holder.create(row.kek)
        row.wrapped = holder.wrap(row.kek, raw, row.context)
    except KmsError:
        raise KeysUnavailable(_("The key service makes no keys right now.")) from None
    row.save(force_insert=True)
    keys.changed_here(tenant)
    return row


def _material(purpose: TenantKey.Purpose) -> tuple[int, bytes]:
    """A fresh key for `purpose` and its id."""
    if purpose is TenantKey.Purpose.SIGNING:
        return signing.generate()
    handle = tink.new_keyset_handle(_TEMPLATES[purpose])
    raw = proto_keyset_format.serialize(handle, secret_key_access.TOKEN)
    return handle.keyset_info().primary_key_id, raw
