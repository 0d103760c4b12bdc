"""The operating tenant: the rules are the platform's, and only its people change them (docs/adr/0080)."""

import uuid

from django.conf import settings

from identity.models import Tenant, User


def operating_tenant() -> uuid.UUID | None:
    """The tenant that the setting POLICY_TENANT names; without it the only one there is, else none."""
    tenants = Tenant.objects.order_by("pk").values_list("pk", flat=True)
    if settings.POLICY_TENANT:
        return tenants.filter(slug=settings.POLICY_TENANT).first()
    found = list(tenants[:2])
    return found[0] if len(found) == 1 else None


def is_operator(user: User) -> bool:
    """Whether `user` belongs to the operating tenant."""
    return user.tenant_id == operating_tenant()
