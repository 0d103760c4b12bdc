package portal.rules.cross_border_connector_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["connector.cross_border"]

cases(answer) := {finding.case | some finding in found(answer)}

abroad := object.union(example.crm, {"region": example.us})

nowhere := object.remove(example.crm, ["region"])

looking := object.union(abroad, {"operations": ["account.lookup"], "details": [example.lookup]})

both := [example.email, example.company]

submitting(fields, connector) := example.asking("app.submit", example.connected(fields, connector))

with_key(request) := example.with_app(request, {"byok": true})

excepted(request) := example.in_context(request, {"exceptions": [example.to_us]})

stays := {{"case": "stays", "kind": "ok", "params": {"connectors": {"crm"}}}}

us := {"connectors": {"crm"}, "jurisdictions": {"us"}}

test_inside_the_region_nothing_is_asked if {
	every request in [submitting(both, example.crm), example.calling(both, example.crm)] {
		answer := main.decision with input as request
		answer.allow
		found(answer) == stays
	}
}

test_without_key_and_exception_both_are_missing if {
	every request in [submitting(both, abroad), example.calling(both, abroad)] {
		answer := main.decision with input as request
		not answer.allow
		found(answer) == {
			{"case": "own_key", "kind": "deny", "params": us},
			{"case": "exception", "kind": "deny", "params": us},
		}
	}
}

test_a_key_alone_is_not_enough if {
	every request in [submitting(both, abroad), example.calling(both, abroad)] {
		answer := main.decision with input as with_key(request)
		not answer.allow
		found(answer) == {{"case": "exception", "kind": "deny", "params": us}}
	}
}

test_an_exception_alone_is_not_enough if {
	every request in [submitting(both, abroad), example.calling(both, abroad)] {
		answer := main.decision with input as excepted(request)
		not answer.allow
		found(answer) == {{"case": "own_key", "kind": "deny", "params": us}}
	}
}

test_with_both_it_may_cross_and_the_exception_is_named if {
	every request in [submitting(both, abroad), example.calling(both, abroad)] {
		answer := main.decision with input as excepted(with_key(request))
		answer.allow
		found(answer) == {{"case": "excepted", "kind": "warn", "params": object.union(us, {"exceptions": {"x-1"}})}}
	}
}

test_an_exception_is_for_its_law_and_its_rule if {
	every change in [{"jurisdiction": "sg"}, {"rule": "retention.bounds"}] {
		other := {"exceptions": [object.union(example.to_us, change)]}
		answer := main.decision with input as example.in_context(with_key(submitting(both, abroad)), other)
		not answer.allow
		cases(answer) == {"exception"}
	}
}

test_only_the_exceptions_that_were_used_are_named if {
	context := {"exceptions": [
		example.to_us,
		object.union(example.to_us, {"id": "x-2", "jurisdiction": "sg"}),
		object.union(example.to_us, {"id": "x-3", "rule": "retention.bounds"}),
	]}
	answer := main.decision with input as example.in_context(with_key(submitting(both, abroad)), context)
	some finding in found(answer)
	finding.params.exceptions == {"x-1"}
}

test_a_system_that_lies_nowhere_gets_no_protected_value if {
	every request in [submitting(both, nowhere), example.calling(both, nowhere)] {
		answer := main.decision with input as excepted(with_key(request))
		not answer.allow
		found(answer) == {{"case": "unknown", "kind": "deny", "params": {"connectors": {"crm"}, "count": 1}}}
	}
}

test_other_values_may_cross_and_are_shown if {
	every request in [submitting([example.company], abroad), example.calling([example.company], abroad)] {
		answer := main.decision with input as request
		answer.allow
		found(answer) == {{"case": "leaves", "kind": "warn", "params": us}}
	}
}

test_what_only_looks_up_is_given_nothing if {
	answer := main.decision with input as submitting(both, looking)
	answer.allow
	found(answer) == stays
}

test_an_operation_that_is_not_known_to_read_sends if {
	every details in [[], [example.create], [{"name": "account.lookup"}]] {
		answer := main.decision with input as submitting(both, object.union(looking, {"details": details}))
		not answer.allow
		cases(answer) == {"own_key", "exception"}
	}
}

