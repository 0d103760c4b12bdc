package portal.rules.app_role_test

import data.portal.example_test as example
import data.portal.main
import data.portal.rules.app_role

request := example.running("record.list", example.app([example.company]))

cases(answer) := {finding.case | some finding in answer.findings["access.app_role"]}

test_a_member_may_do_what_the_role_permits if {
	every action in ["record.create", "record.list", "record.read", "record.update", "record.delete", "dashboard.view"] {
		answer := main.decision with input as object.union(request, {"action": action})
		answer.allow
		cases(answer) == {"granted"}
	}
}

test_a_permission_that_no_role_has_is_denied if {
	answer := main.decision with input as object.union(request, {"action": "value.reveal"})
	not answer.allow
	cases(answer) == {"permission"}
	some finding in answer.findings["access.app_role"]
	finding.params == {"action": "value.reveal"}
}

test_a_member_of_no_group_is_denied if {
	answer := main.decision with input as object.union(request, {"subject": {"groups": ["Sales"]}})
	not answer.allow
	cases(answer) == {"permission"}
}

test_an_app_in_test_runs if {
	answer := main.decision with input as example.with_app(request, {"state": "test"})
	answer.allow
}

test_an_app_that_is_not_live_is_denied if {
	every state in ["draft", "suspended", "retired", ""] {
		answer := main.decision with input as example.with_app(request, {"state": state})
		not answer.allow
		cases(answer) == {"not_running"}
	}
}

test_an_unknown_dataset_is_denied if {
	answer := main.decision with input as object.union(request, {"resource": {"dataset": "other"}})
	not answer.allow
	cases(answer) == {"dataset"}
}

test_no_dataset_is_denied if {
	answer := main.decision with input as example.asking("record.list", example.app([example.company]))
	not answer.allow
	cases(answer) == {"dataset"}
}

test_an_unknown_field_is_denied if {
	answer := main.decision with input as object.union(request, {"resource": {"fields": ["f_company", "f_other"]}})
	not answer.allow
	some finding in answer.findings["access.app_role"]
	finding == {"case": "fields", "kind": "deny", "params": {"fields": {"f_other"}}}
}

test_records_without_an_app_are_denied if {
	answer := main.decision with input as object.union(object.remove(request, ["resource"]), {"resource": {"tenant": "t-1"}})
	not answer.allow
	cases(answer) == {"no_app"}
}

test_an_unknown_dataset_is_told_before_its_fields if {
	answer := main.decision with input as object.union(request, {"resource": {"dataset": "other", "fields": ["f_other"]}})
	not answer.allow
	cases(answer) == {"dataset"}
}

test_building_is_no_matter_of_app_roles if {
	facts := object.union(example.app([example.company]), {"roles": [{
		"key": "odd",
		"groups": ["Marketing"],
		"permissions": ["app.submit"],
	}]})
	plain := example.asking("app.submit", facts)
	every asked in [plain, object.union(plain, {"resource": {"dataset": "other"}}), object.union(plain, {"resource": {"fields": ["f_other"]}})] {
		answer := main.decision with input as asked
		answer.findings["access.app_role"] == set()
		not app_role.granted with input as asked
	}
}

test_the_grant_says_the_same_as_the_findings if {
	app_role.granted with input as request
	every change in [
		{"action": "value.reveal"},
		{"resource": {"dataset": "other"}},
		{"resource": {"fields": ["f_other"]}},
		{"resource": {"app": {"state": "suspended"}}},
		{"resource": {"app": {"id": false}}},
	] {
		asked := object.union(request, change)
		answer := main.decision with input as asked
		not answer.allow
		{finding.kind | some finding in answer.findings["access.app_role"]} == {"deny"}
		not app_role.granted with input as asked
	}
	answer := main.decision with input as request
	answer.findings["access.app_role"] == {{"case": "granted", "kind": "ok", "params": {}}}
}

test_an_app_of_two_datasets_is_built_as_a_whole if {
	two := {"datasets": [
		{"key": "leads", "storage": example.eu, "fields": [example.company]},
		{"key": "visits", "storage": example.eu, "fields": [object.union(example.company, {"id": "f_other"})]},
	]}
	whole := example.with_app(example.submitting([example.company]), two)
	answer := main.decision with input as object.union(whole, {"resource": {"dataset": "leads"}})
	answer.findings["access.app_role"] == set()
}
