"""Field values sealed under the tenant's own keys, and blind indexes to find them by (D8).

A ciphertext is Tink's: one byte 0x01, four bytes id of the key, then AES-256-GCM; so it says itself which
version opens it. Its associated data is `tenant|app|field|record`: copied to another field or row it does
not open. See docs/adr/0040-field-keys.md for why and for what a blind index gives away.
"""

import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import tink
from django.utils.translation import gettext as _

from vault import rings, uses
from vault.errors import CannotDecrypt, KeyDisabled, KeysUnavailable
from vault.models import TenantKey
from vault.rings import DATA, HEADER_BYTES, SECRETS, Slot, changed_here, evict

__all__ = ["changed_here", "evict"]

INDEX_BYTES = 32
NO_APP = uuid.UUID(int=0)  # a tenant's own value belongs to no app


@dataclass(frozen=True)
class Place:
    """Where a value lives: which field of which record."""

    field: str
    record: uuid.UUID | str


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
    return _seal(Slot(tenant, _own(app)), app, items)


def decrypt_many(tenant: uuid.UUID, app: uuid.UUID, items: Sequence[tuple[Place, bytes]]) -> list[str]:
    """Like decrypt(), with one look-up of the keys for all; one that does not open refuses all."""
    return _open_places(Slot(tenant, _own(app)), app, items)


def decrypt_column(
    tenant: uuid.UUID, app: uuid.UUID, field: str, records: Sequence[bytes], sealed: Sequence[bytes]
) -> list[str]:
    """Like decrypt_many() for one field of many records; `records` are their ids as ASCII text, which is what
    the associated data is made of."""
    prefix = _context(tenant, app, Place(field, ""))
    return _open(Slot(tenant, _own(app)), sealed, [prefix + record for record in records])


def encrypt_secret(tenant: uuid.UUID, place: Place, text: str) -> bytes:
    """A stored secret, sealed by keys that the company's own key for its data does not govern.

    Else switching that key off would close the sign-in through which it is switched on again.
    """
    return _seal(Slot(tenant, purpose=SECRETS), NO_APP, [(place, text)])[0]


def decrypt_secret(tenant: uuid.UUID, place: Place, sealed: bytes) -> str:
    """What encrypt_secret() sealed; also what was sealed before secrets had keys of their own."""
    secrets = Slot(tenant, purpose=SECRETS)
    try:
        known = sealed[:HEADER_BYTES] in rings.ring(secrets).openers
    except KeyDisabled:
        raise
    except KeysUnavailable:
        known = False  # the tenant's secrets have no key yet
    older = not known and key_version(tenant, sealed) is not None
    return _open_places(Slot(tenant) if older else secrets, NO_APP, [(place, sealed)])[0]


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
    indexer = rings.ring(Slot(tenant)).indexer
    assert indexer is not None  # noqa: S101 - a ring of data has one
    prefix = dataset.bytes + field.encode() + b"\0"
    found = [indexer.compute(prefix + normalise(value).encode(), INDEX_BYTES) for value in values]
    uses.note(tenant, DATA, len(found))
    return found


def normalise(value: str) -> str:
    """The form in which values are compared: NFKC, case folded, runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def key_version(tenant: uuid.UUID, ciphertext: bytes) -> int | None:
    """The version of the tenant's key that sealed `ciphertext`; None for one that is not theirs."""
    rows = TenantKey.objects.filter(tenant=tenant, purpose=TenantKey.Purpose.FIELDS)
    return rows.filter(key_id=_key_id(ciphertext)).values_list("version", flat=True).first()


def _seal(slot: Slot, app: uuid.UUID, items: Iterable[tuple[Place, str]]) -> list[bytes]:
    seal = rings.ring(slot).sealer.encrypt
    sealed = [seal(text.encode(), _context(slot.tenant, app, place)) for place, text in items]
    uses.note(slot.tenant, slot.purpose, len(sealed))
    return sealed


def _open_places(slot: Slot, app: uuid.UUID, items: Sequence[tuple[Place, bytes]]) -> list[str]:
    contexts = [_context(slot.tenant, app, place) for place, _sealed in items]
    return _open(slot, [sealed for _place, sealed in items], contexts)


def _open(slot: Slot, sealed: Sequence[bytes], contexts: Sequence[bytes]) -> list[str]:
    """Each by the key that its header names: half the time of trying Tink's whole keyset (ADR 0093)."""
    headers = {box[:HEADER_BYTES] for box in sealed}
    openers = rings.ring(slot).openers
    if headers - openers.keys():
        evict(slot.tenant)  # sealed by a version that another process has added since
        openers = rings.ring(slot).openers
    uses.note(slot.tenant, slot.purpose, len(sealed))
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


def _own(app: uuid.UUID) -> uuid.UUID | None:
    return None if app == NO_APP else app


def _context(tenant: uuid.UUID, app: uuid.UUID, place: Place) -> bytes:
    return f"{tenant}|{app}|{place.field}|{place.record}".encode()


def _key_id(ciphertext: bytes) -> int:
    return int.from_bytes(ciphertext[1:HEADER_BYTES], "big")
