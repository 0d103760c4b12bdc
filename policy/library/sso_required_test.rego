package portal.rules.sso_required_test

import data.portal.example_test as example
import data.portal.main

request := example.submitting([example.company])

found(answer) := answer.findings["identity.sso_required"]

test_sso_with_a_group_passes if {
	answer := main.decision with input as request
	answer.allow
	found(answer) == {{"case": "sso", "kind": "ok", "params": {"groups": {"Marketing"}}}}
}

test_another_provider_is_denied if {
	answer := main.decision with input as example.with_app(request, {"identity_provider": "local"})
	not answer.allow
	found(answer) == {{"case": "provider", "kind": "deny", "params": {}}}
}

test_local_accounts_are_denied_for_regulated_data_whoever_approves if {
	every action in ["app.submit", "app.go_live"] {
		every field in [example.email, example.health, example.company] {
			facts := object.union(example.app([field]), {"identity_provider": "local"})
			asked := example.approved(example.asking(action, facts), [example.by_omar, example.by_sana])
			answer := main.decision with input as asked
			not answer.allow
			found(answer) == {{"case": "provider", "kind": "deny", "params": {}}}
		}
	}
}

test_no_group_is_denied if {
	answer := main.decision with input as example.with_app(request, {"identity_groups": []})
	not answer.allow
	found(answer) == {{"case": "group", "kind": "deny", "params": {}}}
}

test_missing_groups_are_denied if {
	bare := object.remove(example.app([example.company]), ["identity_groups"])
	answer := main.decision with input as example.asking("app.submit", bare)
	not answer.allow
	found(answer) == {{"case": "group", "kind": "deny", "params": {}}}
}

test_nothing_is_said_of_records if {
	every request in [example.listing_of_a_faulty_app, example.running("record.list", example.app([example.company]))] {
		answer := main.decision with input as request
		found(answer) == set()
	}
}

test_what_is_no_list_of_groups_is_none if {
	answer := main.decision with input as example.with_app(request, {"identity_groups": 7})
	not answer.allow
	found(answer) == {{"case": "group", "kind": "deny", "params": {}}}
}
