package portal.rules.retention_bounds_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["retention.bounds"]

kept(days) := object.union(example.email, {"retention_days": days, "retention_min_days": 30})

test_within_bounds_passes if {
	every days in [30, 365, 730] {
		answer := main.decision with input as example.submitting([kept(days)])
		answer.allow
		found(answer) == {{"case": "bounded", "kind": "ok", "params": {}}}
	}
}

test_too_long_is_denied if {
	answer := main.decision with input as example.submitting([kept(731)])
	not answer.allow
	found(answer) == {{"case": "too_long", "kind": "deny", "params": {"count": 1, "fields": {"f_email"}}}}
}

test_too_short_is_denied if {
	answer := main.decision with input as example.submitting([kept(29)])
	not answer.allow
	found(answer) == {{"case": "too_short", "kind": "deny", "params": {"count": 1, "fields": {"f_email"}}}}
}

test_a_protected_value_without_end_is_denied if {
	every field in [object.remove(example.email, ["retention_days"]), kept(0)] {
		answer := main.decision with input as example.submitting([field])
		not answer.allow
		found(answer) == {{"case": "missing", "kind": "deny", "params": {"count": 1, "fields": {"f_email"}}}}
	}
}

test_a_plain_value_may_be_kept_without_end if {
	answer := main.decision with input as example.submitting([example.company])
	answer.allow
}

test_nothing_is_said_of_records if {
	every request in [example.listing_of_a_faulty_app, example.running("record.list", example.app([example.company]))] {
		answer := main.decision with input as request
		found(answer) == set()
	}
}

test_one_day_is_an_end if {
	every minimum in [1, 2] {
		day := object.union(example.email, {"retention_days": 1, "retention_min_days": minimum})
		answer := main.decision with input as example.submitting([day])
		{finding.case | some finding in found(answer)} == {["", "bounded", "too_short"][minimum]}
	}
}

test_without_fields_nothing_is_bounded if {
	answer := main.decision with input as example.submitting_nothing
	found(answer) == set()
}
