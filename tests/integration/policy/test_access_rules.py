"""A tenant's access rules: chosen, held against the session, judged, kept; effective at the next question."""

import json
import time
import uuid
from ipaddress import ip_address
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from identity.errors import BadInput, Conflict
from identity.models import Risk
from identity.presence import present
from identity.services import set_risk
from identity.tenancy import tenant_scope
from policy import pdp, services
from policy.decision import Decision
from policy.errors import Refused, StepUpNeeded
from policy.inputs import Action, Context, FieldFacts
from policy.models import AccessRule, Network, StoredDecision, StoredInput
from policy.rules import revision_of
from tests.at_edge import at_edge
from tests.cast import Cast
from tests.integration.runtime.test_records import events
from tests.policy_facts import COMPANY, EMAIL, EU, HEALTH, in_tenant

LOA2 = "urn:devidp:loa:2"
STRICT = {"second_factor": True, "amr": "hwk", "max_age_minutes": 5, "device": True}


def rule(cast: Cast, **said: Any) -> AccessRule:
    """A rule on listing records, saved by the admin."""
    with tenant_scope(cast.tenant.pk):
        made = AccessRule(**{"name": "House rule", "actions": ["record.list"], **said})
        return services.save_access_rule(by=cast.ada, rule=made)


def ask(
    cast: Cast, action: str = "record.list", *fields: Any, context: Context | None = None, **how: Any
) -> Decision:
    known = in_tenant(cast.tenant.pk, cast.lena.pk, *(fields or (COMPANY,)), dataset="leads")
    return pdp.decide(known["subject"], action, known["resource"], context, **how)


def cases(decision: Decision) -> set[tuple[str, str]]:
    return {
        (reason.case, reason.kind.value) for reason in decision.reasons if reason.code == "access.conditions"
    }


@pytest.mark.parametrize(
    ("demand", "shown", "case"),
    [
        ({"second_factor": True}, {"acr": "low"}, "sign_in"),
        ({"second_factor": True}, {"step_up_acr": tuple, "acr": LOA2}, "sign_in"),
        ({"acr": "phrh"}, {}, "sign_in"),
        ({"amr": "hwk fido"}, {}, "sign_in"),
        ({"max_age_minutes": 5}, {"auth_time": int(time.time()) - 3600}, "sign_in"),
        ({"max_age_minutes": 5}, {"auth_time": 0}, "sign_in"),
        ({"second_factor": True, "effect": "deny"}, {"acr": "low"}, "too_weak"),
        ({"device": True}, {"device_compliant": False}, "device_refused"),
        ({"device": True}, {}, "device_unknown"),
        ({"networks": ["Office"]}, {"address": ip_address("198.51.100.1")}, "network"),
        ({"networks": ["Office"]}, {}, "network"),
        ({"max_risk": "low"}, {"risk": "medium"}, "risk"),
        ({"max_risk": "medium"}, {"risk": "high"}, "risk"),
    ],
)
def test_what_does_not_meet_a_demand(
    committed_cast: Cast, demand: dict[str, Any], shown: dict[str, Any], case: str
) -> None:
    rule(committed_cast, **_with_networks(committed_cast, demand))
    with at_edge(committed_cast.lena, **shown):
        decision = ask(committed_cast)
    curable = case == "sign_in"
    assert cases(decision) == {(case, "warn" if curable else "deny")}
    assert (decision.allowed, decision.obligations.step_up) == (curable, curable)
    with pytest.raises(StepUpNeeded if curable else Refused):
        decision.raise_if_denied()


