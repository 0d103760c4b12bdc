"""What the operator's shell does: set up a tenant whole, let its provider in, give a group its role."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from datacatalog.services.scheme import seed_scheme
from identity.errors import Missing
from identity.models import BreakGlass, Group, Role, Tenant
from identity.services import create_tenant, grant_role, issue_break_glass, issue_scim_token
from identity.tenancy import tenant_scope
from notices.kinds import Kind
from notices.services import notify
from policy.services import seed_access_rules
from vault.services import provision


@transaction.atomic
def set_up_tenant(*, slug: str, name: str) -> Tenant:
    """A tenant with its keys, classes, regions and access rules; one that is there gets what it lacks."""
    tenant = Tenant.objects.filter(slug=slug).first() or create_tenant(by=None, slug=slug, name=name)
    with tenant_scope(tenant.pk):
        provision(by=None, tenant=tenant.pk)
        seed_scheme(by=None, tenant=tenant.pk)
        seed_access_rules(by=None, tenant=tenant.pk)
    return tenant


def issue_token(*, tenant: Tenant, name: str) -> str:
    """A SCIM token for the tenant's provider; it is shown once and kept as a hash."""
    with tenant_scope(tenant.pk):
        return issue_scim_token(by=None, tenant=tenant, name=name)[1]


def grant(*, tenant: Tenant, group: str, role: Role) -> None:
    """Members of `group` hold `role`.

    Raises:
        Missing: the provider has pushed no such group.
    """
    with tenant_scope(tenant.pk):
        found = Group.objects.filter(name=group).first()
        if found is None:
            raise Missing(f"{tenant.name} has no group “{group}”. Has the provider pushed its groups?")
        grant_role(by=None, group=found, role=role)


@transaction.atomic
def make_break_glass(*, tenant: Tenant, username: str, minutes: int, reason: str) -> str:
    """The address of a break-glass link; every admin is told, whoever reads his mail first.

    Raises:
        Missing, BadInput: as identity.services.issue_break_glass.
    """
    with tenant_scope(tenant.pk):
        grant, token = issue_break_glass(tenant=tenant, username=username, minutes=minutes, reason=reason)
        tell_admins(Kind.BREAK_GLASS_ISSUED, grant)
    return str(settings.BASE_URL) + reverse("break-glass", args=[token])


def tell_admins(kind: Kind, grant: BreakGlass) -> None:
    """Sound the alarm about `grant`, in the transaction at hand."""
    notify(
        kind=kind,
        key=f"{kind.value}:{grant.pk}",
        tenant=grant.tenant_id,
        role=Role.ADMIN,
        params={"title": grant.user.display_name},
        path=reverse("break-glass-list"),
    )
