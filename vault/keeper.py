"""Takes secrets from rooms below, which store none themselves (identity/secrets.py)."""

import uuid

from ledger.log import Actor
from vault import services


class Keeper:
    """Stores and deletes a tenant's secrets; reveals none."""

    def keep(self, *, by: Actor | None, tenant: uuid.UUID, name: str, value: str) -> None:
        """Store the newest version of `name`."""
        services.keep_secret(by=by, tenant=tenant, name=name, value=value)

    def drop(self, *, by: Actor | None, tenant: uuid.UUID, name: str) -> None:
        """Delete `name`, if it is there."""
        services.drop_secret(by=by, tenant=tenant, name=name)
