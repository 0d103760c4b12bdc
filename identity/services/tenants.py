"""Writes to tenants."""

import uuid

from django.db import transaction

from identity.models import Tenant
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import Actor, record


def create_tenant(*, by: Actor | None, slug: str, name: str) -> Tenant:
    """A new tenant, empty."""
    with transaction.atomic():
        tenant = Tenant.objects.create(slug=slug, name=name)
        with tenant_scope(tenant.pk):
            record(Event.TENANT_CREATED, by=by, tenant=tenant.pk, obj=f"tenant:{tenant.pk}")
    return tenant


def note_own_key(*, tenant: uuid.UUID, brings: bool) -> None:
    """Whether the tenant's data is under a key of its own now; part of the service that changed it."""
    Tenant.objects.filter(pk=tenant).update(brings_own_key=brings)


def new_access_revision(*, tenant: uuid.UUID) -> uuid.UUID:
    """Name the tenant's access rules anew; part of the service that changed them, which records it.

    No number that is counted up: one that went down with a roll-back would be given again to other rules.
    """
    revision = uuid.uuid4()
    Tenant.objects.filter(pk=tenant).update(access_revision=revision)
    return revision
