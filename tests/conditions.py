"""Browsers with sessions of a certain age, access rules, and what leads to the provider."""

import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.test import Client

from identity.models import User
from identity.tenancy import tenant_scope
from policy import services
from policy.models import AccessRule
from tests.cast import Cast
from tests.live_apps import COMPANY, EMAIL, NOTES, VALUES
from tests.provider import DevelopmentProvider
from tests.scene import sign_in

OLD = int(time.time()) - 3 * 3600
FORM = "/apps/leads/leads/new"
PASSWORD = "f_test0010"
TYPED = {
    EMAIL: VALUES[EMAIL],
    COMPANY: "Fabrikam & Söhne",
    NOTES: 'Two lines\n"quoted" <b>',
    PASSWORD: "hunter2",
}
FRESH = {"second_factor": True, "max_age_minutes": 15}


def browser(person: User, **claims: Any) -> Client:
    client = Client()
    sign_in(client, person, **claims)
    return client


def rule(cast: Cast, *actions: str, **said: Any) -> AccessRule:
    with tenant_scope(cast.tenant.pk):
        made = AccessRule(**{"name": "House rule", "actions": list(actions), **said})
        return services.save_access_rule(by=cast.ada, rule=made)


def key_of(client: Client, address: str) -> str:
    content = client.get(address).content.decode()
    return str(content.partition('name="key" value="')[2].partition('"')[0])


def leads_away(response: HttpResponse, provider: DevelopmentProvider, **asked: str) -> bool:
    """To the provider: by a redirect, or after a form by a page that goes on by itself."""
    url = response.get("Location", "")
    if not url:
        start = '<meta http-equiv="refresh" content="0; url='
        url = unescape(response.content.decode().partition(start)[2].partition('"')[0])
    query = parse_qs(urlsplit(url).query)
    return url.startswith(f"{provider.issuer}/") and all(
        query[name] == [value] for name, value in asked.items()
    )


def age(client: Client, **claims: Any) -> None:
    """The same session, later, or after the step-up that brought `claims`."""
    session = client.session
    session["sso"] = {**session["sso"], **claims}
    session.save()
