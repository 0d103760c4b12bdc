package portal.rules.portal_role_test

import data.portal.example_test as example
import data.portal.main

request := example.submitting([example.company])

cases(answer) := {finding.case | some finding in answer.findings["access.portal_role"]}

test_a_builder_submits_an_own_app if {
	answer := main.decision with input as request
	answer.allow
	cases(answer) == {"granted"}
}

test_a_builder_takes_an_own_app_live if {
	answer := main.decision with input as object.union(request, {"action": "app.go_live"})
	answer.allow
}

test_without_the_role_it_is_denied if {
	some action in ["app.submit", "app.go_live", "dataset.import", "admin.override"]
	answer := main.decision with input as object.union(request, {"action": action, "subject": {"roles": ["auditor"]}})
	not answer.allow
	cases(answer) == {"role"}
}

test_somebody_elses_app_is_denied if {
	answer := main.decision with input as example.with_app(request, {"owners": ["u-nils"]})
	not answer.allow
	cases(answer) == {"owner"}
}

test_builders_and_admins_import_datasets if {
	every role in ["builder", "admin"] {
		answer := main.decision with input as {
			"action": "dataset.import",
			"subject": object.union(example.subject, {"roles": [role]}),
			"resource": {"tenant": "t-1"},
			"context": {"requester": "u-lena"},
		}
		answer.allow
	}
}

test_only_admins_override if {
	answer := main.decision with input as object.union(request, {"action": "admin.override"})
	not answer.allow
	cases(answer) == {"role"}
}
