package portal.rules.access_conditions_test

import data.portal.example_test as example
import data.portal.main
import data.portal.rules.access_conditions

found(answer) := answer.findings["access.conditions"]

listing := example.running("record.list", example.app([example.company]))

ask(rule, session) := answer if {
	answer := main.decision with input as example.under(listing, rule, session)
}

denied(answer, case) if {
	not answer.allow
	{[finding.case, finding.kind] | some finding in found(answer)} == {[case, "deny"]}
}

test_without_a_rule_nothing_is_asked if {
	answer := main.decision with input as listing
	answer.allow
	answer.obligations.flags == set()
	found(answer) == set()
}

test_a_strong_fresh_sign_in_meets_the_rule if {
	answer := ask(example.fresh_mfa, {"acr": "loa2", "age_minutes": 15})
	answer.allow
	answer.obligations.flags == set()
	found(answer) == {{"case": "met", "kind": "ok", "params": {"rules": {"Rule"}}}}
}

test_a_weak_or_old_or_unknown_sign_in_takes_a_new_one if {
	every session in [{"acr": "loa1", "age_minutes": 1}, {"acr": "loa2", "age_minutes": 16}, {"acr": "loa2"}, {}] {
		answer := ask(example.fresh_mfa, session)
		answer.allow
		answer.obligations.flags == {"step_up"}
		found(answer) == {{"case": "sign_in", "kind": "warn", "params": {"rule": "Rule"}}}
	}
}

test_where_no_sign_in_cures_it_is_refused if {
	rule := object.remove(example.fresh_mfa, ["step_up"])
	denied(ask(rule, {"acr": "loa1", "age_minutes": 1}), "too_weak")
	ask(rule, {"acr": "loa2", "age_minutes": 1}).allow
}

test_a_second_factor_that_no_provider_has_is_met_by_nobody if {
	ask({"strong": true, "step_up": true}, {"acr": "loa2"}).obligations.flags == {"step_up"}
	denied(ask({"strong": true}, {"acr": "loa2"}), "too_weak")
}

test_one_of_the_methods_is_enough if {
	rule := {"amr": ["fido", "hwk"], "step_up": true}
	ask(rule, {"amr": ["hwk", "user"]}).obligations.flags == set()
	ask(rule, {"amr": ["otp"]}).obligations.flags == {"step_up"}
	ask(rule, {}).obligations.flags == {"step_up"}
}

test_a_device_has_to_be_known_as_compliant if {
	ask({"device": true}, {"device": "compliant"}).allow
	denied(ask({"device": true}, {"device": "not_compliant"}), "device_refused")
	denied(ask({"device": true}, {"device": "unknown"}), "device_unknown")
	denied(ask({"device": true}, {}), "device_unknown")
}

test_no_sign_in_makes_up_for_a_device if {
	answer := ask(object.union(example.fresh_mfa, {"device": true}), {"acr": "loa1"})
	not answer.allow
	{[finding.case, finding.kind] | some finding in found(answer)} == {["sign_in", "warn"], ["device_unknown", "deny"]}
	answer.obligations.flags == []
}

test_one_of_the_networks_is_enough if {
	ask({"networks": ["Office", "VPN"]}, {"networks": ["VPN"]}).allow
	denied(ask({"networks": ["Office"]}, {"networks": ["VPN"]}), "network")
	denied(ask({"networks": ["Office"]}, {}), "network")
}

test_risk_is_at_most_what_the_rule_takes if {
	ask({"max_risk": 1}, {"risk": 1}).allow
	ask({"max_risk": 0}, {"risk": 0}).allow
	denied(ask({"max_risk": 0}, {"risk": 1}), "risk")
	denied(ask({"max_risk": 1}, {}), "risk")
}

test_without_a_session_every_demand_is_open if {
	request := object.union(listing, {"context": {"access_rules": [{"id": "r-1", "name": "Rule", "device": true}]}})
	answer := main.decision with input as request
	denied(answer, "device_unknown")
}

test_break_glass_is_not_asked_for_what_a_provider_says if {
	session := {"break_glass": true}
	ask(object.union(example.fresh_mfa, {"device": true, "amr": ["hwk"]}), session).obligations.flags == set()
	denied(ask({"networks": ["Office"]}, session), "network")
	denied(ask({"max_risk": 0}, object.union(session, {"risk": 2})), "risk")
}

test_each_of_two_rules_counts if {
	request := object.union(listing, {"context": {
		"access_rules": [
			{"id": "r-1", "name": "One", "device": true},
			{"id": "r-2", "name": "Two", "networks": ["Office"]},
		],
		"session": {"device": "compliant"},
	}})
	answer := main.decision with input as request
	not answer.allow
	found(answer) == {{"case": "network", "kind": "deny", "params": {"rule": "Two", "networks": ["Office"]}}}
}

test_a_rule_without_a_name_refuses_all_the_same if {
	request := object.union(listing, {"context": {"access_rules": [{"id": "r-1", "device": true}]}})
	answer := main.decision with input as request
	not answer.allow
}

vote := {
	"action": "approval.vote",
	"subject": example.subject,
	"resource": {"tenant": "t-1"},
	"context": {"requester": "u-lena"},
}

test_a_vote_is_asked_for_conditions_alone if {
	answer := main.decision with input as vote
	answer.allow
	refused := main.decision with input as example.under(vote, {"device": true}, {})
	denied(refused, "device_unknown")
}

test_a_vote_in_another_tenant_is_refused if {
	answer := main.decision with input as object.union(vote, {"resource": {"tenant": "t-2"}})
	not answer.allow
}

test_the_admin_pages_are_for_admins if {
	opening := object.union(vote, {"action": "admin.use"})
	builder := main.decision with input as opening
	not builder.allow
	admin := main.decision with input as object.union(opening, {"subject": {"roles": ["admin"]}})
	admin.allow
}

test_an_age_is_asked_from_the_first_minute_on if {
	rule := {"max_age_minutes": 1, "step_up": true}
	ask(rule, {"age_minutes": 1}).obligations.flags == set()
	ask(rule, {"age_minutes": 2}).obligations.flags == {"step_up"}
	ask({"max_age_minutes": 0, "step_up": true}, {"age_minutes": 2}).obligations.flags == set()
}

test_a_step_up_is_for_rules_that_offer_it if {
	session := {"acr": "loa1"}
	offered := example.under(listing, {"strong": true, "acr": ["loa2"], "step_up": true}, session)
	refused := example.under(listing, {"strong": true, "acr": ["loa2"]}, session)
	access_conditions.step_up with input as offered
	not access_conditions.step_up with input as refused
}

test_a_device_is_judged_by_the_rules_that_ask_for_one if {
	every device in ["not_compliant", "unknown"] {
		denied(ask({"networks": ["Office"]}, {"device": device, "networks": ["VPN"]}), "network")
	}
}
