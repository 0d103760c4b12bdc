"""How this room has bundles signed, whose keys it does not hold: a Protocol, wired in portal."""

import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from ledger.log import Actor


class BundleSigner(Protocol):
    """Holder of a tenant's signing keys (ES256). Every call but `prepare` raises Unavailable without one.

    Equal claims under one key are one text: bundles are compared by their bytes.
    """

    def prepare(self, *, by: Actor | None, tenant: uuid.UUID) -> None:
        """Make the tenant's first key, unless it is there; in the transaction at hand."""
        ...

    def key_id(self, tenant: uuid.UUID) -> str:
        """Of the key that signs now; asked at every request, hence cheap."""
        ...

    def sign(self, tenant: uuid.UUID, claims: Mapping[str, Any]) -> str:
        """`claims` as a JWS in compact form (RFC 7515), `kid` in its header."""
        ...

    def public_keys(self, tenant: uuid.UUID) -> Mapping[str, str]:
        """PEM by key id: the one that signs first, then one that will."""
        ...


@cache
def signer() -> BundleSigner:
    """The holder that this installation wires."""
    made: BundleSigner = import_string(settings.BUNDLE_SIGNER)()
    return made
