"""The tenant of the work at hand, told to the database itself (M1, docs/adr/0002-tenant-walls.md).

Row-level security compares each row's `tenant_id` with the setting `app.tenant`, which is local to the
transaction: it cannot leak through a pooled connection, and where it is unset nothing is seen.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import uuid_utils.compat
from django.db import connections, models, transaction

_tenant: ContextVar[uuid.UUID | None] = ContextVar("tenant", default=None)


def uuid7() -> uuid.UUID:
    """A time-ordered id (RFC 9562 section 5.7): new rows lie together on disk and sort by age."""
    return uuid_utils.compat.uuid7()


def current_tenant() -> uuid.UUID | None:
    """The tenant set by the nearest tenant_scope()."""
    return _tenant.get()


@contextmanager
def tenant_scope(tenant_id: uuid.UUID, using: str = "default") -> Iterator[None]:
    """One transaction in which `tenant_id`'s rows, and no others, exist.

    Scopes nest: the inner one is a savepoint, and the outer tenant is set again when it ends.
    """
    token = _tenant.set(tenant_id)
    try:
        with transaction.atomic(using=using):
            outer = _swap(using, str(tenant_id))
            yield
            if outer is not None and not connections[using].needs_rollback:
                _swap(using, outer)  # an error rolls back to the savepoint, which restores it anyway
    finally:
        _tenant.reset(token)


def _swap(using: str, tenant: str) -> str | None:
    """Set the transaction's tenant; returns the one before."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('app.tenant', true), set_config('app.tenant', %s, true)",
            [tenant],
        )
        return str(cursor.fetchone()[0] or "")


class TenantModel(models.Model):
    """A row that belongs to one tenant. Its migration adds the wall: identity.walls.Wall."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey("identity.Tenant", models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True
