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

# -- overrides ----------------------------------------------------------------------------------------------

override(request, rule) := object.union(request, {"context": object.union(
	request.context,
	{"exceptions": [{"id": "o-1", "rule": rule, "override": true}]},
)})

test_an_override_sets_aside_what_an_exception_may if {
	answer := main.decision with input as override(leaving, code)
	answer.allow
	kinds(answer, code) == {"warn"}
}

# Each finding that an override alone is for, with a call that nothing else stands in the way of.
limited := {
	"days": {"clock": {"day": "sun", "minute": 600}},
	"hours": {"clock": {"day": "mon", "minute": 100}},
	"rate": {"calls_last_hour": 9},
	"ticket": {"ticket": false},
}

test_an_override_lets_an_operation_run_outside_its_limits if {
	every case, changes in limited {
		request := object.union(calling, {"context": changes})
		before := main.decision with input as request
		not before.allow
		denied_cases(before) == {case}
		after := main.decision with input as override(request, "operation.guardrails")
		after.allow
		denied_cases(after) == set()
	}
}

test_an_exception_does_not if {
	every case, changes in limited {
		request := object.union(calling, {"context": changes})
		by_exception := [{"id": "e-1", "rule": "operation.guardrails"}]
		answer := main.decision with input as object.union(request, {"context": {"exceptions": by_exception}})
		not answer.allow
		denied_cases(answer) == {case}
	}
}

test_a_second_factor_is_never_overridden if {
	request := object.union(calling, {"context": {"access_rules": []}})
	answer := main.decision with input as override(request, "operation.guardrails")
	not answer.allow
	denied_cases(answer) == {"second_factor"}
}

test_what_is_not_set_aside_denies_beside_what_is if {
	request := object.union(calling, {"context": {"access_rules": [], "ticket": false}})
	answer := main.decision with input as override(request, "operation.guardrails")
	not answer.allow
	denied_cases(answer) == {"second_factor"}
}

test_an_operation_within_its_limits_needs_none if {
	answer := main.decision with input as override(calling, "operation.guardrails")
	answer.allow
	not answer.findings["policy.exception"]
}

denied_cases(answer) := {finding.case | some finding in answer.findings["operation.guardrails"]; finding.kind == "deny"}

# An operation with every limit, called within all of them.
guarded := {
	"per_hour": 5, "from_minute": 480, "until_minute": 1080, "days": ["mon"],
	"ticket": true, "step_up": true,
}

calling := example.in_context(
	example.calling([example.company], example.with_create(guarded)),
	{
		"clock": {"day": "mon", "minute": 600}, "calls_last_hour": 1, "ticket": true,
		"access_rules": [object.union({"id": "r-1", "name": "Rule"}, example.fresh_mfa)],
		"session": {"acr": "loa2", "amr": ["mfa"], "age_minutes": 1},
	},
)

test_missing_retention_is_overridden_and_never_excepted if {
	request := example.submitting([json.remove(example.email, ["/retention_days"])])
	before := main.decision with input as request
	cases(before, "retention.bounds") == {"missing"}
	not before.allow
	excepted := main.decision with input as under(request, "retention.bounds")
	not excepted.allow
	after := main.decision with input as override(request, "retention.bounds")
	after.allow
}

test_who_somebody_is_is_never_overridden if {
	every rule in ["access.tenant", "access.app_role", "access.conditions", "approval.tier", "data.pii_masking"] {
		request := object.union(leaving, {"subject": {"tenant": "t-2"}})
		answer := main.decision with input as override(request, rule)
		not answer.allow
		not answer.findings["policy.exception"]
	}
}
