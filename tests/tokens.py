"""Programs that call the API."""

import time
from typing import Any

from django.conf import settings
from django.test import Client

from identity.models import AccessToken, Scope, User
from identity.services import issue_token
from identity.tenancy import tenant_scope

ALL = tuple(Scope.values)


def proof(user: User, **changes: Any) -> dict[str, Any]:
    """A sign-in with a second factor, a moment ago."""
    return {
        "issuer": settings.OIDC["issuer"],
        "sub": user.external_id,
        "sid": "",
        "acr": (settings.OIDC["step_up_acr"].split() or [""])[0],
        "amr": ["pwd", "otp"],
        "auth_time": int(time.time()),
    } | changes


def make_token(
    owner: User,
    *scopes: str,
    kind: AccessToken.Kind = AccessToken.Kind.PERSONAL,
    days: int = 7,
    **more: Any,
) -> tuple[AccessToken, str]:
    """A token of `owner` with `scopes` (default: all)."""
    with tenant_scope(owner.tenant_id):
        return issue_token(
            by=owner,
            kind=kind,
            name="Nightly job",
            scopes=scopes or ALL,
            days=days,
            **{"proof": proof(owner), "login": None, **more},
        )


def caller(token: str, **more: str) -> Client:
    """Sends `token` with every call."""
    return Client(headers={"authorization": f"Bearer {token}", **more})
