"""KEKs in one file of the portal's own disk, readable by its own account alone: the default back end.

The file is JSON, `{"format": 1, "keys": {<name>: <base64 of a Tink keyset>}}`, or, where the operator gives a
passphrase, of format 2: each keyset sealed by a key that scrypt (RFC 7914) makes of it (passphrase.py).
It is only ever replaced whole (new file, fsync, rename) under a lock file, so a crash leaves the old or the
new one.
"""

import base64
import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tink
from django.conf import settings
from tink import aead, proto_keyset_format, secret_key_access
from tink.proto import aes_gcm_pb2, tink_pb2

from vault.kms import passphrase
from vault.kms.base import KEY_BYTES, KmsError

PLAIN, SEALED = 1, 2
OTHERS = stat.S_IRWXG | stat.S_IRWXO
_AES_GCM = "type.googleapis.com/google.crypto.tink.AesGcmKey"

aead.register()


class LocalKeyring:
    """A keyring file of mode 0600; one that others may read is refused, not repaired."""

    def __init__(self, path: Path | None = None, secret: str | None = None) -> None:
        self.path = path or settings.KMS_KEYRING
        self._secret = passphrase.given() if secret is None else secret

    def create(self, name: str) -> None:
        """Make the KEK unless it is there; safe when several processes try at once."""
        with self._locked():
            keys = self._read()
            if name not in keys:
                handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
                self._replace(keys | {name: proto_keyset_format.serialize(handle, secret_key_access.TOKEN)})

    def import_key(self, name: str, key: bytes) -> None:
        """Hold `key` under a name that is free."""
        if len(key) != KEY_BYTES:
            raise KmsError(f"a key-encryption key has {KEY_BYTES} bytes")
        with self._locked():
            keys = self._read()
            if name in keys:
                raise KmsError(f"the keyring has a key-encryption key {name} already")
            self._replace(keys | {name: _keyset(key)})

    def destroy(self, name: str) -> None:
        """Write the file without the KEK. What copies of the file hold is beyond reach from here."""
        with self._locked():
            keys = self._read()
            if keys.pop(name, None) is not None:
                self._replace(keys)

    def holds(self, name: str) -> bool:
        """Whether the file has the KEK."""
        return name in self._read()

    def protect(self) -> int:
        """Write the file anew under the passphrase that is given, or in clear without one; how many keys."""
        with self._locked():
            keys = self._read()
            self._replace(keys)
            return len(keys)

    def wrap(self, name: str, key: bytes, context: bytes) -> bytes:
        """AES-256-GCM under the newest version of the KEK."""
        wrapped: bytes = self._primitive(name).encrypt(key, context)
        return wrapped

    def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        """Opens under whichever version of the KEK sealed it."""
        try:
            key: bytes = self._primitive(name).decrypt(wrapped, context)
        except tink.TinkError:
            raise KmsError(f"the key-encryption key {name} does not open this key") from None
        return key

    def _primitive(self, name: str) -> aead.Aead:
        raw = self._read(name).get(name)
        if raw is None:
            raise KmsError(f"the keyring has no key-encryption key {name}")
        try:
            handle = proto_keyset_format.parse(raw, secret_key_access.TOKEN)
            return handle.primitive(aead.Aead)
        except tink.TinkError:
            raise KmsError(f"the key-encryption key {name} is damaged") from None

    def _read(self, wanted: str | None = None) -> dict[str, bytes]:
        """Every keyset by name, or that of `wanted` alone."""
        content = self._content()
        if not isinstance(content, dict) or content.get("format") not in (PLAIN, SEALED):
            raise KmsError(f"{self.path} is not a keyring of format {PLAIN} or {SEALED}")
        found = {name: one for name, one in content["keys"].items() if wanted in (None, name)}
        try:
            raw = {name: base64.b64decode(one, validate=True) for name, one in found.items()}
        except (TypeError, ValueError):
            raise KmsError(f"{self.path} holds a key that is damaged") from None
        if content["format"] == PLAIN:
            return raw
        if not self._secret:
            raise KmsError(f"{self.path} is sealed by a passphrase, and none is given")
        return passphrase.opened(self._secret, content.get("kdf"), raw)

    def _content(self) -> Any:
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_mode & OTHERS:
                    raise KmsError(f"{self.path} may be read by others: set its mode to 0600")
                return json.load(file)
        except FileNotFoundError:
            return {"format": PLAIN, "keys": {}}
        except (OSError, ValueError) as error:
            raise KmsError(f"{self.path} cannot be read: {type(error).__name__}") from None

    def _document(self, keys: Mapping[str, bytes]) -> dict[str, Any]:
        if not self._secret:
            return {"format": PLAIN, "keys": _texts(keys)}
        kdf, sealed = passphrase.sealed(self._secret, keys)
        return {"format": SEALED, "kdf": kdf, "keys": _texts(sealed)}

    def _replace(self, keys: Mapping[str, bytes]) -> None:
        document = self._document(keys)
        try:
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".keyring-")  # mode 0600
            with os.fdopen(handle, "w") as file:
                json.dump(document, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise KmsError(f"{self.path} cannot be written: {type(error).__name__}") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise KmsError(f"{self.path} cannot be locked: {type(error).__name__}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _texts(keys: Mapping[str, bytes]) -> dict[str, str]:
    return {name: base64.b64encode(raw).decode() for name, raw in keys.items()}


def _keyset(key: bytes) -> bytes:
    """`key` as a Tink keyset for AES-256-GCM, as new_keyset_handle() would have made it."""
    number = int.from_bytes(os.urandom(4), "big") or 1
    data = tink_pb2.KeyData(
        type_url=_AES_GCM,
        value=aes_gcm_pb2.AesGcmKey(version=0, key_value=key).SerializeToString(),
        key_material_type=tink_pb2.KeyData.SYMMETRIC,
    )
    one = tink_pb2.Keyset.Key(
        key_data=data, status=tink_pb2.ENABLED, key_id=number, output_prefix_type=tink_pb2.TINK
    )
    raw: bytes = tink_pb2.Keyset(primary_key_id=number, key=[one]).SerializeToString()
    return raw
