"""How this room asks for a secret that it does not store: a Protocol, wired in portal/wiring.py."""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class SecretResolver(Protocol):
    """Holder of secrets by name."""

    def reveal(self, name: str) -> str:
        """The plaintext of `name`; raises a DomainError where there is none."""
        ...


@cache
def resolver() -> SecretResolver:
    """The holder that this installation wires."""
    made: SecretResolver = import_string(settings.SECRET_RESOLVER)()
    return made
