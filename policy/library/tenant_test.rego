package portal.rules.tenant_test

import data.portal.example_test as example
import data.portal.main
import data.portal.rules.tenant

request := example.running("record.list", example.app([example.company]))

# Both the finding, which people read, and the grant, without which nothing is allowed.
denied(asked, case) if {
	answer := main.decision with input as asked
	not answer.allow
	answer.findings["access.tenant"] == {{"case": case, "kind": "deny", "params": {}}}
	not tenant.granted with input as asked
}

portal_action := object.remove(example.asking("admin.use", {}), ["resource"])

without_app := object.union(portal_action, {"resource": {"tenant": "t-1"}, "subject": {"roles": ["admin"]}})

test_own_tenant_is_allowed if {
	every asked in [request, without_app] {
		answer := main.decision with input as asked
		answer.allow
		answer.findings["access.tenant"] == set()
		tenant.granted with input as asked
	}
}

test_subject_of_another_tenant_is_denied if {
	every asked in [request, without_app] {
		denied(object.union(asked, {"subject": {"tenant": "t-2"}}), "other_tenant")
	}
}

test_app_of_another_tenant_is_denied if {
	denied(example.with_app(request, {"tenant": "t-2"}), "other_tenant")
}

test_inactive_account_is_denied if {
	every asked in [request, without_app] {
		denied(object.union(asked, {"subject": {"active": false}}), "inactive")
	}
}

test_missing_tenant_is_not_allowed if {
	without := object.remove(request, ["subject"])
	answer := main.decision with input as without
	not answer.allow
	not tenant.granted with input as without
}
