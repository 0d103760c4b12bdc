"""Every dotted path that ties a Protocol of a lower room to the room above that fills it."""

# identity/secrets.py: who reveals what identity itself does not store
SECRET_RESOLVER = "vault.secrets.Secrets"  # noqa: S105 - a dotted path
SECRET_KEEPER = "vault.keeper.Keeper"  # noqa: S105 - a dotted path

# approvals/approvables.py: kind of object -> what can be approved
APPROVABLES: dict[str, str] = {
    "export": "runtime.approvables.ExportApproval",
    "app": "catalog.approvables.AppApproval",
}

# approvals/conditions.py: on which conditions a vote is taken
VOTE_CONDITIONS = "portal.conditions.VoteConditions"
