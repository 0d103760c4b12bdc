package portal.rules.separation_test

import data.portal.example_test as example
import data.portal.main

request := example.asking("app.go_live", example.app([example.health]))

found(answer) := answer.findings["duties.separation"]

test_two_other_people_pass if {
	answer := main.decision with input as example.approved(request, [example.by_omar, example.by_sana])
	answer.allow
	found(answer) == {{"case": "others", "kind": "ok", "params": {"count": 2}}}
}

test_an_own_vote_is_denied if {
	own := {"role": "manager", "by": "u-lena"}
	answer := main.decision with input as example.approved(request, [own, example.by_sana])
	not answer.allow
	found(answer) == {{"case": "own", "kind": "deny", "params": {}}}
	some finding in answer.findings["approval.tier"]
	finding.params.roles == {"manager"}
}

test_one_person_for_two_steps_is_denied if {
	answer := main.decision with input as example.approved(request, [
		{"role": "manager", "by": "u-omar"},
		{"role": "security", "by": "u-omar"},
	])
	not answer.allow
	found(answer) == {{"case": "same_person", "kind": "deny", "params": {}}}
}

test_without_votes_there_is_nothing_to_say if {
	answer := main.decision with input as example.submitting([example.company])
	found(answer) == set()
}

test_one_other_person_is_enough_for_one_step if {
	protected := example.asking("app.go_live", example.app([example.email]))
	answer := main.decision with input as example.approved(protected, [example.by_omar])
	answer.allow
	found(answer) == {{"case": "others", "kind": "ok", "params": {"count": 1}}}
}
