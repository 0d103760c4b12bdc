"""KEKs in a hardware security module, by PKCS #11 2.40 (S3): none leaves it, AES-256-GCM is done inside.

One session a process under one lock: concurrent threads crash some modules' libraries (SoftHSM2 among them),
and with unwrapped keys cached (vault/rings.py) calls are rare. A child of a fork begins anew, as the standard
asks (2.40, 5.4). What is wrapped is one byte 1, twelve of nonce, then ciphertext and tag.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import pkcs11
from django.conf import settings
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import NoSuchKey, PKCS11Error, UserAlreadyLoggedIn
from pkcs11.mechanisms import GCMParams

from vault.kms.base import KEY_BYTES, KmsError

FORMAT = b"\x01"
NONCE_BYTES, TAG_BYTES = 12, 16

_USE = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.ENCRYPT: True,
    Attribute.DECRYPT: True,
}
T = TypeVar("T")
_lock = threading.Lock()  # of the library, whoever opens it


class Pkcs11:
    """The token that settings name; its PIN comes from the environment or a file."""

    def __init__(self) -> None:
        self._session: pkcs11.Session | None = None
        self._pid = 0

    def create(self, name: str) -> None:
        """Generate the KEK inside, sensitive and not extractable, unless it is there."""

        def make(session: pkcs11.Session) -> None:
            if _find(session, name) is None:
                session.generate_key(
                    KeyType.AES,
                    KEY_BYTES * 8,
                    label=name,
                    store=True,
                    capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                    template=_USE,
                )

        self._do(make)

    def import_key(self, name: str, key: bytes) -> None:
        """Put `key` inside under a name that is free; from there it is as if made there."""
        if len(key) != KEY_BYTES:
            raise KmsError(f"a key-encryption key has {KEY_BYTES} bytes")

        def put(session: pkcs11.Session) -> None:
            if _find(session, name) is not None:
                raise KmsError(f"the module has a key-encryption key {name} already")
            session.create_object(
                {
                    **_USE,
                    Attribute.CLASS: ObjectClass.SECRET_KEY,
                    Attribute.KEY_TYPE: KeyType.AES,
                    Attribute.LABEL: name,
                    Attribute.VALUE: key,
                }
            )

        self._do(put)

    def destroy(self, name: str) -> None:
        """Have the module destroy the KEK."""

        def remove(session: pkcs11.Session) -> None:
            found = _find(session, name)
            if found is not None:
                found.destroy()

        self._do(remove)

    def holds(self, name: str) -> bool:
        """Whether the module has the KEK."""
        return self._do(lambda session: _find(session, name) is not None)

    def wrap(self, name: str, key: bytes, context: bytes) -> bytes:
        """AES-256-GCM inside the module, under a nonce of this process's making."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._do(
            lambda session: _key(session, name).encrypt(
                key, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, context, TAG_BYTES * 8)
            )
        )
        return FORMAT + nonce + bytes(sealed)

    def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        """What wrap() was given, if context and bytes are the same."""
        if wrapped[:1] != FORMAT or len(wrapped) < 1 + NONCE_BYTES + TAG_BYTES:
            raise KmsError(f"the key-encryption key {name} does not open this key")
        nonce, sealed = wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
        opened = self._do(
            lambda session: _key(session, name).decrypt(
                sealed, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, context, TAG_BYTES * 8)
            )
        )
        return bytes(opened)

    def _do(self, work: Callable[[pkcs11.Session], T]) -> T:
        """`work` in the one session; where that is broken, once more in another."""
        with _lock:
            known = self._session is not None and self._pid == os.getpid()
            try:
                return self._tried(work)
            except PKCS11Error:
                if not known:
                    raise _away() from None
            try:
                return self._tried(work)
            except PKCS11Error:
                raise _away() from None

    def _tried(self, work: Callable[[pkcs11.Session], T]) -> T:
        try:
            return work(self._opened())
        except PKCS11Error:
            self._close()
            raise

    def _opened(self) -> pkcs11.Session:
        if self._session is None or self._pid != os.getpid():
            library = pkcs11.lib(str(settings.KMS_PKCS11_LIBRARY))
            if self._pid not in (0, os.getpid()):
                library.reinitialize()
            token = library.get_token(token_label=settings.KMS_PKCS11_TOKEN)
            try:
                self._session = token.open(rw=True, user_pin=settings.KMS_PKCS11_PIN)
            except UserAlreadyLoggedIn:  # a session of this process's before; the login is the process's
                self._session = token.open(rw=True)
            self._pid = os.getpid()
        return self._session

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None and self._pid == os.getpid():
            try:
                session.close()
            except PKCS11Error:
                return


def _away() -> KmsError:
    """Of the error that is being handled, the kind alone."""
    return KmsError(f"the module refused or is away: {type(sys.exc_info()[1]).__name__}")


def _find(session: pkcs11.Session, name: str) -> Any:
    """The key, whose type the library puts together at run time; None without one."""
    try:
        found = session.get_key(object_class=ObjectClass.SECRET_KEY, label=name)
    except NoSuchKey:
        return None
    return found


def _key(session: pkcs11.Session, name: str) -> Any:
    found = _find(session, name)
    if found is None:
        raise KmsError(f"the module has no key-encryption key {name}")
    return found
