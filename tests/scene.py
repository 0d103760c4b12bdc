"""Lena's things, one of each kind, and sessions as the provider's sign-in leaves them."""

import time
import uuid
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from approvals.models import Request
from catalog.models import AppVersion
from datacatalog.models import Dataset, Region
from datacatalog.services.contracts import preview_contract
from identity.models import ScimClient, User
from identity.services import issue_scim_token
from identity.tenancy import tenant_scope
from runtime.models import Export
from tests import apps, live_apps
from tests.cast import Cast, make_cast


@dataclass
class Scene:
    """People by first name, and what the placeholders of addresses stand for."""

    cast: Cast
    people: dict[str, User]
    objects: dict[str, str] = field(default_factory=dict)

    def fill(self, route: str) -> str:
        """The address of `route` with Lena's objects in its placeholders."""
        for name, value in self.objects.items():
            route = route.replace(f"<{name}>", value)
        return "/" + route


def sign_in(client: Client, person: User) -> None:
    """A session with a fresh second factor."""
    client.force_login(person, backend="identity.backends.DirectoryBackend")
    session = client.session
    session["sso"] = {
        "issuer": settings.OIDC["issuer"],
        "sub": person.external_id,
        "sid": uuid.uuid4().hex,
        "acr": settings.OIDC["step_up_acr"].split()[0],
        "amr": ["pwd", "otp"],
        "auth_time": int(time.time()),
    }
    session.save()


__all__ = [
    "AppVersion",
    "Dataset",
    "Export",
    "Region",
    "Request",
    "Scene",
    "ScimClient",
    "apps",
    "get_user_model",
    "issue_scim_token",
    "live_apps",
    "make_cast",
    "preview_contract",
    "sign_in",
    "tenant_scope",
]
