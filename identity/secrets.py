"""How this room asks for and hands over secrets that it does not store: Protocols, wired in portal."""

import uuid
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from ledger.log import Actor


class SecretResolver(Protocol):
    """Holder of secrets by name: a tenant's, or without a tenant the deployment's."""

    def reveal(self, name: str, *, tenant: uuid.UUID | None = None) -> str:
        """The plaintext of `name`; raises a DomainError where there is none."""
        ...


class SecretKeeper(Protocol):
    """Who stores a tenant's secrets, in the transaction at hand."""

    def keep(self, *, by: Actor | None, tenant: uuid.UUID, name: str, value: str) -> None:
        """Store the newest version of `name`."""
        ...

    def drop(self, *, by: Actor | None, tenant: uuid.UUID, name: str) -> None:
        """Delete `name`, if it is there."""
        ...


@cache
def resolver() -> SecretResolver:
    """The holder that this installation wires."""
    made: SecretResolver = import_string(settings.SECRET_RESOLVER)()
    return made


@cache
def keeper() -> SecretKeeper:
    """The keeper that this installation wires."""
    made: SecretKeeper = import_string(settings.SECRET_KEEPER)()
    return made
