package portal.rules.least_privilege_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["connector.least_privilege"]

using(operations, allowed) := example.with_app(
	example.submitting([example.company]),
	{"connectors": [{"id": "crm", "operations": operations, "allowed": allowed}]},
)

test_allowed_operations_pass if {
	answer := main.decision with input as using(["lead.create"], ["lead.create", "account.lookup"])
	answer.allow
	found(answer) == {{"case": "allowed", "kind": "ok", "params": {"connectors": {"crm"}}}}
}

test_more_than_allowed_is_denied if {
	answer := main.decision with input as using(["lead.create", "lead.delete"], ["lead.create"])
	not answer.allow
	found(answer) == {{"case": "operation", "kind": "deny", "params": {"connector": "crm", "operations": {"lead.delete"}}}}
}

test_there_is_no_word_for_all if {
	answer := main.decision with input as using(["*"], ["lead.create"])
	not answer.allow
}

test_nothing_allowed_is_nothing_allowed if {
	answer := main.decision with input as example.with_app(
		example.submitting([example.company]),
		{"connectors": [{"id": "crm", "operations": ["lead.create"]}]},
	)
	not answer.allow
}

test_no_connector_no_word if {
	answer := main.decision with input as example.submitting([example.company])
	found(answer) == set()
}
