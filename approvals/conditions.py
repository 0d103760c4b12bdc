"""What a vote takes beside the right to it: how the voter proved himself. A Protocol, wired in portal."""

from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from approvals.models import Request
from identity.models import User


class Conditions(Protocol):
    """Who asks the rules, which lie above this room."""

    def check(self, *, by: User, request: Request) -> None:
        """Return where `by` may vote now; raise a DomainError that says what is missing where not."""
        ...


@cache
def conditions() -> Conditions:
    """The one that this installation wires."""
    made: Conditions = import_string(settings.VOTE_CONDITIONS)()
    return made
