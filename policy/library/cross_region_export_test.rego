package portal.rules.cross_region_export_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["residency.cross_region_export"]

american(field) := object.union(field, {"residency": example.us})

export(facts, target) := object.union(example.running("record.export", facts), {"context": {"target": target}})

test_one_region_passes if {
	answer := main.decision with input as example.submitting([example.company])
	answer.allow
	found(answer) == {{"case": "same_region", "kind": "ok", "params": {"jurisdictions": {"eu"}}}}
}

test_a_protected_field_outside_its_region_is_denied if {
	answer := main.decision with input as example.submitting([american(example.email)])
	not answer.allow
	some finding in found(answer)
	finding == {"case": "storage", "kind": "deny", "params": {"count": 1, "fields": {"f_email"}}}
}

test_a_sovereign_field_outside_its_region_is_denied if {
	sovereign := object.union(example.company, {"residency": object.union(example.us, {"sovereign": true})})
	answer := main.decision with input as example.submitting([sovereign])
	not answer.allow
}

test_a_plain_field_of_another_region_is_a_warning_beside_personal_data if {
	answer := main.decision with input as example.submitting([american(example.company), example.email])
	answer.allow
	found(answer) == {{"case": "mixed", "kind": "warn", "params": {"jurisdictions": {"eu", "us"}}}}
}

test_hosting_under_other_law_is_a_warning if {
	answer := main.decision with input as example.with_app(example.submitting([example.company]), {"hosting": example.us})
	answer.allow
	some finding in found(answer)
	finding == {"case": "hosting", "kind": "warn", "params": {"datasets": {"leads"}, "jurisdiction": "us"}}
}

test_an_export_within_the_region_passes if {
	answer := main.decision with input as export(example.app([example.company]), example.eu)
	answer.allow
	found(answer) == {{"case": "stays", "kind": "ok", "params": {"jurisdiction": "eu"}}}
}

test_an_export_of_protected_values_across_a_border_is_denied if {
	answer := main.decision with input as export(example.app([example.email, example.company]), example.us)
	not answer.allow
	found(answer) == {{
		"case": "blocked", "kind": "deny",
		"params": {"count": 1, "fields": {"f_email"}, "jurisdiction": "us"},
	}}
}

test_approvals_do_not_lift_the_border if {
	request := example.approved(export(example.app([example.email]), example.us), [example.by_omar, example.by_sana])
	answer := main.decision with input as request
	not answer.allow
}

test_storage_binds_where_residency_does_not if {
	answer := main.decision with input as export(example.app([american(example.email)]), example.us)
	not answer.allow
	some finding in found(answer)
	finding.case == "blocked"
}

test_sovereign_storage_does_not_leave if {
	sovereign := object.union(example.base_app, {"datasets": [{
		"key": "leads",
		"storage": object.union(example.eu, {"sovereign": true}),
		"fields": [example.company],
	}]})
	answer := main.decision with input as export(sovereign, example.us)
	not answer.allow
	some finding in found(answer)
	finding.case == "blocked"
}

test_plain_values_leave_with_a_warning if {
	answer := main.decision with input as export(example.app([example.company]), example.us)
	answer.allow
	found(answer) == {{"case": "leaves", "kind": "warn", "params": {"count": 1, "jurisdiction": "us"}}}
}

test_only_the_named_fields_count if {
	all := export(example.app([example.email, example.company]), example.us)
	answer := main.decision with input as object.union(all, {"resource": {"fields": ["f_company"]}})
	answer.allow
}

test_an_export_to_nowhere_is_denied if {
	request := example.running("record.export", example.app([example.company]))
	answer := main.decision with input as object.union(object.remove(request, ["context"]), {"context": {"requester": "u-lena"}})
	not answer.allow
	found(answer) == {{"case": "no_target", "kind": "deny", "params": {}}}
}

test_nothing_is_said_of_records if {
	every request in [example.listing_of_a_faulty_app, example.running("record.list", example.app([example.company]))] {
		answer := main.decision with input as request
		found(answer) == set()
	}
}

test_without_fields_there_is_nothing_to_say if {
	answer := main.decision with input as example.submitting_nothing
	found(answer) == set()
}

test_only_what_is_bound_and_misplaced_is_told if {
	answer := main.decision with input as example.submitting([
		american(example.email),
		example.health,
		american(example.company),
	])
	not answer.allow
	found(answer) == {
		{"case": "storage", "kind": "deny", "params": {"count": 1, "fields": {"f_email"}}},
		{"case": "mixed", "kind": "warn", "params": {"jurisdictions": {"eu", "us"}}},
	}
}

test_plain_fields_of_two_regions_are_no_mixture if {
	other := object.union(american(example.company), {"id": "f_other"})
	answer := main.decision with input as example.submitting([example.company, other])
	answer.allow
	found(answer) == set()
}

test_protected_fields_of_one_region_are_no_mixture if {
	answer := main.decision with input as example.submitting([example.email])
	found(answer) == {{"case": "same_region", "kind": "ok", "params": {"jurisdictions": {"eu"}}}}
}

test_an_export_of_no_field_stays if {
	none := object.union(export(example.app([example.company]), example.us), {"resource": {"fields": []}})
	answer := main.decision with input as none
	found(answer) == {{"case": "stays", "kind": "ok", "params": {"jurisdiction": "us"}}}
}

test_a_list_goes_nowhere if {
	request := object.union(example.running("record.list", example.app([example.email])), {"context": {"target": example.us}})
	answer := main.decision with input as request
	answer.allow
	found(answer) == set()
	without := main.decision with input as object.remove(request, ["context"])
	found(without) == set()
}
