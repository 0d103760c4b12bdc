"""Where a stored secret lives, for the associated data of its ciphertext."""

from vault.keys import NO_APP, Place
from vault.models import StoredSecret

__all__ = ["NO_APP", "place"]


def place(row: StoredSecret) -> Place:
    """Bound to the row: a ciphertext copied to another secret or version does not open."""
    return Place(f"secret:{row.name}", row.pk)
