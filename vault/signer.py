"""Signs for rooms beside this one, which hold no keys themselves (policy/signing.py)."""

import uuid
from collections.abc import Mapping
from typing import Any

from ledger.log import Actor
from vault import services, signing


class Signer:
    """The tenant's signing keys; none of them ever leaves."""

    def prepare(self, *, by: Actor | None, tenant: uuid.UUID) -> None:
        """Make the tenant's first key, unless it is there."""
        services.provision(by=by, tenant=tenant)

    def key_id(self, tenant: uuid.UUID) -> str:
        """Of the key that signs now."""
        return signing.name_of(signing.rows_of(tenant)[0])

    def sign(self, tenant: uuid.UUID, claims: Mapping[str, Any]) -> str:
        """`claims` as a JWS by the key that signs now."""
        return signing.sign(signing.rows_of(tenant)[0], claims)

    def public_keys(self, tenant: uuid.UUID) -> dict[str, str]:
        """PEM by key id: the one that signs first, then one that is announced."""
        return {signing.name_of(row): signing.pem_of(row) for row in signing.rows_of(tenant)}
