"""What a person searches for may be personal data, and addresses end up in logs and histories: in a
dataset with protected fields the search travels sealed under the tenant's key, for that person alone."""

import base64
import binascii

from identity.models import User
from runtime.live import LiveDataset
from vault import keys
from vault.errors import CannotDecrypt

PLACE = "search"


def seal(by: User, dataset: LiveDataset, text: str) -> str:
    """`text` as a parameter of an address."""
    box = keys.encrypt(dataset.spec.tenant, dataset.spec.app, PLACE, by.pk, text)
    return base64.urlsafe_b64encode(box).decode().rstrip("=")


def unseal(by: User, dataset: LiveDataset, sealed: str) -> str:
    """The text again; empty for what was not sealed for this person and app."""
    if not sealed:
        return ""
    try:
        box = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        return keys.decrypt(dataset.spec.tenant, dataset.spec.app, PLACE, by.pk, box)
    except (binascii.Error, ValueError, CannotDecrypt):
        return ""
