"""People, groups and how they prove who they are; one subject a module."""

from identity.models.break_glass import BreakGlass
from identity.models.group import Group, Membership, Role, RoleChange, RoleGrant
from identity.models.hashed_token import HashedToken
from identity.models.kept_form import KeptForm
from identity.models.login import LoginSession
from identity.models.offboarding import Offboarding, OffboardingStep
from identity.models.permission import AnyGroupPermission
from identity.models.provider import EmailDomain, IdentityProvider
from identity.models.saml import SamlProvider, SamlRequest
from identity.models.scim import ALL_SCOPES, ScimCall, ScimClient, ScimScope, ScimToken
from identity.models.signal import SignalReceipt, SignalStream
from identity.models.tenant import Tenant
from identity.models.token import AccessToken, DeviceGrant, Scope
from identity.models.user import Risk, User, UserManager

__all__ = [
    "ALL_SCOPES",
    "AccessToken",
    "AnyGroupPermission",
    "BreakGlass",
    "DeviceGrant",
    "EmailDomain",
    "Group",
    "HashedToken",
    "IdentityProvider",
    "KeptForm",
    "LoginSession",
    "Membership",
    "Offboarding",
    "OffboardingStep",
    "Risk",
    "Role",
    "RoleChange",
    "RoleGrant",
    "SamlProvider",
    "SamlRequest",
    "ScimCall",
    "ScimClient",
    "ScimScope",
    "ScimToken",
    "Scope",
    "SignalReceipt",
    "SignalStream",
    "Tenant",
    "User",
    "UserManager",
]
