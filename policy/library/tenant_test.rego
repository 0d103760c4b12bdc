package portal.rules.tenant_test

import data.portal.example_test as example
import data.portal.main

request := example.running("record.list", example.app([example.company]))

cases(answer) := {finding.case | some finding in answer.findings["access.tenant"]}

test_own_tenant_is_allowed if {
	answer := main.decision with input as request
	answer.allow
	cases(answer) == set()
}

test_subject_of_another_tenant_is_denied if {
	answer := main.decision with input as object.union(request, {"subject": {"tenant": "t-2"}})
	not answer.allow
	cases(answer) == {"other_tenant"}
}

test_app_of_another_tenant_is_denied if {
	answer := main.decision with input as example.with_app(request, {"tenant": "t-2"})
	not answer.allow
	cases(answer) == {"other_tenant"}
}

test_inactive_account_is_denied if {
	answer := main.decision with input as object.union(request, {"subject": {"active": false}})
	not answer.allow
	cases(answer) == {"inactive"}
}

test_missing_tenant_is_not_allowed if {
	answer := main.decision with input as object.remove(request, ["subject"])
	not answer.allow
}
