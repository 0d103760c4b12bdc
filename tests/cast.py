"""The one cast of people in all tests; the same as the demo's."""

import uuid
from dataclasses import dataclass

import pytest

from identity.models import Group, Membership, Role, RoleGrant, Tenant, User
from identity.tenancy import tenant_scope

# name, unit, groups, manager
CONTOSO = [
    ("Omar Reyes", "Marketing", ["Marketing", "Reviewers"], ""),
    ("Lena Marsh", "Marketing", ["Marketing", "Builders"], "Omar Reyes"),
    ("Mia Novak", "Marketing", ["Marketing"], "Omar Reyes"),
    ("Sana Iqbal", "Security", ["Security"], ""),
    ("Ada Kern", "IT", ["Platform admins"], ""),
    ("Theo Brandt", "Audit", ["Auditors"], ""),
]
NORTHWIND = [
    ("Vera Lind", "Sales", ["Reviewers"], ""),
    ("Nils Falk", "Sales", ["Builders"], "Vera Lind"),
]
ROLES = {
    "Builders": Role.BUILDER,
    "Reviewers": Role.REVIEWER,
    "Security": Role.SECURITY,
    "Platform admins": Role.ADMIN,
    "Auditors": Role.AUDITOR,
}


@dataclass
class Cast:
    """Everybody by first name; `tenant` is Contoso, `other` Northwind EU."""

    tenant: Tenant
    other: Tenant
    lena: User
    omar: User
    mia: User
    sana: User
    ada: User
    theo: User
    nils: User
    vera: User


def make_cast() -> Cast:
    """Both tenants with their people, groups and roles, as SCIM would have left them."""
    people: dict[str, User] = {}
    tenants = []
    for slug, name, rows in (("contoso", "Contoso", CONTOSO), ("northwind", "Northwind EU", NORTHWIND)):
        tenant = Tenant.objects.create(slug=slug, name=name)
        tenants.append(tenant)
        with tenant_scope(tenant.pk):
            people |= _people(tenant, rows)
    return Cast(tenants[0], tenants[1], **people)


def _people(tenant: Tenant, rows: list[tuple[str, str, list[str], str]]) -> dict[str, User]:
    made: dict[str, User] = {}
    groups: dict[str, Group] = {}
    for name, unit, names, manager in rows:
        username = f"{name.lower().replace(' ', '.')}@{tenant.slug}.example"
        user = User.objects.create(
            tenant=tenant,
            username=username,
            external_id=str(uuid.uuid5(uuid.NAMESPACE_URL, username)),
            email=username,
            display_name=name,
            unit=unit,
            manager=made.get(manager.split()[0].lower()) if manager else None,
        )
        user.set_unusable_password()
        user.save()
        made[name.split()[0].lower()] = user
        for group_name in names:
            if group_name not in groups:
                groups[group_name] = Group.objects.create(tenant=tenant, name=group_name)
                if group_name in ROLES:
                    RoleGrant.objects.create(tenant=tenant, group=groups[group_name], role=ROLES[group_name])
            Membership.objects.create(tenant=tenant, group=groups[group_name], user=user)
    return made


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast inside a test's own transaction."""
    return make_cast()


@pytest.fixture
def committed_cast(committed: None) -> Cast:
    """The cast, committed: other connections and processes see it."""
    return make_cast()
