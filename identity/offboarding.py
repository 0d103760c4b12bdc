"""What each room does when a person leaves: a Protocol, wired in portal/wiring.py (I5).

Access itself ends in the transaction that deactivates the person: the session epoch is raised, tokens look
at their owner. The steps here end or move what is left, each in a transaction of its own, by a task and a
sweep; a step may run twice and has nothing left to do the second time.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from identity.models import User


class Step(Protocol):
    """One room's part."""

    @property
    def title(self) -> str:
        """What it does, in the reader's language: "Sessions and tokens end"."""
        ...

    def run(self, user: User) -> Sequence[str]:
        """Do it for `user`, inside a transaction of the tenant; what was done, a line each.

        Lines are kept and shown to admins: they name things, and people only by their ids' display.
        """
        ...


@cache
def steps() -> Mapping[str, Step]:
    """Every step of this installation by its key, in the order in which they are shown."""
    return {key: import_string(path)() for key, path in settings.OFFBOARDING_STEPS.items()}


def heirs(user: User) -> list[User]:
    """Who may take over from `user`: his manager, then that one's, as far as they are active.

    A loop in the directory ends where it began.
    """
    found: list[User] = []
    seen = {user.pk}
    person = user.manager
    while person is not None and person.pk not in seen:
        seen.add(person.pk)
        if person.is_active and person.tenant_id == user.tenant_id:
            found.append(person)
        person = person.manager
    return found
