"""Keys and certificates: the portal's own, made a provider at a time, and what a certificate says."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

YEARS = 3
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@dataclass(frozen=True)
class KeyPair:
    """A private key and the certificate that wraps its public half, both PEM."""

    key: str
    certificate: str


@dataclass(frozen=True)
class Certificate:
    """What an admin compares: the fingerprint (SHA-256, by colons) and until when it is meant to be used."""

    fingerprint: str
    begins: datetime
    ends: datetime
    pem: str
    strong: bool  # RSA of at least 2048 bits, or an elliptic curve

    @property
    def is_current(self) -> bool:
        return self.begins <= datetime.now(UTC) < self.ends

    @property
    def ends_soon(self) -> bool:
        """Within 30 days."""
        return self.ends < datetime.now(UTC) + timedelta(days=30)


def new_pair(name: str) -> KeyPair:
    """A key of the portal's own with a self-signed certificate, as SAML uses them: the metadata vouches."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return KeyPair(pem.decode(), certificate.public_bytes(serialization.Encoding.PEM).decode())


def packed(pairs: Sequence[KeyPair]) -> str:
    """As the vault keeps them, the one that signs first."""
    return json.dumps([asdict(pair) for pair in pairs])


def unpacked(value: str) -> list[KeyPair]:
    """The reverse of `packed`."""
    return [KeyPair(**pair) for pair in json.loads(value)]


def certificate_of(text: str) -> Certificate:
    """What the certificate `text` says, PEM or the bare Base64 of metadata.

    Raises:
        ValueError: it is none.
    """
    bare = "".join(text.replace(BEGIN, "").replace(END, "").split())
    try:
        read = x509.load_der_x509_certificate(base64.b64decode(bare, validate=True))
        public = read.public_key()
    except (binascii.Error, TypeError) as error:
        raise ValueError("no certificate") from error
    digest = read.fingerprint(hashes.SHA256()).hex().upper()
    strong = isinstance(public, ec.EllipticCurvePublicKey) or (
        isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048
    )
    return Certificate(
        fingerprint=":".join(digest[place : place + 2] for place in range(0, len(digest), 2)),
        begins=read.not_valid_before_utc,
        ends=read.not_valid_after_utc,
        pem=read.public_bytes(serialization.Encoding.PEM).decode(),
        strong=strong,
    )


def certificates_of(pems: str) -> list[Certificate]:
    """Those of a text of several, one after the other."""
    return [certificate_of(part + END) for part in pems.split(END) if part.strip()]
