"""One change of a tenant's key-encryption keys at a time, in whatever process."""

import uuid

from django.db import connection


def alone(tenant: uuid.UUID, purpose: str) -> None:
    """Wait until no other transaction changes these keys, and keep others waiting until this one ends.

    What is read afterwards is what the others left.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"vault:{tenant}:{purpose}"])
