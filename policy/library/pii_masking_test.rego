package portal.rules.pii_masking_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["data.pii_masking"]

both := [example.company, example.email]

card := object.remove(object.union(example.health, {"id": "f_card", "classification": "card"}), ["personal"])

nick := object.union(example.email, {"id": "f_nick", "level": 1})

test_pages_show_protected_values_in_part if {
	every action in ["record.list", "record.read"] {
		answer := main.decision with input as example.running(action, example.app(both))
		answer.allow
		answer.obligations.mask == {"f_email": "partial"}
		found(answer) == {{"case": "applied", "kind": "ok", "params": {"count": 1}}}
	}
}

test_protected_is_personal_or_of_a_protected_level if {
	answer := main.decision with input as example.running("record.list", example.app([card, nick, example.company]))
	answer.obligations.mask == {"f_card": "partial", "f_nick": "partial"}
}

test_charts_show_tokens if {
	answer := main.decision with input as example.running("dashboard.view", example.app(both))
	answer.allow
	answer.obligations.mask == {"f_email": "token"}
}

test_exports_carry_tokens if {
	request := example.approved(example.running("record.export", example.app(both)), [example.by_omar, example.by_sana])
	answer := main.decision with input as request
	answer.allow
	answer.obligations.mask == {"f_email": "token"}
	answer.obligations.flags == {"record_read", "watermark"}
}

test_a_raw_export_takes_the_right_to_reveal if {
	raw := object.union(example.running("record.export", example.app(both)), {"context": {"raw": true}})
	answer := main.decision with input as example.approved(raw, [example.by_omar, example.by_sana])
	not answer.allow
	found(answer) & {{"case": "raw", "kind": "deny", "params": {"count": 1}}} != set()
}

test_a_raw_export_with_that_right_is_in_clear_after_step_up if {
	raw := object.union(example.running("record.export", example.revealing(both)), {"context": {"raw": true}})
	approved := example.approved(raw, [example.by_omar, example.by_sana])
	answer := main.decision with input as example.under(approved, example.fresh_mfa, {})
	answer.allow
	answer.obligations.mask == {}
	answer.obligations.flags == {"record_read", "step_up", "watermark"}
}

test_lists_are_masked_also_for_those_who_may_reveal if {
	answer := main.decision with input as example.running("record.list", example.revealing(both))
	answer.allow
	answer.obligations.mask == {"f_email": "partial"}
}

test_a_reveal_shows_the_value_and_is_recorded if {
	answer := main.decision with input as example.running("value.reveal", example.revealing(both))
	answer.allow
	answer.obligations.mask == {}
	answer.obligations.flags == {"record_read"}
}

test_a_credential_is_never_shown if {
	listed := main.decision with input as example.running("record.list", example.revealing([example.password]))
	listed.allow
	listed.obligations.mask == {"f_password": "hide"}
	revealed := main.decision with input as example.running("value.reveal", example.revealing([example.password]))
	not revealed.allow
	found(revealed) & {{"case": "credential", "kind": "deny", "params": {"fields": {"f_password"}}}} != set()
}

test_plain_values_carry_no_obligation if {
	answer := main.decision with input as example.running("record.list", example.app([example.company]))
	answer.obligations == {"mask": {}, "flags": set(), "rate": {}}
	found(answer) == set()
}

test_a_denial_carries_no_obligation if {
	answer := main.decision with input as example.with_app(example.running("record.list", example.app(both)), {"state": "draft"})
	answer.obligations == {"mask": {}, "flags": [], "rate": {}}
}

test_the_builder_is_told if {
	answer := main.decision with input as example.submitting(both)
	found(answer) == {{"case": "masked", "kind": "warn", "params": {"count": 1, "fields": {"f_email"}}}}
}

test_the_builder_is_told_who_may_reveal if {
	answer := main.decision with input as example.asking("app.submit", example.revealing(both))
	found(answer) & {{"case": "revealers", "kind": "warn", "params": {"roles": {"desk"}}}} != set()
}

test_the_builder_is_told_that_there_is_nothing_to_mask if {
	answer := main.decision with input as example.submitting([example.company])
	found(answer) == {{"case": "nothing", "kind": "ok", "params": {}}}
}

price := {"id": "f_price", "classification": "confidential", "level": 2, "residency": example.eu}

test_below_the_protected_level_nothing_is_masked if {
	answer := main.decision with input as example.running("record.list", example.app([price]))
	answer.obligations == {"mask": {}, "flags": set(), "rate": {}}
}

test_writing_shows_nothing if {
	every action in ["record.create", "record.update", "record.delete"] {
		answer := main.decision with input as example.running(action, example.app([example.email, example.password]))
		answer.allow
		answer.obligations == {"mask": {}, "flags": set(), "rate": {}}
		found(answer) == set()
	}
}

test_without_fields_there_is_nothing_to_mask if {
	answer := main.decision with input as example.submitting_nothing
	found(answer) == set()
}

test_a_raw_export_of_plain_values_takes_no_right if {
	raw := object.union(example.running("record.export", example.app([example.company])), {"context": {"raw": true}})
	answer := main.decision with input as raw
	answer.allow
	found(answer) == set()
}

test_where_nothing_is_protected_nobody_reveals if {
	answer := main.decision with input as example.asking("app.submit", example.revealing([example.company]))
	found(answer) == {{"case": "nothing", "kind": "ok", "params": {}}}
}

test_connectors_are_given_tokens if {
	answer := main.decision with input as example.calling(both, example.crm)
	answer.allow
	answer.obligations.mask == {"f_email": "token"}
	answer.obligations.flags == {"record_read", "write_only"}
	found(answer) == {{"case": "applied", "kind": "ok", "params": {"count": 1}}}
}

test_a_raw_call_takes_the_right_to_reveal if {
	raw := example.in_context(example.calling(both, example.crm), {"raw": true})
	answer := main.decision with input as raw
	answer.allow
	answer.obligations.mask == {}
	may_not := {"roles": [{"key": "desk", "groups": ["Marketing"], "permissions": ["connector.call"]}]}
	refused := main.decision with input as example.with_app(raw, may_not)
	not refused.allow
	found(refused) == {
		{"case": "raw", "kind": "deny", "params": {"count": 1}},
		{"case": "applied", "kind": "ok", "params": {"count": 1}},
	}
}

test_no_connector_is_given_a_credential if {
	raw := example.in_context(example.calling([example.password], example.crm), {"raw": true})
	answer := main.decision with input as raw
	answer.obligations.mask == {"f_password": "hide"}
}

test_a_raw_list_is_a_list if {
	raw := example.in_context(example.running("record.list", example.app(both)), {"raw": true})
	answer := main.decision with input as raw
	answer.allow
	answer.obligations.mask == {"f_email": "partial"}
	found(answer) == {{"case": "applied", "kind": "ok", "params": {"count": 1}}}
}

test_a_tenants_own_level_of_credentials_hides if {
	read := example.running("record.read", example.app(both))
	answer := main.decision with input as example.in_context(read, {"thresholds": {"credential_level": 3}})
	answer.obligations.mask == {"f_email": "hide"}
	above := main.decision with input as example.in_context(read, {"thresholds": {"credential_level": 4}})
	above.obligations.mask == {"f_email": "partial"}
}
