"""The seam behind which key-encryption keys live (S3)."""

from typing import Protocol

KEY_BYTES = 32  # AES-256


class KmsError(Exception):
    """The back end has no such key, does not answer, or refuses to unwrap. Carries no key material."""


class Kms(Protocol):
    """Holder of KEKs by name. Every call may be slow and may fail: callers cache what they unwrap.

    `context` is bound to the wrapped key as associated data: the same context must come with unwrap.
    """

    def create(self, name: str) -> None:
        """Make the KEK `name` unless it is there.

        Raises:
            KmsError: it could not be made durable.
        """

    def wrap(self, name: str, key: bytes, context: bytes) -> bytes:
        """`key` encrypted under the KEK `name`; the result tells which version of the KEK.

        Raises:
            KmsError: no such KEK, or the holder is away.
        """

    def unwrap(self, name: str, wrapped: bytes, context: bytes) -> bytes:
        """What was wrapped.

        Raises:
            KmsError: no such KEK, another context, altered bytes, or the holder is away.
        """

    def import_key(self, name: str, key: bytes) -> None:
        """Hold `key` (32 bytes, AES-256) as the KEK `name`.

        Raises:
            KmsError: the name is taken, the key has another size, or it could not be made durable.
        """

    def destroy(self, name: str) -> None:
        """Forget the KEK `name` for good; one that is gone already is no error.

        Raises:
            KmsError: it could not be done, or not durably: the key may still be there.
        """

    def holds(self, name: str) -> bool:
        """Whether the KEK `name` is there.

        Raises:
            KmsError: the holder is away.
        """
