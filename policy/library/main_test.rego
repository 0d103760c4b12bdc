package portal.main_test

import data.portal.example_test as example
import data.portal.main

test_an_unknown_action_is_denied if {
	answer := main.decision with input as object.union(example.submitting([example.company]), {"action": "app.fly"})
	not answer.allow
	answer.findings["access.unknown_action"] == {{"case": "unknown", "kind": "deny", "params": {}}}
}

test_an_empty_input_is_denied if {
	answer := main.decision with input as {}
	not answer.allow
	answer.obligations == {"mask": {}, "flags": [], "rate": {}}
}

test_one_denial_among_many_ticks_denies if {
	request := example.with_app(example.submitting([example.company]), {"credential_paths": ["/x"]})
	answer := main.decision with input as request
	not answer.allow
	denials := {code | some code, found in answer.findings; some finding in found; finding.kind == "deny"}
	denials == {"secrets.hard_coded_credential"}
}

test_a_sensitive_read_is_recorded if {
	answer := main.decision with input as example.running("record.read", example.app([example.email]))
	answer.obligations.flags == {"record_read"}
}

# -- each grant by itself: nothing is allowed for want of a rule that denies ------------------------------------------

listing := example.running("record.list", example.app([example.company]))

call := example.calling([example.company], example.crm)

not_allowed_though_nothing_denies(request) if {
	not main.allow with input as request with main.denied as false
}

test_silence_is_a_denial if {
	main.allow with input as listing with main.denied as false
	not_allowed_though_nothing_denies(object.union(listing, {"action": "app.fly"}))
	not_allowed_though_nothing_denies(object.union(listing, {"subject": {"tenant": "t-2"}}))
	not_allowed_though_nothing_denies(object.union(listing, {"subject": {"groups": []}}))
	not_allowed_though_nothing_denies({"action": "approval.vote"})
}

test_a_vote_is_no_grant_for_anything_else if {
	main.role_granted with input as {"action": "approval.vote"}
	not main.role_granted with input as object.union(listing, {"subject": {"groups": []}})
}

test_a_call_takes_three_grants if {
	main.role_granted with input as call
	every change in [
		{"subject": {"groups": []}},
		{"resource": {"call": {"operation": "lead.delete"}}},
		{"resource": {"app": {"connectors": [example.with_create({"ticket": true})]}}},
	] {
		not main.role_granted with input as object.union(call, change)
	}
}

test_an_app_without_an_id_is_none if {
	every request in [example.submitting([example.company]), listing, call] {
		answer := main.decision with input as example.with_app(request, {"id": false})
		not answer.allow
	}
}

test_what_is_sent_is_recorded_like_what_is_read if {
	sent := main.decision with input as example.calling([example.email], example.crm)
	sent.obligations.flags == {"record_read", "write_only"}
	plain := main.decision with input as call
	plain.obligations.flags == {"write_only"}
}

test_plain_exports_carry_no_watermark if {
	answer := main.decision with input as example.running("record.export", example.app([example.company]))
	answer.allow
	answer.obligations.flags == set()
}
