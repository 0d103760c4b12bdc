"""From a refusal to its explanation in one click; who else may read it, and what of it (P5)."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import App
from catalog.services import add_co_owner
from identity.models import Membership, Role, RoleGrant, User
from identity.tenancy import tenant_scope
from ledger import sequencer
from ledger.context import Origin, source
from ledger.events import Event
from ledger.log import record
from tests import live_apps
from tests.cast import Cast
from tests.scene import sign_in


def client_of(person: User) -> Client:
    client = Client()
    sign_in(client, person)
    return client


@pytest.fixture
def refusal(committed_cast: Cast) -> tuple[Cast, str, Any]:
    """Theo opens an app that he has no role in; the address of the explanation, and the page."""
    cast = committed_cast
    live_apps.make_app(cast.lena)
    answer = client_of(cast.theo).get("/apps/leads/leads/")
    assert answer.status_code == 403
    found = re.search(r"/audit/decisions/[0-9a-f-]{36}/", answer.content.decode())
    assert found, "the refusal leads to its explanation"
    sequencer.run_once()
    return cast, found.group(), answer


def test_whoever_was_refused_reads_why_and_what_would_help(refusal: tuple[Cast, str, Any]) -> None:
    cast, url, _page = refusal
    page = client_of(cast.theo).get(url).content.decode()
    assert "Refused: list records" in page
    assert "None of your app roles allows this" in page
    assert "What would make this pass" in page
    assert "Ask the app&#x27;s owner for an app role" in page
    assert "/policy/rules/access.app_role/" in page
    assert "By the rules that are in force today." in page
    assert str(cast.theo.pk) not in page, "the facts name nobody"


@pytest.mark.parametrize(
    ("who", "sees"), [("lena", 200), ("ada", 200), ("sana", 200), ("mia", 404), ("nils", 404)]
)
def test_who_else_may_read_it(refusal: tuple[Cast, str, Any], who: str, sees: int) -> None:
    cast, url, _page = refusal
    assert client_of(getattr(cast, who)).get(url).status_code == sees


def test_a_co_owner_reads_it_without_the_session(refusal: tuple[Cast, str, Any]) -> None:
    cast, url, _page = refusal
    with tenant_scope(cast.tenant.pk):
        builders = RoleGrant.objects.get(tenant=cast.tenant, role=Role.BUILDER).group
        Membership.objects.create(tenant=cast.tenant, group=builders, user=cast.mia)
        add_co_owner(by=cast.lena, app=App.objects.get(slug="leads"), user=cast.mia)
    page = client_of(cast.mia).get(url).content.decode()
    assert "Theo Brandt" in page
    assert "On the record" not in page


def test_readers_see_it_on_the_record(refusal: tuple[Cast, str, Any]) -> None:
    cast, url, _page = refusal
    page = client_of(cast.sana).get(url).content.decode()
    assert "On the record" in page
    assert "decision.denied" in page


def test_a_program_gets_the_address_too(committed_cast: Cast) -> None:
    live_apps.make_app(committed_cast.lena)
    client = client_of(committed_cast.theo)
    problem = client.get("/apps/leads/leads/", headers={"accept": "application/json"}).json()
    assert problem["instance"] == f"/audit/decisions/{problem['decision']}/"
    assert client.get(problem["instance"]).status_code == 200


def test_it_costs_the_same_for_one_event_and_forty(refusal: tuple[Cast, str, Any]) -> None:
    cast, url, _page = refusal
    client, counts = client_of(cast.sana), []
    client.get(url)
    for more in (0, 39):
        with tenant_scope(cast.tenant.pk), source(Origin.TASK):
            for _time in range(more):
                record(Event.RECORD_CREATED, by=cast.lena, decision=uuid.UUID(url.split("/")[-2]))
        sequencer.run_once()
        with CaptureQueriesContext(connection) as queries:
            page = client.get(url).content.decode()
        counts.append((page.count('id="event-'), len(queries)))
    assert [found for found, _queries in counts] == [1, 40]
    assert counts[0][1] == counts[1][1]


def test_rules_are_open_to_everybody_with_their_source(committed_cast: Cast) -> None:
    client = client_of(committed_cast.mia)
    page = client.get("/policy/rules/").content.decode()
    assert "Data stays in its region" in page
    page = client.get("/policy/rules/residency.cross_region_export/").content.decode()
    assert "GDPR Art. 44" in page
    assert "package portal.rules.cross_region_export" in page
    assert client.get("/policy/rules/no.such/").status_code == 404
