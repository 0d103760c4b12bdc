"""Writes to people, groups and their rights; one subject a module.

`by` is the SCIM client or the person who acts, None for the operator's own shell. Every write records
its event in the same transaction.
"""

from identity.services.groups import change_group, provision_group, remove_group, set_group_members
from identity.services.logins import close_logins, end_all_logins, end_logins, end_sessions
from identity.services.people import (
    Profile,
    change_user,
    deactivate_user,
    provision_user,
    remove_user,
)
from identity.services.providers import (
    Connection,
    change_provider,
    create_provider,
    disable_provider,
    enable_provider,
    keep_provider_secret,
    note_provider_test,
    remove_provider,
    set_email_domains,
)
from identity.services.roles import grant_role, revoke_role
from identity.services.scim import issue_scim_token, revoke_scim_client
from identity.services.tenants import create_tenant

__all__ = [
    "Connection",
    "Profile",
    "change_group",
    "change_provider",
    "change_user",
    "close_logins",
    "create_provider",
    "create_tenant",
    "deactivate_user",
    "disable_provider",
    "enable_provider",
    "end_all_logins",
    "end_logins",
    "end_sessions",
    "grant_role",
    "issue_scim_token",
    "keep_provider_secret",
    "note_provider_test",
    "provision_group",
    "provision_user",
    "remove_group",
    "remove_provider",
    "remove_user",
    "revoke_role",
    "revoke_scim_client",
    "set_email_domains",
    "set_group_members",
]