@pytest.mark.parametrize(
    ("demand", "shown"),
    [
        ({"second_factor": True, "max_age_minutes": 15}, {}),
        ({"acr": f"phrh {LOA2}"}, {}),
        ({"amr": "hwk otp"}, {}),
        ({"max_age_minutes": 5}, {"seconds_ago": 240}),
        ({"device": True}, {"device_compliant": True}),
        ({"networks": ["Office"]}, {"address": ip_address("192.0.2.200")}),
        ({"networks": ["Office"]}, {"address": ip_address("2001:db8::7")}),
        ({"max_risk": "medium"}, {"risk": "medium"}),
        ({**STRICT, "effect": "deny"}, {"acr": "", "auth_time": 0, "breaks_glass": True}),
    ],
)
def test_what_meets_a_demand(committed_cast: Cast, demand: dict[str, Any], shown: dict[str, Any]) -> None:
    rule(committed_cast, **_with_networks(committed_cast, demand))
    if ago := shown.get("seconds_ago"):
        shown = {"auth_time": int(time.time()) - ago}
    with at_edge(committed_cast.lena, **shown):
        decision = ask(committed_cast)
    assert cases(decision) == {("met", "ok")}
    decision.raise_if_denied()


def _with_networks(cast: Cast, demand: dict[str, Any]) -> dict[str, Any]:
    if "networks" not in demand:
        return demand
    with tenant_scope(cast.tenant.pk):
        office = Network(name="Office", blocks=["192.0.2.0/24", "2001:db8::/32"])
        return {**demand, "networks": [str(services.save_network(by=cast.ada, network=office).pk)]}


def test_nobody_or_somebody_else_at_the_edge_meets_nothing(committed_cast: Cast) -> None:
    rule(committed_cast, device=True)
    with present(None):
        assert not ask(committed_cast).allowed
    with at_edge(committed_cast.omar, device_compliant=True):
        assert not ask(committed_cast).allowed


def test_what_goes_on_without_a_person_is_not_asked_but_one_who_is_there_is(committed_cast: Cast) -> None:
    rule(committed_cast, device=True)
    with present(None):
        unattended = ask(committed_cast, unattended=True)
    assert unattended.allowed
    assert unattended.document["context"]["unattended"] is True
    with at_edge(committed_cast.omar):
        assert ask(committed_cast, unattended=True).allowed
    with at_edge(committed_cast.lena):
        assert not ask(committed_cast, unattended=True).allowed


@pytest.mark.parametrize(
    ("scope", "touched"),
    [
        ({}, True),
        ({"actions": []}, True),
        ({"actions": ["record.read"]}, False),
        ({"apps": [str(uuid.uuid4())]}, False),
        ({"classifications": ["pii"]}, True),
        ({"classifications": ["health"]}, False),
        ({"min_level": 3}, True),
        ({"min_level": 4}, False),
        ({"min_level": 4, "personal": True}, True),
        ({"min_level": 4, "classifications": ["pii"]}, True),
        ({"raw_only": True}, False),
        ({"is_enabled": False}, False),
    ],
)
def test_where_a_rule_applies(committed_cast: Cast, scope: dict[str, Any], touched: bool) -> None:
    rule(committed_cast, device=True, **scope)
    with at_edge(committed_cast.lena):
        decision = ask(committed_cast, "record.list", COMPANY, EMAIL)
    assert decision.allowed is not touched
    assert ("access_rules" in decision.document["context"]) is touched


def test_a_field_of_an_unknown_class_is_meant_by_every_rule_about_data(committed_cast: Cast) -> None:
    rule(committed_cast, device=True, min_level=5)
    with at_edge(committed_cast.lena):
        assert ask(committed_cast, "record.list", COMPANY).allowed
        assert not ask(committed_cast, "record.list", COMPANY, FieldFacts(id="f_lost")).allowed


def test_the_step_up_asks_for_what_would_meet_all_rules(committed_cast: Cast) -> None:
    rule(committed_cast, name="a", acr=f"phrh {LOA2}", max_age_minutes=30)
    rule(committed_cast, name="b", second_factor=True, max_age_minutes=5)
    with at_edge(committed_cast.lena, acr="low"), pytest.raises(StepUpNeeded) as needed:
        ask(committed_cast).raise_if_denied()
    assert (needed.value.acr_values, needed.value.max_age) == ((LOA2,), 300)


