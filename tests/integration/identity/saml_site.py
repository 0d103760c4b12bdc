"""A portal that trusts a SAML provider of tests/saml.py, and a browser's part of signing in there."""

from typing import Any

from django.core.cache import cache
from django.test import Client
from lxml import etree

from identity.models import IdentityProvider
from identity.saml.services import create_saml_provider
from identity.services import Connection
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.saml import HIGH, Honest, metadata, posted
from vault.services import provision

PAGE = "/sign-in/saml/contoso-saml/"


def saml_row(cast: Cast) -> IdentityProvider:
    """Contoso's provider, enabled, as after a passed test."""
    cache.clear()
    with tenant_scope(cast.tenant.pk):
        provision(by=None, tenant=cast.tenant.pk)
        connection = Connection("Contoso SAML", "", metadata=metadata(), step_up_contexts=HIGH)
        row = create_saml_provider(by=cast.ada, slug="contoso-saml", connection=connection)
    row.is_enabled = True
    row.save()
    return row


def begun(client: Client, next_url: str = "/") -> str:
    """Press the button of the provider's page; where the browser is sent."""
    start = client.post("/sign-in/contoso-saml/", {"next": next_url})
    assert start.status_code == 302, start.content[:300]
    return str(start["Location"])


def come_back(
    client: Client, answer: Honest, session: Any = None, *, root: etree._Element | bytes | None = None
) -> Any:
    """Post the signed answer, without the session's cookie, and follow to our page, with it."""
    kept = session or client.cookies.pop("portal_session", None)
    done = client.post(f"{PAGE}acs/", {"SAMLResponse": posted(answer.signed() if root is None else root)})
    if kept is not None:
        client.cookies["portal_session"] = kept.value
    if done.status_code != 303:
        return done
    assert "portal_session" not in done.cookies, "the provider's POST stores no session"
    return client.get(done["Location"])


def signed_in(cast: Cast, **changes: Any) -> Client:
    """Ada, the admin, signed in at the provider."""
    client = Client()
    answer = Honest.to(begun(client), cast.ada.external_id, **changes)
    assert come_back(client, answer).status_code == 302
    return client


def step_up(client: Client, session: Any = None) -> str:
    """Open what needs a step-up; where the browser is sent."""
    if session is not None:
        client.cookies["portal_session"] = session.value
    sent = client.get("/admin/")
    assert sent.status_code == 302
    client.cookies.pop("portal_session", None) if session is not None else None
    return str(sent["Location"])


def is_open(client: Client) -> bool:
    """Whether somebody is signed in."""
    return client.get("/sign-out/").status_code == 200
