"""Writes to people, groups and their rights; one subject a module.

`by` is the SCIM client or the person who acts, None for the operator's own shell. Every write records
its event in the same transaction.
"""

from identity.services.groups import (
    change_group,
    change_group_members,
    provision_group,
    remove_group,
    set_group_members,
)
from identity.services.logins import close_logins, end_all_logins, end_logins, end_sessions
from identity.services.people import (
    Profile,
    change_user,
    deactivate_user,
    provision_user,
    remove_user,
)
from identity.services.roles import grant_role, revoke_role
from identity.services.scim import (
    CallNote,
    change_scim_client,
    issue_scim_token,
    note_scim_call,
    revoke_scim_client,
    revoke_scim_token,
    rotate_scim_token,
)
from identity.services.tenants import create_tenant

__all__ = [
    "CallNote",
    "Profile",
    "change_group",
    "change_group_members",
    "change_scim_client",
    "change_user",
    "close_logins",
    "create_tenant",
    "deactivate_user",
    "end_all_logins",
    "end_logins",
    "end_sessions",
    "grant_role",
    "issue_scim_token",
    "note_scim_call",
    "provision_group",
    "provision_user",
    "remove_group",
    "remove_user",
    "revoke_role",
    "revoke_scim_client",
    "revoke_scim_token",
    "rotate_scim_token",
    "set_group_members",
]
