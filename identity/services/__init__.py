"""Writes to people, groups and their rights; one subject a module.

`by` is the SCIM client or the person who acts, None for the operator's own shell. Every write records
its event in the same transaction.
"""

from identity.services.break_glass import issue_break_glass, review_break_glass, use_break_glass
from identity.services.groups import change_group, provision_group, remove_group, set_group_members
from identity.services.logins import close_logins, end_all_logins, end_logins, end_sessions
from identity.services.offboarding import begin_offboarding, overdue, retry_step, run_offboarding, run_step
from identity.services.people import (
    Profile,
    change_user,
    deactivate_user,
    provision_user,
    remove_user,
)
from identity.services.permissions import drop_object_permissions, grant_permission, revoke_permission
from identity.services.roles import discard_role_plan, grant_role, plan_roles, revoke_role, save_roles
from identity.services.scim import issue_scim_token, revoke_scim_client
from identity.services.tenants import create_tenant

__all__ = [
    "Profile",
    "begin_offboarding",
    "change_group",
    "change_user",
    "close_logins",
    "create_tenant",
    "deactivate_user",
    "discard_role_plan",
    "drop_object_permissions",
    "end_all_logins",
    "end_logins",
    "end_sessions",
    "grant_permission",
    "grant_role",
    "issue_break_glass",
    "issue_scim_token",
    "overdue",
    "plan_roles",
    "provision_group",
    "provision_user",
    "remove_group",
    "remove_user",
    "retry_step",
    "review_break_glass",
    "revoke_permission",
    "revoke_role",
    "revoke_scim_client",
    "run_offboarding",
    "run_step",
    "save_roles",
    "set_group_members",
    "use_break_glass",
]
