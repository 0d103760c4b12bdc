"""A portal that trusts the development provider, and people that it knows."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from devidp.people import companies
from identity.models import Tenant, User
from tests.provider import CLIENT_ID, Browser, DevelopmentProvider


@pytest.fixture
def trusted(provider: DevelopmentProvider, settings: Any) -> DevelopmentProvider:
    """The portal's settings name the running provider."""
    settings.OIDC = {
        **settings.OIDC,
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "name": "Development provider",
    }
    settings.SECRETS = {**settings.SECRETS, "oidc-client": provider.client_secret}
    cache.clear()
    return provider


@pytest.fixture
def provisioned(db: None) -> dict[str, User]:
    """The demo's people by the provider's id, as SCIM left them."""
    made: dict[str, User] = {}
    for company in companies().values():
        tenant = Tenant.objects.create(slug=company.key, name=company.title)
        for person in company.people:
            made[person.id] = User.objects.create(
                tenant=tenant, username=person.username, external_id=person.id, display_name=person.name
            )
    return made


def sign_in(client: Client, browser: Browser, person: str, next_url: str = "/"):
    """Press the button, sign in at the provider over HTTP, come back; returns the callback's answer."""
    start = client.post("/sign-in/", {"next": next_url})
    assert start.status_code == 302, start.content[:300]
    back = browser.sign_in(start["Location"], person)
    return client.get(back.removeprefix("http://testserver"))
