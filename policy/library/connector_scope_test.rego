package portal.rules.connector_scope_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["connector.scope"]

plain := [example.company]

denied(request, case, params) if {
	answer := main.decision with input as request
	not answer.allow
	found(answer) == {{"case": case, "kind": "deny", "params": params}}
}

changed(call) := object.union(example.calling(plain, example.crm), {"resource": {"call": call}})

test_a_declared_operation_may_be_called if {
	answer := main.decision with input as example.calling(plain, example.crm)
	answer.allow
	found(answer) == {{"case": "inside", "kind": "ok", "params": {"connector": "crm", "operation": "lead.create"}}}
	answer.obligations == {"mask": {}, "flags": {"write_only"}, "rate": {}}
}

test_what_is_read_may_be_passed_on if {
	answer := main.decision with input as example.looking_up(example.crm)
	answer.allow
	found(answer) == {{"case": "inside", "kind": "ok", "params": {"connector": "crm", "operation": "account.lookup"}}}
	answer.obligations.flags == set()
}

test_another_connector_is_denied if {
	denied(changed({"connector": "erp"}), "connector", {})
}

test_a_connector_that_is_described_twice_is_denied if {
	twice := object.union(
		example.calling(plain, example.crm),
		{"resource": {"app": {"connectors": [example.crm, {"id": "crm"}]}}},
	)
	denied(twice, "connector", {})
}

test_another_operation_is_denied if {
	denied(changed({"operation": "lead.delete"}), "operation", {})
}

test_a_described_operation_that_is_not_declared_is_denied if {
	narrow := object.union(example.crm, {"operations": ["account.lookup"]})
	denied(example.calling(plain, narrow), "operation", {})
}

test_a_declared_operation_that_is_not_described_is_denied if {
	bare := object.union(example.crm, {"details": [example.lookup]})
	denied(example.calling(plain, bare), "operation", {})
}

test_an_operation_that_is_described_twice_is_denied if {
	twice := object.union(example.crm, {"details": [example.create, object.union(example.create, {"roles": ["lead"]})]})
	denied(example.calling(plain, twice), "operation", {})
}

test_no_call_at_all_is_denied if {
	request := example.asking("connector.call", example.connected(plain, example.crm))
	denied(request, "connector", {})
}

test_a_read_only_operation_does_not_write if {
	denied(changed({"operation": "account.lookup"}), "direction", {})
}

test_a_write_only_operation_does_not_read if {
	denied(changed({"access": "read"}), "direction", {})
}

test_an_operation_whose_direction_is_unknown_is_denied if {
	unknown := object.union(example.crm, {"details": [{"name": "lead.create"}]})
	denied(example.calling(plain, unknown), "direction", {})
}

scoped := object.union(example.crm, {"scope": ["leads-eu", "leads-test"]})

test_a_call_inside_the_scope_is_allowed if {
	request := object.union(example.calling(plain, scoped), {"resource": {"call": {"scope": "leads-eu"}}})
	answer := main.decision with input as request
	answer.allow
}

test_a_call_outside_the_scope_is_denied if {
	request := object.union(example.calling(plain, scoped), {"resource": {"call": {"scope": "leads-us"}}})
	denied(request, "scope", {"scope": {"leads-eu", "leads-test"}})
}

test_a_call_that_names_nothing_of_the_scope_is_denied if {
	denied(example.calling(plain, scoped), "scope", {"scope": {"leads-eu", "leads-test"}})
	denied(example.calling(plain, object.union(example.crm, {"scope": ["leads-eu"]})), "scope", {"scope": {"leads-eu"}})
}

test_an_unknown_operation_is_told_before_the_scope if {
	request := object.union(example.calling(plain, scoped), {"resource": {"call": {"operation": "lead.delete"}}})
	denied(request, "operation", {})
}

test_what_no_scope_names_is_denied if {
	denied(changed({"scope": "leads-us"}), "scope", {"scope": set()})
}

test_an_operation_is_for_the_app_roles_that_it_names if {
	answer := main.decision with input as example.calling(plain, example.with_create({"roles": ["lead", "desk"]}))
	answer.allow
	denied(example.calling(plain, example.with_create({"roles": ["lead"]})), "role", {"app_roles": {"lead"}})
}

test_an_app_role_without_the_permission_is_denied if {
	request := example.with_app(example.calling(plain, example.crm), {"roles": example.base_app.roles})
	answer := main.decision with input as request
	not answer.allow
	answer.findings["access.app_role"] == {{"case": "permission", "kind": "deny", "params": {"action": "connector.call"}}}
}

test_an_app_that_is_not_live_calls_nothing if {
	request := example.with_app(example.calling(plain, example.crm), {"state": "suspended"})
	answer := main.decision with input as request
	not answer.allow
	answer.findings["access.app_role"] == {{"case": "not_running", "kind": "deny", "params": {}}}
}

test_a_call_without_an_app_is_denied if {
	request := object.remove(example.calling(plain, example.crm), ["resource"])
	answer := main.decision with input as object.union(request, {"resource": {"tenant": "t-1"}})
	not answer.allow
	answer.findings["access.app_role"] == {{"case": "no_app", "kind": "deny", "params": {}}}
	found(answer) == set()
}

test_an_unknown_dataset_is_denied if {
	request := object.union(example.calling(plain, example.crm), {"resource": {"dataset": "other"}})
	answer := main.decision with input as request
	not answer.allow
	answer.findings["access.app_role"] == {{"case": "dataset", "kind": "deny", "params": {}}}
}

test_fields_of_no_dataset_are_denied if {
	request := object.union(example.looking_up(example.crm), {"resource": {"fields": ["f_company"]}})
	answer := main.decision with input as request
	not answer.allow
	some finding in answer.findings["access.app_role"]
	finding == {"case": "fields", "kind": "deny", "params": {"fields": {"f_company"}}}
}

test_nothing_is_said_of_other_actions if {
	every action in ["app.submit", "record.list"] {
		request := example.running(action, example.connected(plain, example.crm))
		answer := main.decision with input as request
		found(answer) == set()
	}
	two := {"connectors": [example.crm, object.union(example.crm, {"id": "mail"})]}
	answer := main.decision with input as example.with_app(example.submitting(plain), two)
	found(answer) == set()
}

test_a_read_of_records_is_no_call if {
	listing := example.running("record.list", object.union(example.app(plain), {"connectors": [example.crm]}))
	call := {"connector": "crm", "operation": "lead.create", "access": "write"}
	answer := main.decision with input as object.union(listing, {"resource": {"call": call}})
	answer.allow
	answer.obligations.flags == set()
	found(answer) == set()
}

test_an_app_role_of_others_does_not_count if {
	roles := array.concat(call_roles, [{"key": "lead", "groups": ["Sales"], "permissions": ["connector.call"]}])
	request := example.with_app(
		example.calling(plain, example.with_create({"roles": ["lead"]})),
		{"roles": roles},
	)
	denied(request, "role", {"app_roles": {"lead"}})
}

call_roles := example.connected(plain, example.crm).roles
