"""Where a stored secret lives, for the associated data of its ciphertext."""

import uuid

from vault.keys import Place
from vault.models import StoredSecret

NO_APP = uuid.UUID(int=0)  # a tenant's own secret belongs to no app


def place(row: StoredSecret) -> Place:
    """Bound to the row: a ciphertext copied to another secret or version does not open."""
    return Place(f"secret:{row.name}", row.pk)
