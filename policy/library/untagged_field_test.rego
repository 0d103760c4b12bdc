package portal.rules.untagged_field_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["catalog.untagged_field"]

test_tagged_fields_pass if {
	answer := main.decision with input as example.submitting([example.company, example.email])
	answer.allow
	found(answer) == {{"case": "tagged", "kind": "ok", "params": {"count": 2}}}
}

test_a_field_without_classification_is_denied if {
	untagged := object.remove(example.company, ["classification"])
	answer := main.decision with input as example.submitting([example.email, untagged])
	not answer.allow
	found(answer) == {{"case": "classification", "kind": "deny", "params": {"count": 1, "fields": {"f_company"}}}}
}

test_a_field_without_residency_is_denied if {
	homeless := object.remove(example.company, ["residency"])
	answer := main.decision with input as example.submitting([homeless])
	not answer.allow
	found(answer) == {{"case": "residency", "kind": "deny", "params": {"count": 1, "fields": {"f_company"}}}}
}

test_an_app_without_fields_is_denied if {
	answer := main.decision with input as example.submitting([])
	not answer.allow
	found(answer) == {{"case": "no_field", "kind": "deny", "params": {}}}
}

test_it_holds_for_going_live_too if {
	untagged := object.remove(example.company, ["classification"])
	answer := main.decision with input as example.asking("app.go_live", example.app([untagged]))
	not answer.allow
}

test_nothing_is_said_of_records if {
	every request in [example.listing_of_a_faulty_app, example.running("record.list", example.app([example.company]))] {
		answer := main.decision with input as request
		found(answer) == set()
	}
}

test_one_field_is_enough if {
	answer := main.decision with input as example.submitting([example.company])
	answer.allow
	found(answer) == {{"case": "tagged", "kind": "ok", "params": {"count": 1}}}
}
