"""Field values sealed under the tenant's own keys, and blind indexes to find them by (D8).

A ciphertext is Tink's: one byte 0x01, four bytes id of the key, then AES-256-GCM; so it says itself which
version opens it. Its associated data is `tenant|app|field|record`: copied to another field or row it does
not open. See docs/adr/0040-field-keys.md for why and for what a blind index gives away.
"""

import threading
import time
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import tink
from django.db import connection, transaction
from django.utils.translation import gettext as _
from tink import aead, core, prf, proto_keyset_format, secret_key_access
from tink.proto import tink_pb2

from identity.tenancy import current_tenant
from vault import kms
from vault.errors import CannotDecrypt, KeysUnavailable
from vault.kms.base import KmsError
from vault.models import TenantKey

CACHE_SECONDS = 300
INDEX_BYTES = 32
TINK_PREFIX = b"\x01"
HEADER_BYTES = 5  # Tink's prefix: version byte and key id

aead.register()
prf.register()


@dataclass(frozen=True)
class Place:
    """Where a value lives: which field of which record."""

    field: str
    record: uuid.UUID | str


@dataclass(frozen=True)
class _Ring:
    """A tenant's unwrapped keys. Never logged: its parts have no readable form."""

    sealer: aead.Aead = field(repr=False)
    openers: Mapping[bytes, aead.Aead] = field(repr=False)  # by what a ciphertext begins with
    indexer: prf.Prf = field(repr=False)
    expires: float


_rings: dict[uuid.UUID, _Ring] = {}
_lock = threading.Lock()
# tenant -> the top-level transaction that is changing its keys (or that was rolled back doing so)
_uncommitted: dict[uuid.UUID, str] = {}


def encrypt(tenant: uuid.UUID, app: uuid.UUID, field: str, record: uuid.UUID, plaintext: str) -> bytes:
    """`plaintext` sealed for this place.

    Raises:
        KeysUnavailable: the tenant has no keys, or the KMS does not give them.
    """
    return encrypt_many(tenant, app, [(Place(field, record), plaintext)])[0]


def decrypt(tenant: uuid.UUID, app: uuid.UUID, field: str, record: uuid.UUID, ciphertext: bytes) -> str:
    """What was sealed for this place.

    Raises:
        CannotDecrypt: another place, another tenant, or altered bytes.
        KeysUnavailable: the tenant has no keys, or the KMS does not give them.
    """
    return decrypt_many(tenant, app, [(Place(field, record), ciphertext)])[0]


def encrypt_many(tenant: uuid.UUID, app: uuid.UUID, items: Iterable[tuple[Place, str]]) -> list[bytes]:
    """Like encrypt(), with one look-up of the keys for all."""
    seal = _ring(tenant).sealer.encrypt
    return [seal(text.encode(), _context(tenant, app, place)) for place, text in items]


def decrypt_many(tenant: uuid.UUID, app: uuid.UUID, items: Sequence[tuple[Place, bytes]]) -> list[str]:
    """Like decrypt(), with one look-up of the keys for all; one that does not open refuses all."""
    contexts = [_context(tenant, app, place) for place, _sealed in items]
    return _open(tenant, [sealed for _place, sealed in items], contexts)


def decrypt_column(
    tenant: uuid.UUID, app: uuid.UUID, field: str, records: Sequence[bytes], sealed: Sequence[bytes]
) -> list[str]:
    """Like decrypt_many() for one field of many records; `records` are their ids as ASCII text, which is what
    the associated data is made of."""
    prefix = _context(tenant, app, Place(field, ""))
    return _open(tenant, sealed, [prefix + record for record in records])


