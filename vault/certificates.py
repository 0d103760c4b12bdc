"""Certificates of destroyed keys (S4) and of erased data (D6), verified with nothing but the file and the
tenant's public keys.

Pure: the commands `portal key-certificate verify` and `portal erasure-certificate verify` run it anywhere,
without database or portal.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

ALGORITHM = "ES256"
KIND = "key-destruction"
ERASURE = "erasure"
ID_BYTES = 7  # fits the column of all keys' ids
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


class BadCertificate(Exception):
    """It proves nothing; the text says why."""


def verified(token: str, keys: str, kind: str = KIND) -> dict[str, Any]:
    """What the certificate `token` (a JWS, RFC 7515) says, signed by one of `keys` (PEM, one or several).

    Raises:
        BadCertificate: changed, signed by another key, or no certificate of this kind.
    """
    try:
        kid = jwt.get_unverified_header(token.strip()).get("kid", "")
    except jwt.InvalidTokenError:
        raise BadCertificate("this is no certificate") from None
    known = {key_name(key): key for key in _keys(keys)}
    if kid not in known:
        raise BadCertificate(f"it is signed by a key that was not given: {str(kid)[:40]!r}")
    try:
        claims: dict[str, Any] = jwt.decode(token.strip(), known[kid], algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        raise BadCertificate("it was changed, or the key did not sign it") from None
    if claims.get("kind") != kind:
        raise BadCertificate("it is signed, but certifies something else")
    return claims


def key_name(key: ec.EllipticCurvePublicKey) -> str:
    """The key's id, from its thumbprint (RFC 7638)."""
    return thumbprint(key)[:ID_BYTES].hex()


def thumbprint(key: ec.EllipticCurvePublicKey) -> bytes:
    """RFC 7638, section 3: over the required members of the JWK in their order."""
    numbers = key.public_numbers()
    x, y = (
        base64.urlsafe_b64encode(n.to_bytes(32, "big")).rstrip(b"=").decode() for n in (numbers.x, numbers.y)
    )
    jwk = {"crv": "P-256", "kty": "EC", "x": x, "y": y}
    return hashlib.sha256(json.dumps(jwk, separators=(",", ":")).encode()).digest()


def _keys(text: str) -> Iterable[ec.EllipticCurvePublicKey]:
    for pem in _PEM.findall(text):
        try:
            key = load_pem_public_key(pem.encode())
        except ValueError:
            continue
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1":
            yield key
