"""Every kind of event that the record knows, grouped by room (A1). Names are `<thing>.<what happened>`."""

from enum import StrEnum


class Event(StrEnum):
    """What happened. A member is never renamed or reused: old events keep their meaning."""

    # identity
    SIGNED_IN = "session.signed_in"
    SIGN_IN_REFUSED = "session.sign_in_refused"
    SIGNED_OUT = "session.signed_out"
    STEPPED_UP = "session.stepped_up"
    OFFBOARDING_BEGUN = "offboarding.begun"
    OFFBOARDING_STEP_DONE = "offboarding.step_done"
    OFFBOARDING_RETRIED = "offboarding.retried"
    OFFBOARDING_DONE = "offboarding.done"
    BREAK_GLASS_ISSUED = "break_glass.issued"
    BREAK_GLASS_USED = "break_glass.used"
    BREAK_GLASS_REVIEWED = "break_glass.reviewed"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "session.all_ended"
    TOKEN_CREATED = "token.created"  # noqa: S105 - a name
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - a name
    DEVICE_APPROVED = "device_grant.approved"
    DEVICE_DENIED = "device_grant.denied"
    SIGNAL_RECEIVED = "signal.received"
    SIGNAL_STREAM_ADDED = "signal_stream.added"
    SIGNAL_STREAM_CHANGED = "signal_stream.changed"
    TENANT_CREATED = "tenant.created"
    USER_PROVISIONED = "user.provisioned"
    USER_CHANGED = "user.changed"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    USER_REMOVED = "user.removed"
    GROUP_PROVISIONED = "group.provisioned"
    GROUP_CHANGED = "group.changed"
    GROUP_REMOVED = "group.removed"
    ROLE_GRANTED = "role.granted"
    ROLE_REVOKED = "role.revoked"
    RISK_CHANGED = "user.risk_changed"
    PERMISSION_GRANTED = "permission.granted"
    PERMISSION_REVOKED = "permission.revoked"
    SCIM_CLIENT_CREATED = "scim_client.created"
    SCIM_CLIENT_CHANGED = "scim_client.changed"
    SCIM_CLIENT_REVOKED = "scim_client.revoked"
    PROVIDER_CREATED = "identity_provider.created"
    PROVIDER_CHANGED = "identity_provider.changed"
    PROVIDER_TESTED = "identity_provider.tested"
    PROVIDER_ENABLED = "identity_provider.enabled"
    PROVIDER_DISABLED = "identity_provider.disabled"
    PROVIDER_REMOVED = "identity_provider.removed"
    SCIM_TOKEN_ISSUED = "scim_token.issued"  # noqa: S105 - a name
    SCIM_TOKEN_EXPIRES = "scim_token.expires"  # noqa: S105 - a name
    SCIM_TOKEN_REVOKED = "scim_token.revoked"  # noqa: S105 - a name

    # vault
    SECRET_KEPT = "secret.kept"  # noqa: S105 - a name
    SECRET_DROPPED = "secret.dropped"  # noqa: S105 - a name
    KEYS_PROVISIONED = "keys.provisioned"
    KEY_ANNOUNCED = "key.announced"
    KEY_ROTATED = "key.rotated"

    # datacatalog
    SCHEME_SEEDED = "scheme.seeded"
    CONTRACT_IMPORTED = "contract.imported"
    DATASET_PUBLISHED = "dataset.published"
    DATASET_STORAGE_CHANGED = "dataset.storage_changed"
    DATASET_STORAGE_DROPPED = "dataset.storage_dropped"
    FIELDS_CONFIRMED = "field.confirmed"
    FIELD_DOWNGRADED = "field.downgraded"
    FIELDS_UNTAGGED = "field.untagged"
    CONTRACT_EXPORTED = "contract.exported"
    DATABASE_READ = "database.read"

    # catalog
    TEMPLATE_PUBLISHED = "template.published"
    TEMPLATE_WITHDRAWN = "template.withdrawn"
    DRAFT_STARTED = "draft.started"
    DRAFT_HANDED_OVER = "draft.handed_over"
    DRAFT_DISCARDED = "draft.discarded"
    APP_SUBMITTED = "app.submitted"
    APP_LAUNCHING = "app.launching"
    APP_LIVE = "app.live"
    APP_LAUNCH_FAILED = "app.launch_failed"
    APP_REFUSED = "app.refused"
    APP_WITHDRAWN = "app.withdrawn"
    APP_CHANGES_ASKED = "app.changes_asked"
    APP_RETIRED = "app.retired"
    APP_OWNER_CHANGED = "app.owner_changed"
    APP_CO_OWNER_ADDED = "app.co_owner_added"
    APP_CO_OWNER_REMOVED = "app.co_owner_removed"

    # approvals
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_VOTED = "approval.voted"
    APPROVAL_VOTES_DROPPED = "approval.votes_dropped"
    APPROVAL_CHANGES_ASKED = "approval.changes_asked"
    APPROVAL_RESUBMITTED = "approval.resubmitted"
    APPROVAL_GRANTED = "approval.granted"
    APPROVAL_REJECTED = "approval.rejected"
    APPROVAL_WITHDRAWN = "approval.withdrawn"
    APPROVAL_EXPIRED = "approval.expired"
    APPROVAL_HANDED_OVER = "approval.handed_over"
    APPROVAL_LAPSED = "approval.lapsed"
    APPROVAL_REMINDED = "approval.reminded"
    APPROVAL_ESCALATED = "approval.escalated"

    # policy
    DECISION_ALLOWED = "decision.allowed"
    DECISION_DENIED = "decision.denied"
    DECISION_OVERRIDE = "decision.override"
    POLICY_ENGINE_DOWN = "policy.engine_down"
    EXCEPTION_ASKED = "exception.asked"
    EXCEPTION_GRANTED = "exception.granted"
    EXCEPTION_REFUSED = "exception.refused"
    EXCEPTION_ENDED = "exception.ended"
    EXCEPTION_EXPIRED = "exception.expired"
    ACCESS_RULES_SEEDED = "access_rules.seeded"
    ACCESS_RULE_SAVED = "access_rule.saved"
    ACCESS_RULE_REMOVED = "access_rule.removed"
    NETWORK_SAVED = "network.saved"
    NETWORK_REMOVED = "network.removed"
    OPA_AGENT_ADDED = "opa_agent.added"
    OPA_AGENT_REVOKED = "opa_agent.revoked"
    OPA_TOKEN_ISSUED = "opa_token.issued"  # noqa: S105 - a name
    OPA_TOKEN_EXPIRES = "opa_token.expires"  # noqa: S105 - a name
    OPA_TOKEN_REVOKED = "opa_token.revoked"  # noqa: S105 - a name

    # runtime
    RECORD_CREATED = "record.created"
    RECORD_UPDATED = "record.updated"
    RECORD_DELETED = "record.deleted"
    RECORD_READ = "record.read"
    RECORDS_READ = "records.read"
    VALUE_REVEALED = "value.revealed"
    EXPORT_REQUESTED = "export.requested"
    EXPORT_APPROVED = "export.approved"
    EXPORT_REFUSED = "export.refused"
    EXPORT_STARTED = "export.started"
    EXPORT_RESTARTED = "export.restarted"
    EXPORT_FINISHED = "export.finished"
    EXPORT_FAILED = "export.failed"
    EXPORT_DOWNLOADED = "export.downloaded"
    EXPORT_EXPIRED = "export.expired"
