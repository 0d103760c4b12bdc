"""The keyring's own seal: a key made of a passphrase by scrypt (RFC 7914), AES-256-GCM for each KEK."""

import base64
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from vault.kms.base import KEY_BYTES, KmsError

CREDENTIAL = "keyring-passphrase"  # as `LoadCredential=` in the unit names it (systemd.exec(5))
COST, BLOCK, LANES = 2**15, 8, 1  # 32 MiB and about 0.1 s, once a process
NONCE_BYTES, SALT_BYTES = 12, 16
MOST_COST = 2**20


def given() -> str:
    """What the operator gives: systemd's credential, else the setting (also *_FILE); "" without one."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    file = Path(folder) / CREDENTIAL
    if folder and file.is_file():
        return file.read_text(encoding="utf-8").strip()
    return str(settings.KMS_PASSPHRASE)


def sealed(secret: str, keys: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """How the key was made, and each of `keys` sealed for its name."""
    salt = os.urandom(SALT_BYTES)
    cipher = AESGCM(_derived(secret, salt, COST, BLOCK, LANES))
    kdf = {"name": "scrypt", "salt": base64.b64encode(salt).decode(), "n": COST, "r": BLOCK, "p": LANES}
    return kdf, {name: _seal(cipher, name, raw) for name, raw in keys.items()}


def opened(secret: str, kdf: Any, keys: Mapping[str, bytes]) -> dict[str, bytes]:
    """What sealed() was given.

    Raises:
        KmsError: another passphrase, a damaged file, or a key moved to another name.
    """
    try:
        salt, cost = base64.b64decode(kdf["salt"]), int(kdf["n"])
        if kdf["name"] != "scrypt" or cost > MOST_COST:
            raise ValueError
        cipher = AESGCM(_derived(secret, salt, cost, int(kdf["r"]), int(kdf["p"])))
        return {
            name: cipher.decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], name.encode())
            for name, box in keys.items()
        }
    except (InvalidTag, KeyError, TypeError, ValueError):
        raise KmsError("the keyring does not open under the passphrase that is given") from None


def _seal(cipher: AESGCM, name: str, raw: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, raw, name.encode())


@lru_cache(maxsize=4)
def _derived(secret: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, n=cost, r=block, p=lanes).derive(secret.encode())
