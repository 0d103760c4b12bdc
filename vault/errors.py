"""What goes wrong with keys. Nothing here ever carries key material or a plaintext."""

from identity.errors import Conflict, Unavailable


class KeysUnavailable(Unavailable):
    """The tenant's keys cannot be used now: not made yet, or their holder does not answer."""


class KeyDisabled(KeysUnavailable):
    """The tenant has switched its key off, or destroyed it."""


class CannotDecrypt(Conflict):
    """The ciphertext is not what these keys sealed in this place: moved, altered or another tenant's."""
