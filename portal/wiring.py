"""Every dotted path that ties a Protocol of a lower room to the room above that fills it."""

# identity/secrets.py: who reveals what identity itself does not store
SECRET_RESOLVER = "vault.secrets.Secrets"  # noqa: S105 - a dotted path
SECRET_KEEPER = "vault.keeper.Keeper"  # noqa: S105 - a dotted path

# identity/offboarding.py: what each room does when a person leaves, in the order in which it is shown
OFFBOARDING_STEPS: dict[str, str] = {
    "sessions": "identity.leaving.Sessions",
    "tokens": "identity.leaving.Tokens",
    "permissions": "identity.leaving.ObjectPermissions",
    "exports": "runtime.leaving.Exports",
    "approvals": "approvals.leaving.Approvals",
    "apps": "catalog.leaving.OwnedApps",
    "secrets": "vault.leaving.KnownSecrets",
}

# approvals/approvables.py: kind of object -> what can be approved
APPROVABLES: dict[str, str] = {
    "export": "runtime.approvables.ExportApproval",
    "app": "catalog.approvables.AppApproval",
    "exception": "policy.approvables.ExceptionApproval",
    "rules": "policy.approvables.RulesApproval",
    "policydata": "policy.approvables.DataChangeApproval",
    "erasure": "datacatalog.approvables.ErasureApproval",
    "key_destruction": "vault.approvables.KeyDestructionApproval",
}

# policy/datakinds.py: kind of policy data -> who checks, tells and applies a change of it
POLICY_DATA: dict[str, str] = {
    "classification": "catalog.scheme_data.ClassificationData",
    "region": "catalog.scheme_data.RegionData",
    "thresholds": "datacatalog.threshold_data.ThresholdData",
}

# datacatalog/services/retention.py: who keeps copies of what records hold
COPIES_OF_RECORDS = ("runtime.disposal.ExportFiles",)

# policy/signing.py: who signs the bundles that agents pull
BUNDLE_SIGNER = "vault.signer.Signer"

# approvals/conditions.py: on which conditions a vote is taken
VOTE_CONDITIONS = "portal.conditions.VoteConditions"

# policy/simulation/questions.py: what the rooms above policy would ask it today
SIMULATION_SOURCES = ("catalog.simulation.questions",)
# policy/simulation/told.py: what people call an app, and whose it is
SIMULATION_APPS = "catalog.simulation.apps"
