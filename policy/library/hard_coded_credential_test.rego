package portal.rules.hard_coded_credential_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["secrets.hard_coded_credential"]

test_a_clean_manifest_passes if {
	answer := main.decision with input as example.submitting([example.company])
	answer.allow
	found(answer) == {{"case": "clean", "kind": "ok", "params": {}}}
}

test_a_credential_is_denied if {
	request := example.with_app(example.submitting([example.company]), {"credential_paths": ["/metadata/purpose"]})
	answer := main.decision with input as request
	not answer.allow
	found(answer) == {{"case": "found", "kind": "deny", "params": {"count": 1, "paths": {"/metadata/purpose"}}}}
}

test_nothing_is_said_of_records if {
	every request in [example.listing_of_a_faulty_app, example.running("record.list", example.app([example.company]))] {
		answer := main.decision with input as request
		found(answer) == set()
	}
}
