package portal.rules.approval_tier_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["approval.tier"]

tier(answer) := [answer.tier.name, answer.tier.because]

manager_then_security := [{"role": "manager", "order": 1}, {"role": "security", "order": 2}]

test_low_risk_is_live_at_once if {
	every action in ["app.submit", "app.go_live"] {
		answer := main.decision with input as example.asking(action, example.app([example.company]))
		answer.allow
		answer.tier == {"name": "none", "steps": [], "because": set()}
		found(answer) == {{"case": "at_once", "kind": "ok", "params": {}}}
	}
}

test_protected_data_takes_the_manager if {
	answer := main.decision with input as example.submitting([example.email])
	answer.allow
	answer.tier == {"name": "manager", "steps": [{"role": "manager", "order": 1}], "because": {"protected_fields"}}
	found(answer) == {{"case": "asks", "kind": "warn", "params": {"tier": "manager", "because": {"protected_fields"}}}}
}

test_an_own_design_takes_the_manager if {
	answer := main.decision with input as example.with_app(example.submitting([example.company]), {"template_approved": false})
	tier(answer) == ["manager", {"own_design"}]
}

test_a_border_takes_the_manager if {
	answer := main.decision with input as example.with_app(example.submitting([example.company]), {"hosting": example.us})
	tier(answer) == ["manager", {"across_border"}]
}

test_special_data_takes_security_too if {
	answer := main.decision with input as example.submitting([example.health])
	tier(answer) == ["manager_then_security", {"high_risk_fields", "protected_fields"}]
	answer.tier.steps == manager_then_security
}

test_protected_data_across_a_border_takes_security_too if {
	answer := main.decision with input as example.with_app(example.submitting([example.email]), {"hosting": example.us})
	tier(answer) == ["manager_then_security", {"across_border", "protected_across_border", "protected_fields"}]
}

test_going_live_without_the_approval_is_denied if {
	answer := main.decision with input as example.asking("app.go_live", example.app([example.health]))
	not answer.allow
	some finding in found(answer)
	finding.case == "missing"
	finding.params.roles == {"manager", "security"}
}

test_half_an_approval_is_none if {
	request := example.asking("app.go_live", example.app([example.health]))
	answer := main.decision with input as example.approved(request, [example.by_omar])
	not answer.allow
	some finding in found(answer)
	finding.params.roles == {"security"}
}

test_going_live_with_the_approvals_is_allowed if {
	request := example.asking("app.go_live", example.app([example.health]))
	answer := main.decision with input as example.approved(request, [example.by_omar, example.by_sana])
	answer.allow
	found(answer) == {{"case": "granted", "kind": "ok", "params": {"tier": "manager_then_security"}}}
}

test_an_export_under_the_gdpr_takes_two_people_side_by_side if {
	answer := main.decision with input as example.running("record.export", example.app([example.email]))
	not answer.allow
	tier(answer) == ["two_person", {"gdpr_export"}]
	answer.tier.steps == [{"role": "manager", "order": 1}, {"role": "security", "order": 1}]
}

test_personal_data_stored_in_the_eu_is_under_the_gdpr if {
	placeless := object.remove(example.email, ["residency"])
	answer := main.decision with input as example.running("record.export", example.app([placeless]))
	tier(answer) == ["two_person", {"gdpr_export"}]
}

test_an_export_without_personal_fields_takes_nobody if {
	request := example.running("record.export", example.app([example.email, example.company]))
	answer := main.decision with input as object.union(request, {"resource": {"fields": ["f_company"]}})
	answer.allow
	tier(answer) == ["none", set()]
}

test_a_raw_export_elsewhere_takes_the_manager if {
	american := object.union(example.revealing([]), {"datasets": [{
		"key": "leads",
		"storage": example.us,
		"fields": [object.union(example.email, {"residency": example.us})],
	}]})
	request := object.union(example.running("record.export", american), {"context": {"raw": true, "target": example.us}})
	answer := main.decision with input as request
	not answer.allow
	tier(answer) == ["manager", {"raw_export"}]
	granted := main.decision with input as example.approved(request, [example.by_omar])
	granted.allow
}

test_an_override_takes_security if {
	request := object.union(
		example.asking("admin.override", example.app([example.company])),
		{"subject": {"roles": ["admin"]}},
	)
	answer := main.decision with input as request
	not answer.allow
	tier(answer) == ["security", {"override"}]
	granted := main.decision with input as example.approved(request, [example.by_sana])
	granted.allow
	granted.obligations.flags == set()
}

test_an_override_is_one_step if {
	answer := main.decision with input as example.asking("admin.override", example.app([example.company]))
	answer.tier.steps == [{"role": "security", "order": 1}]
}

erasing := {
	"action": "subject.erase",
	"subject": object.union(example.subject, {"roles": ["security"]}),
	"resource": {"tenant": "t-1"},
	"context": {"requester": "u-lena"},
}

test_an_erasure_takes_somebody_else_from_security if {
	answer := main.decision with input as erasing
	not answer.allow
	tier(answer) == ["security", {"erasure"}]
	answer.tier.steps == [{"role": "security", "order": 1}]
	found(answer) == {{"case": "missing", "kind": "deny", "params": {
		"tier": "security",
		"because": {"erasure"},
		"roles": {"security"},
	}}}
	granted := main.decision with input as example.approved(erasing, [example.by_sana])
	granted.allow
	alone := main.decision with input as example.approved(erasing, [{"role": "security", "by": "u-lena"}])
	not alone.allow
}

test_access_to_a_persons_data_takes_nobody_else if {
	answer := main.decision with input as object.union(erasing, {"action": "subject.access"})
	answer.allow
	tier(answer) == ["none", set()]
	found(answer) == set()
}

test_records_and_calls_have_no_tier_of_their_own if {
	raw := example.in_context(example.listing_of_a_faulty_app, {"raw": true})
	abroad := object.union(example.crm, {"region": example.us})
	every request in [example.listing_of_a_faulty_app, raw, example.calling([example.email], abroad)] {
		answer := main.decision with input as request
		tier(answer) == ["none", set()]
		found(answer) == set()
	}
}

test_submitting_is_told_what_it_takes_whoever_approved if {
	asked := example.approved(example.submitting([example.email]), [example.by_omar])
	answer := main.decision with input as asked
	found(answer) == {{"case": "asks", "kind": "warn", "params": {"tier": "manager", "because": {"protected_fields"}}}}
}

test_what_is_missing_is_not_granted if {
	answer := main.decision with input as example.asking("app.go_live", example.app([example.email]))
	found(answer) == {{"case": "missing", "kind": "deny", "params": {
		"tier": "manager",
		"because": {"protected_fields"},
		"roles": {"manager"},
	}}}
}
