"""People, groups and how they prove who they are; one subject a module."""

from identity.models.group import Group, Membership, Role, RoleGrant
from identity.models.login import LoginSession
from identity.models.provider import EmailDomain, IdentityProvider
from identity.models.scim import ALL_SCOPES, ScimCall, ScimClient, ScimScope, ScimToken
from identity.models.tenant import Tenant
from identity.models.user import User, UserManager

__all__ = [
    "ALL_SCOPES",
    "EmailDomain",
    "Group",
    "IdentityProvider",
    "LoginSession",
    "Membership",
    "Role",
    "RoleGrant",
    "ScimCall",
    "ScimClient",
    "ScimScope",
    "ScimToken",
    "Tenant",
    "User",
    "UserManager",
]
