package portal.rules.portal_role_test

import data.portal.example_test as example
import data.portal.main

request := example.submitting([example.company])

found(answer) := answer.findings["access.portal_role"]

cases(answer) := {finding.case | some finding in found(answer)}

test_a_builder_submits_an_own_app if {
	answer := main.decision with input as request
	answer.allow
	found(answer) == {{"case": "granted", "kind": "ok", "params": {}}}
}

test_a_builder_takes_an_own_app_live if {
	answer := main.decision with input as object.union(request, {"action": "app.go_live"})
	answer.allow
}

test_without_the_role_it_is_denied if {
	every action, roles in {
		"app.submit": {"builder"}, "app.go_live": {"builder"},
		"dataset.import": {"builder", "admin"}, "admin.override": {"admin"}, "admin.use": {"admin"},
		"subject.access": {"security", "admin"}, "subject.erase": {"security", "admin"},
	} {
		answer := main.decision with input as object.union(request, {"action": action, "subject": {"roles": ["auditor"]}})
		not answer.allow
		found(answer) == {{"case": "role", "kind": "deny", "params": {"roles": roles}}}
	}
}

test_somebody_elses_app_is_denied if {
	answer := main.decision with input as example.with_app(request, {"owners": ["u-nils"]})
	not answer.allow
	found(answer) == {{"case": "owner", "kind": "deny", "params": {}}}
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

test_security_and_admins_see_to_the_rights_of_data_subjects if {
	every role in ["security", "admin"] {
		answer := main.decision with input as {
			"action": "subject.access",
			"subject": object.union(example.subject, {"roles": [role]}),
			"resource": {"tenant": "t-1"},
			"context": {"requester": "u-lena"},
		}
		answer.allow
		found(answer) == {{"case": "granted", "kind": "ok", "params": {}}}
	}
}

test_only_admins_override if {
	answer := main.decision with input as object.union(request, {"action": "admin.override"})
	not answer.allow
	cases(answer) == {"role"}
}

test_an_app_without_an_id_is_nobodys if {
	answer := main.decision with input as object.remove(request, ["resource"])
	not answer.allow
	nameless := main.decision with input as example.with_app(request, {"id": false})
	not nameless.allow
	cases(nameless) == {"owner"}
}

test_nothing_is_said_of_records if {
	answer := main.decision with input as example.running("record.list", example.app([example.company]))
	answer.allow
	found(answer) == set()
}