def _open(tenant: uuid.UUID, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[str]:
    """Each by the key that its header names: half the time of trying Tink's whole keyset (ADR 0093)."""
    headers = {box[:HEADER_BYTES] for box in sealed}
    openers = _ring(tenant).openers
    if headers - openers.keys():
        evict(tenant)  # sealed by a version that another process has added since
        openers = _ring(tenant).openers
    try:
        if len(headers) == 1:
            unseal = openers[headers.pop()].decrypt
            return [
                unseal(box[HEADER_BYTES:], context).decode()
                for box, context in zip(sealed, contexts, strict=True)
            ]
        return [
            openers[box[:HEADER_BYTES]].decrypt(box[HEADER_BYTES:], context).decode()
            for box, context in zip(sealed, contexts, strict=True)
        ]
    except (tink.TinkError, KeyError):
        raise CannotDecrypt(
            _("A stored value does not belong where it was found. Nothing is shown.")
        ) from None


def blind_index(tenant: uuid.UUID, dataset: uuid.UUID, field: str, value: str) -> bytes:
    """A keyed fingerprint by which equal values of one field are found without opening any.

    Values are equal when they are after normalise(). The same value in another field, dataset or
    tenant has an unrelated fingerprint.

    Raises:
        KeysUnavailable: the tenant has no keys, or the KMS does not give them.
    """
    return blind_indexes(tenant, dataset, field, [value])[0]


def blind_indexes(tenant: uuid.UUID, dataset: uuid.UUID, field: str, values: Iterable[str]) -> list[bytes]:
    """Like blind_index(), with one look-up of the keys for all."""
    compute = _ring(tenant).indexer.compute
    prefix = dataset.bytes + field.encode() + b"\0"
    return [compute(prefix + normalise(value).encode(), INDEX_BYTES) for value in values]


def normalise(value: str) -> str:
    """The form in which values are compared: NFKC, case folded, runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def key_version(tenant: uuid.UUID, ciphertext: bytes) -> int | None:
    """The version of the tenant's key that sealed `ciphertext`; None for one that is not theirs."""
    rows = TenantKey.objects.filter(tenant=tenant, purpose=TenantKey.Purpose.FIELDS)
    return rows.filter(key_id=_key_id(ciphertext)).values_list("version", flat=True).first()


def evict(tenant: uuid.UUID) -> None:
    """Forget the tenant's keys in this process: the next use asks the KMS again."""
    with _lock:
        _rings.pop(tenant, None)


def changed_here(tenant: uuid.UUID) -> None:
    """The transaction at hand has written keys: until it commits, what it sees is not kept.

    A key that sealed values and then went down with a roll-back would leave them closed for good.
    """
    with _lock:
        _rings.pop(tenant, None)
        _uncommitted[tenant] = _transaction_id()
    transaction.on_commit(lambda: _committed(tenant))


def _committed(tenant: uuid.UUID) -> None:
    with _lock:
        _rings.pop(tenant, None)
        _uncommitted.pop(tenant, None)


def _ring(tenant: uuid.UUID) -> _Ring:
    if current_tenant() != tenant:
        raise KeysUnavailable(_("Keys are used for the tenant at hand alone."))
    cached = _rings.get(tenant)
    if cached is not None and cached.expires > time.monotonic():
        return cached
    ring = _load(tenant)
    if tenant not in _uncommitted or _uncommitted[tenant] != _transaction_id():
        with _lock:
            _rings[tenant] = ring
    return ring


def _load(tenant: uuid.UUID) -> _Ring:
    rows = list(TenantKey.objects.filter(tenant=tenant))
    fields = [row for row in rows if row.purpose == TenantKey.Purpose.FIELDS]
    index = [row for row in rows if row.purpose == TenantKey.Purpose.INDEX]
    if not fields or not index:
        raise KeysUnavailable(_("This tenant has no keys yet. An admin has to set them up."))
    try:
        field_keys = _keyset(fields)
        sealer = _handle(field_keys).primitive(aead.Aead)
        indexer = _handle(_keyset(index)).primitive(prf.PrfSet).primary()
    except KmsError:
        raise KeysUnavailable(_("The key service does not give out this tenant's keys.")) from None
    openers = {
        TINK_PREFIX + key.key_id.to_bytes(4, "big"): core.Registry.primitive(key.key_data, aead.Aead)
        for key in field_keys.key
    }
    return _Ring(sealer, openers, indexer, time.monotonic() + CACHE_SECONDS)


def _keyset(rows: Sequence[TenantKey]) -> tink_pb2.Keyset:
    """All versions in one keyset; the active one seals."""
    keyset = tink_pb2.Keyset()
    for row in rows:
        raw = kms.backend(row.kms).unwrap(row.kek, bytes(row.wrapped), row.context)
        keyset.key.extend(tink_pb2.Keyset.FromString(raw).key)
        if row.state == TenantKey.State.ACTIVE:
            keyset.primary_key_id = row.key_id
    return keyset


def _handle(keyset: tink_pb2.Keyset) -> tink.KeysetHandle:
    return proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN)


def _context(tenant: uuid.UUID, app: uuid.UUID, place: Place) -> bytes:
    return f"{tenant}|{app}|{place.field}|{place.record}".encode()


def _key_id(ciphertext: bytes) -> int:
    return int.from_bytes(ciphertext[1:HEADER_BYTES], "big")


def _transaction_id() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        return str(cursor.fetchone()[0])