test_a_look_up_by_a_protected_value_sends_it if {
	call := object.union(example.calling(both, looking), {"resource": {"call": {
		"operation": "account.lookup",
		"access": "read",
	}}})
	answer := main.decision with input as call
	not answer.allow
	cases(answer) == {"own_key", "exception"}
	without := main.decision with input as object.union(call, {"resource": {"fields": []}})
	without.allow
	found(without) == stays
}

test_only_the_fields_that_are_sent_count if {
	plain := object.union(example.calling(both, abroad), {"resource": {"fields": ["f_company"]}})
	answer := main.decision with input as plain
	answer.allow
	cases(answer) == {"leaves"}
}

test_what_is_protected_is_told_apart_from_what_is_not if {
	here := object.union(example.company, {"residency": example.us})
	request := object.union(
		submitting([example.email, here], example.crm),
		{"resource": {"app": {"connectors": [example.crm, object.union(abroad, {"id": "mail"})]}}},
	)
	answer := main.decision with input as request
	not answer.allow
	denials := {"connectors": {"mail"}, "jurisdictions": {"us"}}
	found(answer) == {
		{"case": "own_key", "kind": "deny", "params": denials},
		{"case": "exception", "kind": "deny", "params": denials},
		{"case": "leaves", "kind": "warn", "params": {"connectors": {"crm"}, "jurisdictions": {"eu"}}},
	}
}

test_an_exception_for_where_nothing_protected_goes_is_not_used if {
	answer := main.decision with input as excepted(with_key(submitting([example.company], abroad)))
	answer.allow
	cases(answer) == {"leaves"}
}

test_of_a_connector_that_is_not_there_nothing_is_said if {
	call := object.union(example.calling(both, abroad), {"resource": {"call": {"connector": "erp"}}})
	answer := main.decision with input as call
	not answer.allow
	found(answer) == set()
}

test_sovereign_values_are_bound_too if {
	field := object.union(example.company, {"residency": {"sovereign": true}})
	answer := main.decision with input as submitting([field], abroad)
	not answer.allow
	cases(answer) == {"own_key", "exception"}
}

test_the_law_of_the_storage_counts if {
	field := object.union(example.email, {"residency": example.us})
	answer := main.decision with input as example.calling([field], abroad)
	not answer.allow
	cases(answer) == {"own_key", "exception"}
	plain := main.decision with input as example.calling([object.union(example.company, {"residency": example.us})], abroad)
	plain.allow
	cases(plain) == {"leaves"}
}

test_the_law_of_the_residency_counts if {
	field := object.union(example.email, {"residency": example.us})
	answer := main.decision with input as example.calling([field], example.crm)
	not answer.allow
	cases(answer) == {"own_key", "exception"}
	plain := main.decision with input as example.calling([object.union(example.company, {"residency": example.us})], example.crm)
	plain.allow
	cases(plain) == {"leaves"}
}

test_one_connector_of_two_is_named if {
	mail := object.union(abroad, {"id": "mail"})
	request := object.union(submitting(both, example.crm), {"resource": {"app": {"connectors": [example.crm, mail]}}})
	answer := main.decision with input as request
	not answer.allow
	found(answer) == {
		{"case": "own_key", "kind": "deny", "params": object.union(us, {"connectors": {"mail"}})},
		{"case": "exception", "kind": "deny", "params": object.union(us, {"connectors": {"mail"}})},
	}
}

test_crossing_raises_the_tier if {
	protected := main.decision with input as submitting(both, abroad)
	protected.tier.name == "manager_then_security"
	protected.tier.because == {"protected_fields", "across_border", "protected_across_border"}
	plain := main.decision with input as submitting([example.company], abroad)
	plain.tier.name == "manager"
	plain.tier.because == {"across_border"}
	home := main.decision with input as submitting([example.company], example.crm)
	home.tier.name == "none"
}

listing := example.running("record.list", object.union(example.app(both), {"connectors": [abroad]}))

test_nothing_is_said_where_no_connector_is if {
	every request in [example.submitting(both), listing] {
		answer := main.decision with input as request
		answer.allow
		found(answer) == set()
	}
}
