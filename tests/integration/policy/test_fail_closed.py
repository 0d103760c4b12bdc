"""The decision point fails closed: a broken engine is a denial that is kept (P3)."""

import json
import os
import signal
import time
from typing import Any

import pytest
from django.core.cache import cache

from identity.tenancy import tenant_scope
from notices.models import Outbox
from policy import pdp
from policy.decision import Decision
from policy.engines.embedded import EmbeddedEngine
from policy.engines.pulse import Pulse
from policy.errors import Refused
from policy.models import StoredDecision
from tests.cast import Cast
from tests.integration.policy.faults import SECONDS, recovers
from tests.integration.policy.test_opa import PROVENANCE, peer
from tests.integration.runtime.test_records import events
from tests.opa_server import OpaServer
from tests.policy_facts import COMPANY, in_tenant


def ask(cast: Cast, action: str = "record.list") -> Decision:
    """Something that is allowed when an engine answers, and only counted."""
    return pdp.decide(
        **{"action": action, **in_tenant(cast.tenant.pk, cast.lena.pk, COMPANY, dataset="leads")}
    )


def ask_and_roll_back(cast: Cast) -> None:
    """As a request does that fails later on."""
    with pdp.denials_survive(), tenant_scope(cast.tenant.pk):
        ask(cast)
        raise RuntimeError("something else went wrong")


def assert_denied_and_kept(cast: Cast, decision: Decision) -> None:
    assert not decision.allowed
    assert [reason.code for reason in decision.reasons] == ["engine.unavailable"]
    assert "denied for safety" in decision.reasons[0].text
    with pytest.raises(Refused) as refusal:
        decision.raise_if_denied()
    assert refusal.value.status == 503
    with tenant_scope(cast.tenant.pk):
        row = StoredDecision.objects.get(pk=decision.id)
    assert (row.allowed, row.reasons[0]["code"]) == (False, "engine.unavailable")


def test_without_its_opa_the_portal_denies_and_does_not_fall_back(
    committed_cast: Cast, settings: Any
) -> None:
    settings.OPA_URL = "unix:///nowhere/opa.sock"
    decision = ask(committed_cast)
    assert decision.engine == "opa"
    assert_denied_and_kept(committed_cast, decision)


def test_an_outage_is_an_event_and_told_to_admins_and_security_once(
    committed_cast: Cast, settings: Any
) -> None:
    cache.clear()
    settings.OPA_URL = "unix:///nowhere/opa.sock"
    for _time in range(3):
        ask(committed_cast)
    with pytest.raises(RuntimeError):
        ask_and_roll_back(committed_cast)
    [alarm] = events("policy.engine_down")
    assert alarm["facts"] == {"engine": "opa", "fault": "away"}
    with tenant_scope(committed_cast.tenant.pk):
        told = Outbox.objects.filter(kind="policy.engine_down").values_list("role", flat=True)
        assert sorted(told) == ["admin", "security"]


def test_the_alarm_survives_the_roll_back_of_the_first_denial(committed_cast: Cast, settings: Any) -> None:
    cache.clear()
    settings.OPA_URL = "unix:///nowhere/opa.sock"
    with pytest.raises(RuntimeError):
        ask_and_roll_back(committed_cast)
    assert len(events("policy.engine_down")) == 1


@pytest.mark.needs_opa
def test_a_killed_opa_denies_even_what_it_allowed_a_moment_ago(
    committed_cast: Cast, settings: Any, own_opa: OpaServer
) -> None:
    settings.OPA_URL = own_opa.url
    assert ask(committed_cast).allowed
    assert ask(committed_cast).duration_ms == 0.0, "the second comes from the cache"
    own_opa.stop()
    assert_denied_and_kept(committed_cast, ask(committed_cast))
    own_opa.start()
    deadline = time.monotonic() + 10
    while not ask(committed_cast).allowed:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.needs_opa
def test_a_look_at_the_pulse_is_cheap(own_opa: OpaServer) -> None:
    """It stands before each cached answer: no system call but one look at a socket that is open."""
    pulse = Pulse(own_opa.url)
    assert pulse.beats()
    kept = pulse._socket
    assert all(pulse.beats() for _again in range(1000))
    assert pulse._socket is kept


def test_an_engine_that_hangs_denies_everything_and_recovers(committed_cast: Cast, settings: Any) -> None:
    settings.POLICY_TIMEOUT_SECONDS = SECONDS
    engine = pdp.engine()
    assert isinstance(engine, EmbeddedEngine)
    pdp.outcomes.clear()
    assert ask(committed_cast).allowed
    for pid in engine.pids:
        os.kill(pid, signal.SIGSTOP)
    assert_denied_and_kept(committed_cast, ask(committed_cast, "record.create"))
    recovers(engine)
    assert ask(committed_cast).allowed


def test_a_cached_outcome_ends_with_the_time_out_of_a_decision(committed_cast: Cast, settings: Any) -> None:
    settings.POLICY_TIMEOUT_SECONDS = SECONDS
    assert ask(committed_cast).allowed
    pdp.engine().close()
    settings.OPA_URL = ""
    assert ask(committed_cast).duration_ms == 0.0
    time.sleep(SECONDS)
    assert ask(committed_cast).duration_ms > 0.0


@pytest.mark.parametrize("answer", [{"allow": True}, {"result": 1}, "yes"])
def test_an_answer_of_another_shape_is_denied(committed_cast: Cast, settings: Any, answer: object) -> None:
    body = json.dumps({"result": answer, "provenance": PROVENANCE})
    with peer(200, body) as url:
        settings.OPA_URL = url
        decision = ask(committed_cast)
    assert_denied_and_kept(committed_cast, decision)
