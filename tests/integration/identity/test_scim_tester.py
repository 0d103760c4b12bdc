"""scim2-tester's whole suite against the endpoint, on an empty and on a filled database."""

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import check_server
from scim2_tester.utils import Status

from tests.scim import ENTERPRISE, Scim

pytestmark = pytest.mark.django_db
PASSED = {Status.SUCCESS, Status.COMPLIANT, Status.ACCEPTABLE}


def check(scim: Scim) -> None:
    """Every check of the suite."""
    for signal in (request_started, request_finished):  # the test's transaction lies on the connection
        signal.disconnect(close_old_connections)
    client = WSGISCIMClient(
        WSGIHandler(),
        "http://testserver/scim/v2",
        headers={"Authorization": f"Bearer {scim.token}"},
    )
    try:
        results = check_server(client)
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    failed = [f"{r.status.name} {r.title}: {r.reason}" for r in results if r.status not in PASSED]
    assert not failed, "\n".join(failed)
    assert len(results) > 90


def fill(scim: Scim) -> None:
    boss = scim.user("boss")
    people = [
        scim.user(
            f"person{number}",
            emails=[{"value": f"p{number}@x.example"}],
            **{ENTERPRISE: {"department": "D", "manager": {"value": boss["id"]}}},
        )["id"]
        for number in range(30)
    ]
    for number in range(5):
        scim.group(f"Group {number}", people[number:])


@pytest.mark.parametrize("filled", [False, True])
def test_the_suite_passes(scim: Scim, filled: bool) -> None:
    if filled:
        fill(scim)
    check(scim)
