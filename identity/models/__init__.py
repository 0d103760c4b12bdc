"""People, groups and how they prove who they are; one subject a module."""

from identity.models.break_glass import BreakGlass
from identity.models.group import Group, Membership, Role, RoleChange, RoleGrant
from identity.models.login import LoginSession
from identity.models.offboarding import Offboarding, OffboardingStep
from identity.models.permission import AnyGroupPermission
from identity.models.provider import EmailDomain, IdentityProvider
from identity.models.scim import ScimClient
from identity.models.tenant import Tenant
from identity.models.user import User, UserManager

__all__ = [
    "AnyGroupPermission",
    "BreakGlass",
    "EmailDomain",
    "Group",
    "IdentityProvider",
    "LoginSession",
    "Membership",
    "Offboarding",
    "OffboardingStep",
    "Role",
    "RoleChange",
    "RoleGrant",
    "ScimClient",
    "Tenant",
    "User",
    "UserManager",
]
