"""Unwrapped data keys, kept in memory for a while: a ring a tenant and app (S3).

Nothing here is ever logged or printed. What is kept goes when any process changes the tenant's keys
(vault/eviction.py), and is never kept from a transaction that has changed them and may yet roll back.
"""

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import tink
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from tink import aead, core, prf, proto_keyset_format, secret_key_access
from tink.proto import tink_pb2

from identity.tenancy import current_tenant
from vault import eviction, kms, uses
from vault.errors import KeyDisabled, KeysUnavailable
from vault.kms.base import KmsError
from vault.models import KeyEncryptionKey, TenantKey

MOST_RINGS = 5000
TINK_PREFIX = b"\x01"
HEADER_BYTES = 5  # Tink's prefix and the key's id
DATA = KeyEncryptionKey.Purpose.DATA.value
SECRETS = KeyEncryptionKey.Purpose.SECRETS.value

aead.register()
prf.register()


@dataclass(frozen=True)
class Slot:
    """Whose ring: the keys of `app` and those that all apps of the tenant share, or those of secrets."""

    tenant: uuid.UUID
    app: uuid.UUID | None = None
    purpose: str = DATA


@dataclass(frozen=True)
class Ring:
    """Unwrapped keys. Its parts have no readable form."""

    sealer: aead.Aead = field(repr=False)
    openers: Mapping[bytes, aead.Aead] = field(repr=False)  # by what a ciphertext begins with
    indexer: prf.Prf | None = field(repr=False)
    loaded: float


_rings: OrderedDict[Slot, Ring] = OrderedDict()
_lock = threading.Lock()
# tenant -> the top-level transaction that is changing its keys (or that was rolled back doing so)
_uncommitted: dict[uuid.UUID, str] = {}


def ring(slot: Slot) -> Ring:
    """The keys of `slot`.

    Raises:
        KeyDisabled: an admin has switched the tenant's key off, or it is destroyed.
        KeysUnavailable: another tenant is at hand, there are no keys, or the KMS does not give them.
    """
    if current_tenant() != slot.tenant:
        raise KeysUnavailable(_("Keys are used for the tenant at hand alone."))
    known = _rings.get(slot)
    if known is not None and listener.good(known.loaded):
        return known
    listener.begin()
    epoch = listener.epoch
    made = _load(slot)
    if _committed_as_seen(slot.tenant):
        _keep(slot, made, epoch)
    return made


def evict(tenant: uuid.UUID | None) -> None:
    """Forget the keys of `tenant`, or of all, in this process: the next use asks the KMS again."""
    with _lock:
        for slot in [slot for slot in _rings if tenant is None or slot.tenant == tenant]:
            del _rings[slot]


def changed_here(tenant: uuid.UUID) -> None:
    """The transaction at hand has written keys: until it commits, what it sees is not kept.

    A key that sealed values and then went down with a roll-back would leave them closed for good.
    """
    evict(tenant)
    with _lock:
        _uncommitted[tenant] = _transaction_id()
    transaction.on_commit(lambda: _committed(tenant))


def check_usable(kek: KeyEncryptionKey) -> None:
    """Raise KeyDisabled unless what `kek` wrapped may be opened."""
    if not kek.usable:
        raise KeyDisabled(_("Your company has switched off the key to this data. Nothing of it can be read."))


def _committed_as_seen(tenant: uuid.UUID) -> bool:
    """Whether what this transaction sees of the tenant's keys is what others see."""
    return tenant not in _uncommitted or _uncommitted[tenant] != _transaction_id()


def _committed(tenant: uuid.UUID) -> None:
    with _lock:
        _uncommitted.pop(tenant, None)
    evict(tenant)


def _keep(slot: Slot, made: Ring, epoch: int) -> None:
    with _lock:
        if listener.epoch == epoch:  # else a key has changed since it was read
            _rings[slot] = made
            _rings.move_to_end(slot)
            while len(_rings) > MOST_RINGS:
                _rings.popitem(last=False)


def _load(slot: Slot) -> Ring:
    loaded = time.monotonic()  # before the rows are read: their age counts from here
    rows = list(_rows(slot))
    seals = [row for row in rows if row.purpose != TenantKey.Purpose.INDEX]
    index = [row for row in rows if row.purpose == TenantKey.Purpose.INDEX]
    if not seals or not (index or slot.purpose == SECRETS):
        raise KeysUnavailable(_("This tenant has no keys yet. An admin has to set them up."))
    for row in rows:
        check_usable(row.kek)
    try:
        sealing = _keyset(seals)
        sealer = _handle(sealing).primitive(aead.Aead)
        indexer = _handle(_keyset(index)).primitive(prf.PrfSet).primary() if index else None
    except KmsError:
        raise KeysUnavailable(_("The key service does not give out this tenant's keys.")) from None
    openers = {
        TINK_PREFIX + key.key_id.to_bytes(4, "big"): core.Registry.primitive(key.key_data, aead.Aead)
        for key in sealing.key
    }
    uses.note(slot.tenant, slot.purpose, kms_calls=len(rows))
    return Ring(sealer, openers, indexer, loaded)


def _rows(slot: Slot) -> Sequence[TenantKey]:
    rows = TenantKey.objects.filter(tenant=slot.tenant).select_related("kek")
    rows = rows.exclude(state=TenantKey.State.DESTROYED)
    if slot.purpose == SECRETS:
        return list(rows.filter(purpose=TenantKey.Purpose.SECRETS))
    mine = Q(app=None) if slot.app is None else Q(app=None) | Q(app=slot.app)
    return list(rows.filter(mine, purpose__in=[TenantKey.Purpose.FIELDS, TenantKey.Purpose.INDEX]))


def _keyset(rows: Sequence[TenantKey]) -> tink_pb2.Keyset:
    """All versions in one keyset; the active one seals, an app's own before the one that all share."""
    keyset = tink_pb2.Keyset()
    for row in sorted(rows, key=lambda row: row.app is not None):
        raw = kms.backend(row.kek.kms).unwrap(row.kek.name, bytes(row.wrapped), row.context)
        keyset.key.extend(tink_pb2.Keyset.FromString(raw).key)
        if row.state == TenantKey.State.ACTIVE:
            keyset.primary_key_id = row.key_id
    return keyset


def _handle(keyset: tink_pb2.Keyset) -> tink.KeysetHandle:
    return proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)


def _transaction_id() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        return str(cursor.fetchone()[0])


def _forget(tenant: str) -> None:
    evict(uuid.UUID(tenant) if tenant else None)


listener = eviction.Listener(_forget)
eviction.register(listener)
