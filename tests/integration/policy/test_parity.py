"""The embedded engine and a real OPA server decide alike (P3); `make soak NAME=parity` asks more."""

import pytest

from policy.checks.parity import generated, of_another_kind
from policy.inputs import (
    CallFacts,
    ClockFacts,
    ConnectorFacts,
    Context,
    OperationFacts,
    to_document,
)
from tests.integration.policy.both import compare
from tests.opa_server import OpaServer
from tests.policy_facts import EMAIL, EU, app, of, subject

SEED = 20
NUMBER = 2_000


@pytest.mark.needs_opa
def test_both_engines_decide_alike(opa_server: OpaServer) -> None:
    tally = compare(opa_server.url, generated(SEED, NUMBER))
    assert tally.first is None
    assert tally.agreed == tally.number == NUMBER
    assert (tally.false_allows, tally.false_denies) == (0, 0)
    assert tally.denied >= 0.3 * NUMBER
    assert tally.number - tally.denied >= 0.2 * NUMBER
    assert tally.unanswered <= 0.03 * NUMBER
    # what is rarely right is generated often enough to be allowed now and then
    assert {"connector.call", "record.export", "app.submit", "app.go_live"} <= set(tally.allowed_by_action)


@pytest.mark.needs_opa
def test_they_deny_alike_what_is_of_another_kind(opa_server: OpaServer) -> None:
    call = CallFacts(connector="crm", operation="lead.create", access="write")
    limits = OperationFacts(name="lead.create", access="write", per_hour=5, from_minute=0, until_minute=60)
    crm = ConnectorFacts(id="crm", operations=frozenset({"lead.create"}), region=EU, details=(limits,))
    facts = app(EMAIL, connectors=(crm,), permissions=frozenset({"connector.call"}))
    now = Context(calls_last_hour=1, clock=ClockFacts(day="mon", minute=1))
    document = to_document(subject(), "connector.call", of(facts, dataset="leads", call=call), now)
    tally = compare(opa_server.url, of_another_kind([document]))
    assert tally.number > 400
    assert tally.first is None
    assert 0 < tally.allowed_by_action["connector.call"] < tally.number / 2
