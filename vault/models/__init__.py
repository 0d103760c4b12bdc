"""What the vault stores: wrapped keys, sealed secrets, and what is being done to keys."""

from vault.models.jobs import KeyImport, KeyUse, Rewrap
from vault.models.keks import KeyDestruction, KeyEncryptionKey
from vault.models.keys import StoredSecret, TenantKey

__all__ = [
    "KeyDestruction",
    "KeyEncryptionKey",
    "KeyImport",
    "KeyUse",
    "Rewrap",
    "StoredSecret",
    "TenantKey",
]
