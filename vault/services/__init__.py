"""Writes of the vault."""

from vault.services.ages import sweep_ages
from vault.services.destruction import (
    ask_destruction,
    finish_destruction,
    grant_destruction,
    refuse_destruction,
    sweep_destructions,
)
from vault.services.imports import begin_import, finish_import, import_key
from vault.services.provisioning import (
    announce_signing_key,
    begin_anew,
    provision,
    provision_app,
    rotate,
    rotate_signing_key,
)
from vault.services.rotation import rotate_kek, run_rewrap, sweep_rewraps
from vault.services.secrets import drop_secret, keep_secret
from vault.services.standing import disable_key, enable_key

__all__ = [
    "announce_signing_key",
    "ask_destruction",
    "begin_anew",
    "begin_import",
    "disable_key",
    "drop_secret",
    "enable_key",
    "finish_destruction",
    "finish_import",
    "grant_destruction",
    "import_key",
    "keep_secret",
    "provision",
    "provision_app",
    "refuse_destruction",
    "rotate",
    "rotate_kek",
    "rotate_signing_key",
    "run_rewrap",
    "sweep_ages",
    "sweep_destructions",
    "sweep_rewraps",
]
