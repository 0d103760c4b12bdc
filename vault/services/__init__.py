"""Writes of the vault."""

from vault.services.provisioning import (
    announce_signing_key,
    provision,
    provision_app,
    rotate,
    rotate_signing_key,
)
from vault.services.secrets import drop_secret, keep_secret

__all__ = [
    "announce_signing_key",
    "drop_secret",
    "keep_secret",
    "provision",
    "provision_app",
    "rotate",
    "rotate_signing_key",
]
