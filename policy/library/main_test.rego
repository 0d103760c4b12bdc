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
