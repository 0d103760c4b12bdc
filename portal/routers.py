"""Migrations run as the owner; everything else runs as the ordinary role."""

from typing import Any


class OwnerMigrates:
    """`migrate` is called with --database owner; the other aliases are roles on the same tables."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Only the owner alters tables."""
        return db == "owner"
