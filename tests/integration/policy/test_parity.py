"""The embedded engine and a real OPA server decide alike (P3); `make soak NAME=parity` asks more."""

import pytest

from tests.integration.policy.parity import compare
from tests.opa_server import OpaServer

SEED = 20
NUMBER = 2_000


@pytest.mark.needs_opa
def test_both_engines_decide_alike(opa_server: OpaServer) -> None:
    tally = compare(opa_server.url, seed=SEED, number=NUMBER)
    assert tally.first is None
    assert tally.agreed == tally.number == NUMBER
    assert (tally.false_allows, tally.false_denies) == (0, 0)
    assert tally.denied >= 0.3 * NUMBER
    assert tally.number - tally.denied >= 0.2 * NUMBER
    assert tally.unanswered <= 0.03 * NUMBER
    # what is rarely right is generated often enough to be allowed now and then
    assert {"connector.call", "record.export", "app.submit", "app.go_live"} <= set(tally.allowed_by_action)
