"""How the person at the edge proved himself, and from where: facts for conditional access (I4).

Set by whoever lets a person in (the portal's middleware for browsers, the API for tokens) and read by the
decision point; below the edge nobody hands it on. Where it is missing, nothing was proved.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial

from django.http import HttpRequest

from identity.address import Address, client_address
from identity.models import User
from identity.models.user import Risk
from identity.sessions import context_of
from identity.step_up import contexts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One person at the edge.

    `step_up_acr` gives the contexts that count as a second factor at the person's provider; it may have to
    look, so it is called only where a rule asks for a second factor. `auth_time` is in epoch seconds, 0 when
    it is not known; `device_compliant` is None where the provider does not say; `access_revision` names the
    tenant's access rules as they stood when the request began, and `own_key` says whether its data was under
    a key that it brought.
    """

    person: uuid.UUID
    access_revision: uuid.UUID | None
    acr: str = ""
    amr: frozenset[str] = frozenset()
    auth_time: int = 0
    step_up_acr: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False)
    device_compliant: bool | None = None
    address: Address | None = field(default=None, repr=False)
    risk: str = Risk.LOW
    own_key: bool = False
    breaks_glass: bool = False  # let in from the server's shell, without a provider


_presence: ContextVar[Presence | None] = ContextVar("presence", default=None)


def presence() -> Presence | None:
    """Who is at the edge of the work at hand; None in tasks, in commands and before the sign-in."""
    return _presence.get()


@contextmanager
def present(here: Presence | None) -> Iterator[None]:
    """Everything decided inside is decided with `here` at the edge."""
    token = _presence.set(here)
    try:
        yield
    finally:
        _presence.reset(token)


def presence_of(request: HttpRequest) -> Presence | None:
    """What the session of `request` and its connection show."""
    user = request.user
    if not isinstance(user, User):
        return None
    proved = context_of(request)
    return Presence(
        person=user.pk,
        access_revision=user.tenant.access_revision,
        own_key=user.tenant.brings_own_key,
        acr=proved.acr if proved else "",
        amr=frozenset(proved.amr) if proved else frozenset(),
        auth_time=proved.auth_time if proved else 0,
        step_up_acr=partial(contexts_of, request),
        device_compliant=proved.device_compliant if proved else None,
        address=client_address(request),
        risk=user.risk,
        breaks_glass=user.breaks_glass,
    )
