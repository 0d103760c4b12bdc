"""Writes to tenants."""

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
