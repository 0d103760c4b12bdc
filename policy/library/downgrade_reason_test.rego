package portal.rules.downgrade_reason_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["downgrade.reason"]

lowered := object.union(example.company, {"suggested": "pii", "suggested_level": 3})

test_a_lower_tag_without_reason_is_denied if {
	answer := main.decision with input as example.submitting([lowered])
	not answer.allow
	found(answer) == {{"case": "missing", "kind": "deny", "params": {"count": 1, "fields": {"f_company"}}}}
}

test_a_lower_tag_with_reason_is_shown_to_the_reviewer if {
	answer := main.decision with input as example.submitting([object.union(lowered, {"downgrade_explained": true})])
	answer.allow
	found(answer) == {{"case": "given", "kind": "warn", "params": {"count": 1, "fields": {"f_company"}}}}
}

test_the_same_or_a_higher_tag_needs_none if {
	every level in [0, 1] {
		field := object.union(example.company, {"suggested": "internal", "suggested_level": level})
		answer := main.decision with input as example.submitting([field])
		answer.allow
		found(answer) == set()
	}
}

test_an_untagged_field_is_not_lowered_yet if {
	answer := main.decision with input as example.submitting([object.remove(lowered, ["classification"])])
	found(answer) == set()
}

test_nothing_is_said_of_records if {
	every request in [example.listing_of_a_faulty_app, example.running("record.list", example.app([example.company]))] {
		answer := main.decision with input as request
		found(answer) == set()
	}
}

test_of_several_fields_each_is_told_once if {
	explained := object.union(lowered, {"id": "f_explained", "downgrade_explained": true})
	higher := object.union(example.email, {"downgrade_explained": true})
	answer := main.decision with input as example.submitting([lowered, explained, higher])
	found(answer) == {
		{"case": "missing", "kind": "deny", "params": {"count": 1, "fields": {"f_company"}}},
		{"case": "given", "kind": "warn", "params": {"count": 1, "fields": {"f_explained"}}},
	}
}

test_a_level_without_a_suggestion_is_none if {
	answer := main.decision with input as example.submitting([object.remove(lowered, ["suggested"])])
	answer.allow
	found(answer) == set()
}