def test_only_what_is_asked_becomes_a_fact(committed_cast: Cast) -> None:
    rule(committed_cast, max_age_minutes=5)
    shown = {"device_compliant": True, "address": ip_address("192.0.2.1"), "risk": "high"}
    with at_edge(committed_cast.lena, auth_time=int(time.time()) - 90_000, **shown):
        session = ask(committed_cast).document["context"]["session"]
    assert session == {"age_minutes": 6}, "older than any rule takes is all that is said"


def test_the_stored_decision_shows_which_rule_asked(committed_cast: Cast) -> None:
    made = rule(committed_cast, actions=["record.create"], name="Managed devices", device=True)
    with at_edge(committed_cast.lena, device_compliant=False, address=ip_address("192.0.2.1")):
        decision = ask(committed_cast, "record.create")
    with tenant_scope(committed_cast.tenant.pk):
        kept = StoredDecision.objects.get(pk=decision.id)
        document = json.loads(StoredInput.objects.get(digest=kept.input_digest).document)
    [reason] = [reason for reason in kept.reasons if reason["kind"] == "deny"]
    assert (reason["code"], reason["case"]) == ("access.conditions", "device_refused")
    assert reason["params"] == {"rule": "Managed devices"}
    assert document["context"]["access_rules"][0]["id"] == str(made.pk)
    assert document["context"]["session"] == {"device": "not_compliant"}
    assert "192.0.2.1" not in json.dumps(document)
    [event] = events("decision.denied")
    assert event["facts"]["denied_by"] == ["access.conditions"]


def test_a_challenge_is_told_in_the_record(committed_cast: Cast) -> None:
    rule(committed_cast, actions=["record.create"], second_factor=True)
    with at_edge(committed_cast.lena, acr="low"):
        ask(committed_cast, "record.create")
    assert events("decision.allowed")[-1]["facts"]["step_up"] is True


class TestDefaults:
    """What holds before a tenant has rules of its own is what it begins with."""

    @pytest.mark.parametrize("seeded", [False, True])
    def test_values_in_clear_and_overrides_take_a_fresh_second_factor(
        self, committed_cast: Cast, seeded: bool
    ) -> None:
        if seeded:
            with tenant_scope(committed_cast.tenant.pk):
                assert services.seed_access_rules(by=None, tenant=committed_cast.tenant.pk)
        raw = Context(target=EU, raw=True)
        for action, fields, context, asked in [
            (Action.VALUE_REVEAL, HEALTH, None, True),
            (Action.VALUE_REVEAL, EMAIL, None, False),
            (Action.RECORD_EXPORT, EMAIL, raw, True),
            (Action.RECORD_EXPORT, EMAIL, Context(target=EU), False),
            (Action.RECORD_EXPORT, COMPANY, raw, False),
            (Action.ADMIN_OVERRIDE, COMPANY, None, True),
            (Action.SUBJECT_ACCESS, COMPANY, None, True),
            (Action.SUBJECT_ERASE, COMPANY, None, True),
        ]:
            with at_edge(committed_cast.lena, auth_time=int(time.time()) - 1200):
                decision = ask(committed_cast, action, fields, context=context)
            assert (("sign_in", "warn") in cases(decision)) is asked, (action, fields.id)

    def test_they_are_written_once_and_what_is_removed_stays_away(self, committed_cast: Cast) -> None:
        tenant = committed_cast.tenant.pk
        with tenant_scope(tenant):
            services.seed_access_rules(by=None, tenant=tenant)
            for row in AccessRule.objects.all():
                services.remove_access_rule(by=committed_cast.ada, rule=row)
            assert not services.seed_access_rules(by=None, tenant=tenant)
            assert not AccessRule.objects.exists()

    def test_a_first_rule_of_ones_own_keeps_them(self, committed_cast: Cast) -> None:
        rule(committed_cast, device=True)
        with tenant_scope(committed_cast.tenant.pk):
            assert AccessRule.objects.count() == 5

    def test_the_admin_pages_have_a_floor(self, committed_cast: Cast) -> None:
        with at_edge(committed_cast.lena, auth_time=int(time.time()) - 4000):
            assert ("sign_in", "warn") in cases(ask(committed_cast, Action.ADMIN_USE))


