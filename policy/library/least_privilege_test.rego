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

with_connector(changes) := example.asking("app.submit", example.connected([example.company], object.union(example.crm, changes)))

told(request, findings) if {
	answer := main.decision with input as request
	answer.allow
	found(answer) == findings
}

refused(request, findings) if {
	answer := main.decision with input as request
	not answer.allow
	found(answer) == findings
}

fine := {{"case": "allowed", "kind": "ok", "params": {"connectors": {"crm"}}}}

test_the_direction_is_the_templates if {
	told(with_connector({}), fine)
	turned := [object.union(example.create, {"allowed_access": "read"}), example.lookup]
	refused(with_connector({"details": turned}), {{"case": "access", "kind": "deny", "params": {
		"connector": "crm",
		"operations": {"lead.create"},
	}}})
}

wide := {{"case": "scope", "kind": "deny", "params": {"connectors": {"crm"}}}}

test_the_scope_is_the_templates_or_less if {
	told(with_connector({"scope": ["a"], "allowed_scope": ["a", "b"]}), fine)
	told(with_connector({"scope": ["a", "b"], "allowed_scope": ["a", "b"]}), fine)
	refused(with_connector({"scope": ["a", "c"], "allowed_scope": ["a", "b"]}), wide)
	refused(with_connector({"allowed_scope": ["a", "b"]}), wide)
}

test_where_the_template_sets_no_scope_the_app_may if {
	told(with_connector({"scope": ["a"]}), fine)
}

test_nothing_is_said_of_other_actions if {
	request := example.running("record.list", object.union(example.app([example.company]), {"connectors": [example.crm]}))
	told(request, set())
}

test_nothing_is_said_of_records if {
	every request in [example.listing_of_a_faulty_app, example.running("record.list", example.app([example.company]))] {
		answer := main.decision with input as request
		found(answer) == set()
	}
}

test_one_name_is_a_scope if {
	refused(with_connector({"allowed_scope": ["a"]}), wide)
	refused(with_connector({"scope": ["b"], "allowed_scope": ["a"]}), wide)
}

test_an_empty_list_is_no_connector if {
	answer := main.decision with input as example.with_app(example.submitting([example.company]), {"connectors": []})
	answer.allow
	found(answer) == set()
}

test_nothing_is_said_of_calls if {
	answer := main.decision with input as example.calling([example.company], example.crm)
	answer.allow
	found(answer) == set()
}
