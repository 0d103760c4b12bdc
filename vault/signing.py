"""Keys by which a tenant signs what others verify (P4): ES256, JSON Web Signature (RFC 7515, RFC 7518).

Signatures are deterministic (RFC 6979): equal claims are equal bytes in every process, so that what is
signed can be cached and compared. A key's id is taken from its RFC 7638 thumbprint.
"""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from django.utils.translation import gettext as _
from jwt import PyJWS
from jwt.algorithms import ECAlgorithm
from jwt.utils import der_to_raw_signature

from vault import kms
from vault.certificates import ALGORITHM, ID_BYTES, thumbprint
from vault.errors import KeysUnavailable
from vault.kms.base import KmsError
from vault.models import TenantKey


class _Deterministic(ECAlgorithm):
    """ECDSA as in PyJWT, without its random number."""

    def sign(self, msg: bytes, key: Any) -> bytes:
        how = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        return der_to_raw_signature(key.sign(msg, how), key.curve)


_jws = PyJWS(algorithms=[])
_jws.register_algorithm(ALGORITHM, _Deterministic(ECAlgorithm.SHA256))


def generate() -> tuple[int, bytes]:
    """A fresh key: its id and its private half in PKCS 8, to be wrapped at once."""
    key = ec.generate_private_key(ec.SECP256R1())
    raw = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return int.from_bytes(thumbprint(key.public_key())[:ID_BYTES], "big"), raw


def name_of(row: TenantKey) -> str:
    """The key's id as verifiers know it (`kid`)."""
    return f"{row.key_id:0{ID_BYTES * 2}x}"


def rows_of(tenant: uuid.UUID) -> list[TenantKey]:
    """The key that signs, then the one that is announced; retired ones verify nothing any more.

    Raises:
        KeysUnavailable: there is none yet.
    """
    rows = TenantKey.objects.filter(tenant=tenant, purpose=TenantKey.Purpose.SIGNING)
    found = sorted(rows.exclude(state=TenantKey.State.RETIRED), key=lambda row: row.version)
    if not found:
        raise KeysUnavailable(_("This tenant has no keys yet. An admin has to set them up."))
    return found


def every_pem(tenant: uuid.UUID) -> str:
    """The public halves of all keys that sign or have signed, newest first, to verify certificates by.

    Raises:
        KeysUnavailable: the KMS does not give the keys.
    """
    rows = TenantKey.objects.filter(tenant=tenant, purpose=TenantKey.Purpose.SIGNING)
    return "".join(pem_of(row) for row in rows.order_by("-version"))


def sign(row: TenantKey, claims: Mapping[str, Any]) -> str:
    """`claims` as a JWS in compact form, with the key's id in its header.

    Raises:
        KeysUnavailable: the KMS does not give the key.
    """
    payload = json.dumps(claims, sort_keys=True, separators=(",", ":")).encode()
    return _jws.encode(payload, _private(row), algorithm=ALGORITHM, headers={"kid": name_of(row)})


def pem_of(row: TenantKey) -> str:
    """The public half, as SubjectPublicKeyInfo in PEM (RFC 7468).

    Raises:
        KeysUnavailable: the KMS does not give the key.
    """
    public = _private(row).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _private(row: TenantKey) -> ec.EllipticCurvePrivateKey:
    try:
        raw = kms.backend(row.kms).unwrap(row.kek, bytes(row.wrapped), row.context)
    except KmsError:
        raise KeysUnavailable(_("The key service does not give out this tenant's keys.")) from None
    key = load_der_private_key(raw, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - generate() made it
    return key
