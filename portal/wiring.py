"""Every dotted path that ties a Protocol of a lower room to the room above that fills it."""

# approvals/approvables.py: kind of object -> what can be approved
APPROVABLES: dict[str, str] = {}
