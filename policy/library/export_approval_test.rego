package portal.rules.export_approval_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["export.approval"]

export(fields) := example.running("record.export", example.app(fields))

raw(fields) := example.in_context(example.running("record.export", example.revealing(fields)), {"raw": true})

confidential := object.union(example.company, {"id": "f_price", "level": 3, "retention_days": 30})

test_personal_data_of_the_eu_takes_two_people if {
	answer := main.decision with input as export([example.email, example.company])
	not answer.allow
	answer.tier.name == "two_person"
	answer.tier.because == {"gdpr_export"}
	found(answer) == {{"case": "two_people", "kind": "warn", "params": {"count": 1}}}
}

test_with_two_people_it_leaves if {
	request := example.approved(export([example.email]), [example.by_omar, example.by_sana])
	answer := main.decision with input as request
	answer.allow
	answer.obligations.mask == {"f_email": "token"}
	answer.obligations.flags == {"record_read", "watermark"}
}

test_one_of_two_is_not_enough if {
	every approvals in [[], [example.by_omar], [example.by_sana], [example.by_omar, {"role": "security", "by": "u-omar"}]] {
		answer := main.decision with input as example.approved(export([example.email]), approvals)
		not answer.allow
	}
}

test_a_raw_export_takes_the_manager if {
	answer := main.decision with input as raw([confidential])
	not answer.allow
	answer.tier.name == "manager"
	found(answer) == {{"case": "manager", "kind": "warn", "params": {"count": 1}}}
	approved := main.decision with input as example.approved(raw([confidential]), [example.by_omar])
	approved.allow
}

test_a_raw_export_of_personal_data_takes_two if {
	answer := main.decision with input as raw([example.email])
	found(answer) == {{"case": "two_people", "kind": "warn", "params": {"count": 1}}}
	answer.tier.name == "two_person"
}

test_masked_or_plain_values_take_nobody if {
	every request in [export([confidential]), export([example.company]), raw([example.company])] {
		answer := main.decision with input as request
		answer.allow
		answer.tier.name == "none"
		found(answer) == {{"case": "without", "kind": "ok", "params": {}}}
	}
}

test_only_the_exported_fields_count if {
	request := object.union(export([example.email, example.company]), {"resource": {"fields": ["f_company"]}})
	answer := main.decision with input as request
	answer.allow
	found(answer) == {{"case": "without", "kind": "ok", "params": {}}}
}

test_nothing_is_said_of_other_actions if {
	every action in ["record.list", "app.submit"] {
		answer := main.decision with input as example.running(action, example.app([example.email]))
		found(answer) == set()
	}
}
