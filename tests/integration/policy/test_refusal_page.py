"""A refusal inside a request: the change is gone, the denial stays, the page says why."""

from typing import Any

import pytest
from django.test import Client

from identity.models import Group
from identity.tenancy import tenant_scope
from policy.models import StoredDecision
from tests.cast import Cast

pytestmark = pytest.mark.urls("tests.integration.policy.refusing_urls")


def visit(cast: Cast, address: str = "/refused/", **headers: str) -> Any:
    """Lena opens the page that is refused."""
    client = Client(headers=headers, raise_request_exception=False)
    client.force_login(cast.lena, backend="identity.backends.DirectoryBackend")
    return client.get(address)


def test_the_denial_survives_the_request_and_the_change_does_not(committed_cast: Cast) -> None:
    response = visit(committed_cast)
    assert response.status_code == 403
    with tenant_scope(committed_cast.tenant.pk):
        decision = StoredDecision.objects.get()
        assert not Group.objects.filter(name="must not stay").exists()
    page = response.content.decode()
    assert "No rule knows this action" in page
    assert "access.unknown_action" in page
    assert str(decision.pk) in page


@pytest.mark.parametrize("how", ["400", "403", "404", "500"])
def test_djangos_own_exceptions_take_changes_back_and_leave_denials(committed_cast: Cast, how: str) -> None:
    assert visit(committed_cast, f"/given-up/{how}/").status_code == int(how)
    with tenant_scope(committed_cast.tenant.pk):
        assert not Group.objects.filter(name="must not stay").exists()
        assert StoredDecision.objects.get().action == "record.fly"


def test_an_api_gets_the_reasons_as_problem_json(committed_cast: Cast) -> None:
    response = visit(committed_cast, accept="application/json")
    assert response.status_code == 403
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["reasons"][0]["code"] == "access.unknown_action"
    with tenant_scope(committed_cast.tenant.pk):
        assert str(StoredDecision.objects.get().pk) == problem["decision"]


def test_without_an_engine_the_page_says_so(committed_cast: Cast, settings: Any) -> None:
    settings.OPA_URL = "unix:///nowhere/opa.sock"
    response = visit(committed_cast)
    assert response.status_code == 503
    assert "denied for safety" in response.content.decode()
    with tenant_scope(committed_cast.tenant.pk):
        assert StoredDecision.objects.get().reasons[0]["code"] == "engine.unavailable"
