"""Writes to people, groups and their rights; one subject a module.

`by` is the SCIM client or the person who acts, None for the operator's own shell. Every write records
its event in the same transaction.
"""

from identity.services.break_glass import issue_break_glass, review_break_glass, use_break_glass
from identity.services.groups import (
    change_group,
    change_group_members,
    provision_group,
    remove_group,
    set_group_members,
)
from identity.services.kept_forms import drop_form, forget_forms, keep_form, kept_form
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
from identity.services.risk import set_risk
from identity.services.roles import discard_role_plan, grant_role, plan_roles, revoke_role, save_roles
from identity.services.scim import (
    CallNote,
    change_scim_client,
    issue_scim_token,
    note_scim_call,
    revoke_scim_client,
    revoke_scim_token,
    rotate_scim_token,
)
from identity.services.tenants import create_tenant, new_access_revision, note_own_key
from identity.services.tokens import end_tokens, issue_token, revoke_token

__all__ = [
    "CallNote",
    "Connection",
    "Profile",
    "begin_offboarding",
    "change_group",
    "change_group_members",
    "change_provider",
    "change_scim_client",
    "change_user",
    "close_logins",
    "create_provider",
    "create_tenant",
    "deactivate_user",
    "disable_provider",
    "discard_role_plan",
    "drop_form",
    "drop_object_permissions",
    "enable_provider",
    "end_all_logins",
    "end_logins",
    "end_sessions",
    "end_tokens",
    "forget_forms",
    "grant_permission",
    "grant_role",
    "issue_break_glass",
    "issue_scim_token",
    "issue_token",
    "keep_form",
    "keep_provider_secret",
    "kept_form",
    "new_access_revision",
    "note_own_key",
    "note_provider_test",
    "note_scim_call",
    "overdue",
    "plan_roles",
    "provision_group",
    "provision_user",
    "remove_group",
    "remove_provider",
    "remove_user",
    "retry_step",
    "review_break_glass",
    "revoke_permission",
    "revoke_role",
    "revoke_scim_client",
    "revoke_scim_token",
    "revoke_token",
    "rotate_scim_token",
    "run_offboarding",
    "run_step",
    "save_roles",
    "set_email_domains",
    "set_group_members",
    "set_risk",
    "use_break_glass",
]
