"""Live databases: their tables and columns, and a few values where somebody agreed to it (D3).

PostgreSQL by its own catalog (postgres.py), others by SQLAlchemy's inspection (inspected.py); who may be
reached at all says hosts.py.
"""

from datacatalog.problems import BrokenFile, Problem
from datacatalog.sources.base import MAX_FIELDS, Source
from datacatalog.sources.sql import hosts, inspected, postgres
from datacatalog.sources.sql.address import Address, Tell

__all__ = ["Address", "read"]


def read(address: Address, *, samples: bool, tell: Tell) -> Source:
    """Everything that the login may see. `tell(done, total)` is called as tables go by.

    Raises:
        BrokenFile: not allowed, no answer, or nothing to see. Never with the password.
    """
    if address.dialect == "postgresql":
        found = postgres.read(address, hosts.checked(address.host), samples=samples, tell=tell)
    else:
        reached = hosts.checked(address.host) if address.host else ""
        found = inspected.read(address, reached, samples=samples, tell=tell)
    if not found.objects:
        raise BrokenFile([Problem("no_tables")])
    if found.field_count > MAX_FIELDS:
        params = {"have": found.field_count, "limit": MAX_FIELDS}
        raise BrokenFile([Problem("too_many_fields", params=params)])
    return found