class TestChanges:
    """A change counts at the next request, costs no query until then, and a roll-back leaves nothing."""

    def test_a_change_counts_at_the_next_request(self, committed_cast: Cast) -> None:
        made = rule(committed_cast, device=True)
        with at_edge(committed_cast.lena):
            assert not ask(committed_cast).allowed
        with tenant_scope(committed_cast.tenant.pk):
            services.remove_access_rule(by=committed_cast.ada, rule=made)
        with at_edge(committed_cast.lena):
            assert ask(committed_cast).allowed

    def test_known_rules_cost_no_query(self, committed_cast: Cast) -> None:
        rule(committed_cast, second_factor=True)
        with tenant_scope(committed_cast.tenant.pk), at_edge(committed_cast.lena):
            ask(committed_cast)
            with CaptureQueriesContext(connection) as queries:
                assert ask(committed_cast).allowed
        assert not queries.captured_queries

    def test_a_rule_that_is_rolled_back_was_never_there(self, committed_cast: Cast) -> None:
        rule(committed_cast, second_factor=True)
        before = revision_of(committed_cast.tenant.pk)
        with tenant_scope(committed_cast.tenant.pk):
            made = AccessRule(name="Never", actions=["record.list"], device=True)
            services.save_access_rule(by=committed_cast.ada, rule=made)
            with at_edge(committed_cast.lena), at_edge(committed_cast.lena, access_revision=before):
                ask(committed_cast)
            transaction.set_rollback(True)
        with at_edge(committed_cast.lena):
            assert revision_of(committed_cast.tenant.pk) == before
            assert ask(committed_cast).allowed

    def test_other_tenants_have_their_own(self, committed_cast: Cast) -> None:
        rule(committed_cast, device=True)
        known = in_tenant(committed_cast.other.pk, committed_cast.nils.pk, COMPANY, dataset="leads")
        with at_edge(committed_cast.nils):
            assert pdp.decide(known["subject"], "record.list", known["resource"]).allowed


class TestServices:
    def test_a_rule_says_something_and_is_recorded(self, committed_cast: Cast) -> None:
        with pytest.raises(BadInput, match="demands nothing"):
            rule(committed_cast)
        with pytest.raises(BadInput, match="not there any more"):
            rule(committed_cast, networks=[str(uuid.uuid4())])
        rule(committed_cast, max_age_minutes=5, min_level=3)
        [event] = events("access_rule.saved")
        assert event["facts"]["max_age_minutes"] == 5
        assert event["facts"]["min_level"] == 3

    def test_a_network_is_made_of_blocks_and_stays_while_a_rule_names_it(self, committed_cast: Cast) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            for wrong in (["office"], ["192.0.2.1/24"], []):
                with pytest.raises(BadInput):
                    services.save_network(by=committed_cast.ada, network=Network(name="x", blocks=wrong))
        demand = _with_networks(committed_cast, {"networks": ["Office"]})
        rule(committed_cast, **demand)
        with tenant_scope(committed_cast.tenant.pk), pytest.raises(Conflict, match="House rule"):
            services.remove_network(by=committed_cast.ada, network=Network.objects.get())

    def test_a_risk_is_recorded_once(self, committed_cast: Cast) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            lena = committed_cast.lena
            assert set_risk(by=None, user=lena, level=Risk.HIGH, source="https://issuer.example")
            assert not set_risk(by=None, user=lena, level=Risk.HIGH, source="https://issuer.example")
        [event] = events("user.risk_changed")
        assert event["facts"]["after"] == "high"
