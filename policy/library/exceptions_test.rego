package portal.exceptions_test

import data.portal.example_test as example
import data.portal.main

# Personal data on its way out of its region, with the approvals that it takes.
leaving := object.union(
	example.approved(
		example.running("record.export", example.app([example.email])),
		[example.by_omar, example.by_sana],
	),
	{"subject": {"id": "u-mia"}, "context": {"requester": "u-mia", "target": example.us}},
)

code := "residency.cross_region_export"

under(request, rule) := object.union(request, {"context": {"exceptions": [{"id": "e-1", "rule": rule}]}})

kinds(answer, rule) := {finding.kind | some finding in answer.findings[rule]}

test_without_one_it_is_denied if {
	answer := main.decision with input as leaving
	not answer.allow
	"deny" in kinds(answer, code)
	not answer.findings["policy.exception"]
}

test_an_exception_turns_the_denial_into_a_warning if {
	answer := main.decision with input as under(leaving, code)
	answer.allow
	kinds(answer, code) == {"warn"}
	answer.findings["policy.exception"] == {{"case": "used", "kind": "warn", "params": {"rules": {code}}}}
}

test_the_case_and_its_particulars_stay if {
	before := main.decision with input as leaving
	after := main.decision with input as under(leaving, code)
	told(before) == told(after)
}

told(answer) := {[finding.case, finding.params] | some finding in answer.findings[code]}

test_one_of_another_rule_helps_nothing if {
	answer := main.decision with input as under(leaving, "retention.bounds")
	not answer.allow
	not answer.findings["policy.exception"]
}

test_an_exception_that_is_not_needed_is_not_used if {
	request := example.running("record.list", example.app([example.company]))
	answer := main.decision with input as under(request, code)
	answer.allow
	not answer.findings["policy.exception"]
}

test_rules_of_identity_have_no_exceptions if {
	every rule in ["access.tenant", "access.app_role", "access.conditions", "identity.sso_required", "approval.tier"] {
		request := object.union(leaving, {"subject": {"tenant": "t-2"}})
		answer := main.decision with input as under(request, rule)
		not answer.allow
		not answer.findings["policy.exception"]
	}
}

test_other_denials_stand if {
	request := object.union(under(leaving, code), {"subject": {"groups": ["Sales"]}})
	answer := main.decision with input as request
	not answer.allow
	kinds(answer, code) == {"warn"}
	"deny" in kinds(answer, "access.app_role")
}

test_a_missing_target_has_no_exception if {
	request := json.remove(under(leaving, code), ["/context/target"])
	answer := main.decision with input as request
	not answer.allow
	kinds(answer, code) == {"deny"}
}

test_several_at_once if {
	keeping_long := object.union(example.email, {"retention_days": 9000})
	submitting := example.submitting([object.union(keeping_long, {"residency": example.us})])
	request := object.union(submitting, {"context": {"exceptions": [
		{"id": "e-1", "rule": code},
		{"id": "e-2", "rule": "retention.bounds"},
	]}})
	before := main.decision with input as submitting
	not before.allow
	after := main.decision with input as request
	after.allow
	cases(after, code) == cases(before, code)
	cases(after, "retention.bounds") == cases(before, "retention.bounds")
	after.findings["policy.exception"] == {{"case": "used", "kind": "warn", "params": {
		"rules": {code, "retention.bounds"},
	}}}
}

cases(answer, rule) := {finding.case | some finding in answer.findings[rule]}

# Each kind of denial that an exception is for, with an app that nothing else stands in the way of.
excusable := {
	"downgrade.reason": object.union(example.email, {
		"classification": "internal", "level": 1, "personal": false,
		"suggested": "pii", "suggested_level": 3,
	}),
	"retention.bounds": object.union(example.email, {"retention_days": 2, "retention_min_days": 10}),
}

test_each_kind_of_denial_may_have_one if {
	every rule, field in excusable {
		request := example.submitting([field])
		before := main.decision with input as request
		not before.allow
		kinds(before, rule) == {"deny"}
		after := main.decision with input as under(request, rule)
		after.allow
	}
}

test_an_operation_that_the_template_lacks_may_have_one if {
	connector := {"id": "crm", "operations": ["lead.delete"], "allowed": [], "region": example.eu}
	request := example.with_app(example.submitting([example.company]), {"connectors": [connector]})
	rule := "connector.least_privilege"
	before := main.decision with input as request
	"deny" in kinds(before, rule)
	after := main.decision with input as under(request, rule)
	not "deny" in kinds(after, rule)
	after.findings["policy.exception"] == {{"case": "used", "kind": "warn", "params": {"rules": {rule}}}}
}
