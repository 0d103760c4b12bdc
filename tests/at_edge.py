"""People at the edge, for services and decisions that are tested below it."""

import time
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings

from identity.models import User
from identity.presence import Presence, present
from policy.rules import revision_of


def at_edge(user: User, **shown: Any) -> AbstractContextManager[None]:
    """`user` signed in a moment ago with a second factor; `shown` says otherwise."""
    contexts = tuple(settings.OIDC["step_up_acr"].split())
    facts: dict[str, Any] = {
        "person": user.pk,
        "access_revision": revision_of(user.tenant_id),
        "acr": contexts[0],
        "amr": frozenset({"user", "otp"}),
        "auth_time": int(time.time()),
        "step_up_acr": lambda: contexts,
    }
    return present(Presence(**{**facts, **shown}))
