"""A company brings its own key (S4), wrapped for the portal as cloud key services ask for it: RSAES-OAEP with
SHA-256 (RFC 8017, 7.1) under an ephemeral public key. It becomes the key that wraps the company's data keys.
"""

import hashlib
import secrets
import uuid
from datetime import timedelta

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput, Conflict
from ledger.events import Event
from ledger.log import Actor, record
from vault import kms
from vault.errors import KeysUnavailable
from vault.kms.base import KEY_BYTES, KmsError
from vault.models import KeyEncryptionKey, KeyImport, Rewrap
from vault.services.provisioning import kek_of
from vault.services.rotation import replace_kek
from vault.services.secrets import reseal_secrets

RSA_BITS = 3072
WRAPPED_BYTES = RSA_BITS // 8
LASTS = timedelta(hours=24)
DATA = KeyEncryptionKey.Purpose.DATA
_CHECK_BYTES = 3
_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)


@transaction.atomic
def begin_import(*, by: Actor, tenant: uuid.UUID) -> tuple[KeyImport, str]:
    """A fresh public key, and the token that goes with what is wrapped by it. Earlier ones end.

    Raises:
        KeysUnavailable: the tenant has no keys yet, or the KMS is away.
    """
    holder = kek_of(tenant, KeyEncryptionKey.Purpose.SECRETS)
    KeyImport.objects.filter(tenant=tenant, used_at=None).delete()
    pair = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    token = secrets.token_urlsafe(32)
    row = KeyImport(
        tenant_id=tenant,
        token_hash=_hash(token),
        public_key=pair.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        kek=holder,
        created_by=by.pk,
        expires_at=timezone.now() + LASTS,
    )
    raw = pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    try:
        row.private = kms.backend(holder.kms).wrap(holder.name, raw, row.context)
    except KmsError:
        raise KeysUnavailable(_("The key service makes no keys right now.")) from None
    row.save(force_insert=True)
    record(Event.KEY_IMPORT_BEGUN, by=by, tenant=tenant, obj=f"key_import:{row.pk}")
    return row, token


@transaction.atomic
def finish_import(*, by: Actor, tenant: uuid.UUID, token: str, wrapped: bytes) -> Rewrap:
    """Take the company's key over. The token is used up with it; after a wrong file it is good again.

    Raises:
        Conflict: the token was used, is over or unknown, or data keys are on their way already.
        BadInput: what came is not a key of 32 bytes, wrapped for this import.
        KeysUnavailable, KeyDisabled: the KMS is away, or the key before is switched off.
    """
    row = KeyImport.objects.select_for_update().filter(tenant=tenant, token_hash=_hash(token)).first()
    if row is None or row.used_at is not None or row.expires_at <= timezone.now():
        raise Conflict(_("This import was used already, or its time is over. Begin a new one."))
    key = _unwrapped(row, wrapped)
    row.used_at, row.private = timezone.now(), b""
    row.save(update_fields=["used_at", "private"])
    return import_key(by=by, tenant=tenant, key=key)


@transaction.atomic
def import_key(*, by: Actor | None, tenant: uuid.UUID, key: bytes) -> Rewrap:
    """`key`, which finish_import() has opened or the operator has as a file, wraps from now on.

    Raises:
        BadInput: it has not 32 bytes, or is no key but a constant.
        Conflict, KeyDisabled, KeysUnavailable: as finish_import().
    """
    if len(key) != KEY_BYTES or len(set(key)) < KEY_BYTES // 4:
        raise BadInput(_("A key has exactly 32 random bytes (AES-256)."), code="key")
    reseal_secrets(by=by, tenant=tenant)
    job, before = replace_kek(by=by, tenant=tenant, purpose=DATA, key=key)
    job.kek.check_value = check_value(key)
    job.kek.save(update_fields=["check_value"])
    facts = {"purpose": DATA.value, "version": job.kek.version, "retired": before.version}
    facts |= {"check_value": job.kek.check_value}
    record(Event.KEY_IMPORTED, by=by, tenant=tenant, obj=job.kek.obj, facts=facts)
    return job


def check_value(key: bytes) -> str:
    """By which its owner tells a key: three bytes of AES over zeros (PKCS #11, CKA_CHECK_VALUE)."""
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - of one block, as the standard says
    return cipher.update(bytes(16))[:_CHECK_BYTES].hex()


def _unwrapped(row: KeyImport, wrapped: bytes) -> bytes:
    """One answer to all that is wrong inside: more would tell whoever tries what he is doing wrong."""
    if len(wrapped) != WRAPPED_BYTES:
        text = _("The wrapped key has %(is)d bytes. Wrapped by this public key it has %(wanted)d.")
        raise BadInput(text % {"is": len(wrapped), "wanted": WRAPPED_BYTES}, code="wrapped")
    try:
        raw = kms.backend(row.kek.kms).unwrap(row.kek.name, bytes(row.private), row.context)
    except KmsError:
        raise KeysUnavailable(_("The key service does not give out this tenant's keys.")) from None
    pair = load_der_private_key(raw, password=None)
    assert isinstance(pair, rsa.RSAPrivateKey)  # noqa: S101 - begin_import() made it
    try:
        key = pair.decrypt(wrapped, _OAEP)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInput(
            _("This is no key of 32 bytes, wrapped with RSA-OAEP and SHA-256 by this public key."),
            code="wrapped",
        )
    return key


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
