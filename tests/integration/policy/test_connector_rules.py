"""Calls of connectors are decided: scope, borders, hours, rate, ticket, second factor (X1, X2)."""

from dataclasses import replace
from typing import Any

import pytest

from identity.tenancy import tenant_scope
from policy import pdp
from policy.decision import Decision
from policy.errors import StepUpNeeded
from policy.inputs import (
    Action,
    AppRoleFacts,
    CallFacts,
    ClockFacts,
    ConnectorFacts,
    Context,
    ExceptionFacts,
    OperationFacts,
)
from policy.models import StoredDecision
from policy.outcome import MaskMethod
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.policy_facts import COMPANY, EMAIL, EU, US, in_tenant

LOA2 = "urn:devidp:loa:2"
CRM = ConnectorFacts(
    id="crm",
    operations=frozenset({"lead.create"}),
    allowed=frozenset({"lead.create"}),
    region=EU,
    details=(OperationFacts(name="lead.create", access="write", allowed_access="write", per_hour=200),),
)
VMS = ConnectorFacts(
    id="cloud",
    operations=frozenset({"vm.stop"}),
    allowed=frozenset({"vm.stop"}),
    region=EU,
    scope=frozenset({"vm-test"}),
    details=(
        OperationFacts(
            name="vm.stop",
            access="write",
            allowed_access="write",
            roles=frozenset({"operator"}),
            per_hour=10,
            from_minute=8 * 60,
            until_minute=18 * 60,
            days=frozenset({"mon", "tue"}),
            step_up=True,
            ticket=True,
        ),
    ),
)
OFFICE = ClockFacts(day="mon", minute=9 * 60)


def lead(cast: Cast, context: Context, connector: ConnectorFacts = CRM, **changes: Any) -> Decision:
    """A lead with an e-mail address is sent to the CRM."""
    call = CallFacts(connector="crm", operation="lead.create", access="write")
    return ask(cast, context, connector, call, dataset="leads", **changes)


def stop(cast: Cast, context: Context, *, scope: str = "vm-test", role: str = "operator") -> Decision:
    call = CallFacts(connector="cloud", operation="vm.stop", access="write", scope=scope)
    return ask(cast, context, VMS, call, role=role)


def ask(
    cast: Cast,
    context: Context,
    connector: ConnectorFacts,
    call: CallFacts,
    *,
    role: str = "operator",
    byok: bool = False,
    dataset: str | None = None,
) -> Decision:
    known = in_tenant(cast.tenant.pk, cast.lena.pk, EMAIL, COMPANY, dataset=dataset, call=call)
    roles = (
        AppRoleFacts(key=role, groups=frozenset({"Marketing"}), permissions=frozenset({"connector.call"})),
    )
    app = replace(known["resource"].app, connectors=(connector,), roles=roles, byok=byok)
    return pdp.decide(known["subject"], Action.CONNECTOR_CALL, replace(known["resource"], app=app), context)


def denied_by(decision: Decision) -> set[tuple[str, str]]:
    return {(reason.code, reason.case) for reason in decision.denials}


def test_a_lead_goes_out_tokenised_counted_and_kept(cast: Cast) -> None:
    decision = lead(cast, Context(calls_last_hour=3))
    assert decision.allowed
    assert decision.obligations.mask == {"f_email": MaskMethod.TOKEN}
    assert (decision.obligations.write_only, decision.obligations.per_hour) == (True, 200)
    with tenant_scope(cast.tenant.pk):
        kept = StoredDecision.objects.get(pk=decision.id)
        assert (kept.action, kept.allowed, kept.obligations["per_hour"]) == ("connector.call", True, 200)


def test_across_a_border_it_takes_key_and_exception(cast: Cast) -> None:
    abroad = replace(CRM, region=US)
    waiver = ExceptionFacts(id="x-1", rule="connector.cross_border", jurisdiction="us")
    now = Context(calls_last_hour=0)
    missing = {("connector.cross_border", "own_key"), ("connector.cross_border", "exception")}
    assert denied_by(lead(cast, now, abroad)) == missing
    assert denied_by(lead(cast, replace(now, exceptions=(waiver,)), abroad)) == {
        ("connector.cross_border", "own_key")
    }
    assert denied_by(lead(cast, now, abroad, byok=True)) == {("connector.cross_border", "exception")}
    assert lead(cast, replace(now, exceptions=(waiver,)), abroad, byok=True).allowed


def test_a_machine_is_stopped_in_its_hours_with_a_ticket_after_a_second_factor(cast: Cast) -> None:
    now = Context(clock=OFFICE, calls_last_hour=0, ticket=True)
    with at_edge(cast.lena, acr="low", step_up_acr=lambda: (LOA2,)):
        weak = stop(cast, now)
        with pytest.raises(StepUpNeeded):
            weak.raise_if_denied()
        assert weak.sign_in_asked == ((LOA2,), 15 * 60)
    with at_edge(cast.lena, acr=LOA2, step_up_acr=lambda: (LOA2,)):
        decision = stop(cast, now)
        decision.raise_if_denied()
        assert (decision.obligations.ticket, decision.obligations.per_hour) == (True, 10)
        assert not decision.obligations.mask
        assert decision.tags == ()


@pytest.mark.parametrize(
    ("change", "case"),
    [
        ({"clock": replace(OFFICE, minute=18 * 60)}, "hours"),
        ({"clock": None}, "hours"),
        ({"clock": replace(OFFICE, day="sun")}, "days"),
        ({"calls_last_hour": 10}, "rate"),
        ({"calls_last_hour": None}, "rate"),
        ({"ticket": False}, "ticket"),
    ],
)
def test_outside_its_guardrails_it_is_refused_with_a_word_for_each(
    cast: Cast, change: dict[str, Any], case: str
) -> None:
    now = replace(Context(clock=OFFICE, calls_last_hour=0, ticket=True), **change)
    with at_edge(cast.lena, acr=LOA2, step_up_acr=lambda: (LOA2,)):
        decision = stop(cast, now)
    assert ("operation.guardrails", case) in denied_by(decision)
    assert all(reason.text and reason.remedy for reason in decision.denials)


def test_outside_its_scope_or_role_it_is_refused(cast: Cast) -> None:
    now = Context(clock=OFFICE, calls_last_hour=0, ticket=True)
    with at_edge(cast.lena, acr=LOA2, step_up_acr=lambda: (LOA2,)):
        assert denied_by(stop(cast, now, scope="vm-live")) == {("connector.scope", "scope")}
        assert denied_by(stop(cast, now, role="viewer")) == {("connector.scope", "role")}


def test_the_hours_of_a_decision_are_those_of_its_facts(cast: Cast) -> None:
    """A call is a write: its outcome is never taken from the cache, whatever the clock said before."""
    assert Action.CONNECTOR_CALL in pdp.WRITES
    with at_edge(cast.lena, acr=LOA2, step_up_acr=lambda: (LOA2,)):
        assert stop(cast, Context(clock=OFFICE, calls_last_hour=0, ticket=True)).allowed
        late = ClockFacts(day="mon", minute=23 * 60)
        assert not stop(cast, Context(clock=late, calls_last_hour=0, ticket=True)).allowed
