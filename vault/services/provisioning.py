"""A tenant's data keys are made and rotated here, and nowhere else; also the first keys that wrap them."""

import uuid

import tink
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from tink import aead, prf, proto_keyset_format, secret_key_access

from identity.errors import Conflict
from identity.models import User
from identity.services import note_own_key
from ledger.events import Event
from ledger.log import Actor, record
from vault import keys, kms, rings, signing, uses
from vault.errors import KeysUnavailable
from vault.kms.base import KmsError
from vault.locks import alone
from vault.models import KeyEncryptionKey, TenantKey
from vault.selectors import own_key_wraps

_TEMPLATES = {
    TenantKey.Purpose.FIELDS: aead.aead_key_templates.AES256_GCM,
    TenantKey.Purpose.INDEX: prf.prf_key_templates.HMAC_SHA256,
    TenantKey.Purpose.SECRETS: aead.aead_key_templates.AES256_GCM,
}
# data key -> the key-encryption key that wraps it
WRAPPED_BY = {
    TenantKey.Purpose.FIELDS: KeyEncryptionKey.Purpose.DATA,
    TenantKey.Purpose.INDEX: KeyEncryptionKey.Purpose.DATA,
    TenantKey.Purpose.SECRETS: KeyEncryptionKey.Purpose.SECRETS,
    TenantKey.Purpose.SIGNING: KeyEncryptionKey.Purpose.SIGNING,
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
    made = [new_version(tenant, purpose, 1) for purpose in missing]
    record(
        Event.KEYS_PROVISIONED,
        by=by,
        tenant=tenant,
        facts={"purposes": [key.purpose for key in made], "kms": settings.KMS_DEFAULT},
    )
    return made


@transaction.atomic
def provision_app(*, by: Actor | None, tenant: uuid.UUID, app: uuid.UUID) -> TenantKey | None:
    """Give `app` a key of its own for its field values; None if it has one, or its tenant has none yet.

    Values that were sealed before by the key that all apps share go on opening.

    Raises:
        KeysUnavailable: the tenant's key is switched off, or the KMS wraps none now.
    """
    fields = TenantKey.objects.filter(tenant=tenant, purpose=TenantKey.Purpose.FIELDS)
    holders = set(fields.filter(state=TenantKey.State.ACTIVE).values_list("app", flat=True))
    if None not in holders or app in holders:
        return None
    mine = fields.filter(app=app)
    made = new_version(tenant, TenantKey.Purpose.FIELDS, mine.count() + 1, app=app)
    record(
        Event.KEYS_PROVISIONED,
        by=by,
        tenant=tenant,
        app=app,
        facts={"purposes": [made.purpose], "kms": made.kek.kms},
    )
    return made


@transaction.atomic
def begin_anew(*, by: Actor | None, tenant: uuid.UUID) -> list[TenantKey]:
    """New keys for new data, after those before were destroyed. What they sealed stays unreadable.

    Raises:
        Conflict: there are keys.
        KeysUnavailable: the KMS makes none now.
    """
    alone(tenant, KeyEncryptionKey.Purpose.DATA)
    rows = KeyEncryptionKey.objects.filter(tenant=tenant, purpose=KeyEncryptionKey.Purpose.DATA)
    if rows.exclude(state=KeyEncryptionKey.State.DESTROYED).exists():
        raise Conflict(_("There are keys; only after they were destroyed new ones are made."))
    kek = new_kek(tenant, KeyEncryptionKey.Purpose.DATA, by=by)
    versions = TenantKey.objects.filter(tenant=tenant, app=None)
    made = [
        new_version(tenant, purpose, versions.filter(purpose=purpose).count() + 1)
        for purpose in (TenantKey.Purpose.FIELDS, TenantKey.Purpose.INDEX)
    ]
    facts = {"purposes": [key.purpose for key in made], "kms": kek.kms}
    record(Event.KEYS_PROVISIONED, by=by, tenant=tenant, obj=kek.obj, facts=facts)
    return made


@transaction.atomic
def rotate(*, by: User | None, tenant: uuid.UUID) -> TenantKey:
    """From now on new values are sealed by a new key; the old versions go on opening theirs.

    Other processes follow at once (vault/eviction.py). Keys that apps have of their own stay.
    The key of the blind indexes stays: changing it means computing every index again.

    Raises:
        KeysUnavailable: the tenant has no keys yet, or the KMS makes none now.
    """
    rows = TenantKey.objects.select_for_update().filter(
        tenant=tenant, purpose=TenantKey.Purpose.FIELDS, app=None
    )
    active = rows.filter(state=TenantKey.State.ACTIVE).first()
    if active is None:
        raise KeysUnavailable(_("This tenant has no keys yet. An admin has to set them up."))
    TenantKey.objects.filter(pk=active.pk).update(state=TenantKey.State.RETIRED, retired_at=Now())
    made = new_version(tenant, TenantKey.Purpose.FIELDS, active.version + 1)
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
    made = new_version(tenant, TenantKey.Purpose.SIGNING, active.version + 1, TenantKey.State.NEXT)
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


def kek_of(tenant: uuid.UUID, purpose: KeyEncryptionKey.Purpose) -> KeyEncryptionKey:
    """The key that wraps new data keys of `purpose` now; made if there never was one.

    Raises:
        KeyDisabled: it is switched off, or destroyed.
        KeysUnavailable: the KMS makes none now.
    """
    alone(tenant, purpose)
    rows = list(KeyEncryptionKey.objects.filter(tenant=tenant, purpose=purpose))
    active = [row for row in rows if row.state == KeyEncryptionKey.State.ACTIVE]
    row = active[0] if active else rows[0] if rows else new_kek(tenant, purpose)
    rings.check_usable(row)
    return row


def changed(tenant: uuid.UUID) -> None:
    """Part of each change of key-encryption keys: no process keeps what it had, and the tenant's row tells
    whether its own key is above its data."""
    keys.changed_here(tenant)
    note_own_key(tenant=tenant, brings=own_key_wraps(tenant))


def new_kek(
    tenant: uuid.UUID, purpose: KeyEncryptionKey.Purpose, *, by: Actor | None = None, key: bytes = b""
) -> KeyEncryptionKey:
    """The next version: made by the KMS, or `key` given to it. Whoever calls has retired the one before.

    Raises:
        KeysUnavailable: the KMS makes or takes none now.
    """
    known = KeyEncryptionKey.objects.filter(tenant=tenant, purpose=purpose)
    version = (known.aggregate(Max("version"))["version__max"] or 0) + 1
    row = KeyEncryptionKey(
        tenant_id=tenant,
        purpose=purpose,
        version=version,
        kms=settings.KMS_DEFAULT,
        created_by=by.pk if by else None,
    )
    row.name = (
        f"tenant/{tenant}/{purpose}/{row.pk.hex}"  # a new one each time: a roll-back leaves none to reuse
    )
    try:
        holder = kms.backend(row.kms)
        if key:
            holder.import_key(row.name, key)
            row.origin = KeyEncryptionKey.Origin.IMPORTED
        else:
            holder.create(row.name)
    except KmsError:
        raise KeysUnavailable(_("The key service makes no keys right now.")) from None
    row.save(force_insert=True)
    return row


def new_version(
    tenant: uuid.UUID,
    purpose: TenantKey.Purpose,
    version: int,
    state: TenantKey.State = TenantKey.State.ACTIVE,
    *,
    app: uuid.UUID | None = None,
) -> TenantKey:
    """One fresh key, wrapped before it touches the database."""
    key_id, raw = _material(purpose)
    row = TenantKey(
        tenant_id=tenant,
        purpose=purpose,
        version=version,
        key_id=key_id,
        state=state,
        app=app,
        kek=kek_of(tenant, WRAPPED_BY[purpose]),
    )
    try:
        row.wrapped = kms.backend(row.kek.kms).wrap(row.kek.name, raw, row.context)
    except KmsError:
        raise KeysUnavailable(_("The key service makes no keys right now.")) from None
    uses.note(tenant, row.kek.purpose, kms_calls=1)
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
