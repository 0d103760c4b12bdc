"""Key management back ends: each holds key-encryption keys (KEKs) and never gives one away."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from vault.kms.base import Kms, KmsError

__all__ = ["Kms", "KmsError", "backend"]


@cache
def backend(name: str) -> Kms:
    """The back end that settings.KMS_BACKENDS has under `name`, one instance a process.

    Raises:
        KeyError: no such back end is configured.
    """
    made: Kms = import_string(settings.KMS_BACKENDS[name])()
    return made
