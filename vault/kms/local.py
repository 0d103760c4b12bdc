"""KEKs in one file of the portal's own disk, readable by its own account alone: the default back end.

The file is JSON, `{"format": 1, "keys": {<name>: <base64 of a Tink keyset>}}`. It is only ever replaced
whole (new file, fsync, rename) under a lock file, so a crash leaves the old or the new one.
"""

import base64
import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tink
from django.conf import settings
from tink import aead, proto_keyset_format, secret_key_access

from vault.kms.base import KmsError

FORMAT = 1
OTHERS = stat.S_IRWXG | stat.S_IRWXO

aead.register()


class LocalKeyring:
    """A keyring file of mode 0600; one that others may read is refused, not repaired."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or settings.KMS_KEYRING

    def create(self, name: str) -> None:
        """Make the KEK unless it is there; safe when several processes try at once."""
        with self._locked():
            keys = self._read()
            if name in keys:
                return
            handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
            raw = proto_keyset_format.serialize(handle, secret_key_access.TOKEN)
            self._replace(keys | {name: base64.b64encode(raw).decode()})

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
        encoded = self._read().get(name)
        if encoded is None:
            raise KmsError(f"the keyring has no key-encryption key {name}")
        try:
            handle = proto_keyset_format.parse(base64.b64decode(encoded), secret_key_access.TOKEN)
            return handle.primitive(aead.Aead)
        except (tink.TinkError, ValueError):
            raise KmsError(f"the key-encryption key {name} is damaged") from None

    def _read(self) -> dict[str, str]:
        try:
            with self.path.open("rb") as file:
                if os.fstat(file.fileno()).st_mode & OTHERS:
                    raise KmsError(f"{self.path} may be read by others: set its mode to 0600")
                content = json.load(file)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise KmsError(f"{self.path} cannot be read: {type(error).__name__}") from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise KmsError(f"{self.path} is not a keyring of format {FORMAT}")
        return dict(content["keys"])

    def _replace(self, keys: dict[str, str]) -> None:
        try:
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".keyring-")  # mode 0600
            with os.fdopen(handle, "w") as file:
                json.dump({"format": FORMAT, "keys": keys}, file, indent=1)
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
