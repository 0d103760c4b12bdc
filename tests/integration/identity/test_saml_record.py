"""What the record says of SAML: refusals of one's own answers, and nothing that anybody could make up."""

import json
from typing import Any

import psycopg
from django.test import Client

from identity.saml.services import add_saml_key, remove_saml_key, use_saml_key
from identity.tenancy import tenant_scope
from ledger.events import Event
from tests.cast import Cast
from tests.integration.identity.saml_site import PAGE, begun, come_back, saml_row
from tests.saml import Honest, posted
from tests.services import POSTGRES


def facts(kind: Event) -> list[dict[str, Any]]:
    """Straight from the table, as no role of the application may read it."""
    with psycopg.connect(POSTGRES.url()) as server:
        rows = server.execute("SELECT body FROM ledger.event ORDER BY id").fetchall()
    bodies = [json.loads(body) for (body,) in rows]
    return [body.get("facts") or {} for body in bodies if body["kind"] == kind.value]


def test_refusals(committed_cast: Cast) -> None:
    saml_row(committed_cast)
    Client().post(f"{PAGE}acs/", {"SAMLResponse": posted(b"<x/>")})
    assert facts(Event.SIGN_IN_REFUSED) == [], "anybody may post rubbish"
    client = Client()
    come_back(client, Honest.to(begun(client), "who.is.this@contoso.example"))
    assert [one["reason"] for one in facts(Event.SIGN_IN_REFUSED)] == ["not_provisioned"]
    other = Client()
    honest = Honest.to(begun(other), committed_cast.lena.external_id)
    come_back(other, honest, root=honest.signed("mallory"))
    told = facts(Event.SIGN_IN_REFUSED)
    assert [one["reason"] for one in told] == ["not_provisioned", "token"]
    assert committed_cast.lena.external_id not in json.dumps(told)


def test_the_rotation_of_a_key(committed_cast: Cast) -> None:
    row = saml_row(committed_cast)
    with tenant_scope(committed_cast.tenant.pk):
        for step in (add_saml_key, use_saml_key, remove_saml_key):
            step(by=committed_cast.ada, provider=row)
    told = [one["key"] for one in facts(Event.PROVIDER_CHANGED) if "key" in one]
    assert told == ["added", "used", "removed"]
