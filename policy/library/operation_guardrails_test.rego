package portal.rules.operation_guardrails_test

import data.portal.example_test as example
import data.portal.main

found(answer) := answer.findings["operation.guardrails"]

call(guardrails, context) := example.in_context(
	example.calling([example.company], example.with_create(guardrails)),
	context,
)

allowed(guardrails, context) if {
	answer := main.decision with input as call(guardrails, context)
	answer.allow
	found(answer) == {{"case": "kept", "kind": "ok", "params": {}}}
}

denied(guardrails, context, case, params) if {
	answer := main.decision with input as call(guardrails, context)
	not answer.allow
	found(answer) == {{"case": case, "kind": "deny", "params": params}}
}

office := {"from_minute": 480, "until_minute": 1080}

night := {"from_minute": 1320, "until_minute": 360}

at(minute) := {"clock": {"day": "mon", "minute": minute}}

test_without_a_limit_nothing_is_asked if {
	allowed({}, {})
}

test_hours_begin_with_their_first_minute_and_end_before_their_last if {
	every minute in [480, 720, 1079] {
		allowed(office, at(minute))
	}
	every minute in [0, 479, 1080, 1439] {
		denied(office, at(minute), "hours", {"from_minute": [480], "until_minute": [1080]})
	}
}

test_hours_go_past_midnight if {
	every minute in [1320, 1439, 0, 359] {
		allowed(night, at(minute))
	}
	every minute in [360, 720, 1319] {
		denied(night, at(minute), "hours", {"from_minute": [1320], "until_minute": [360]})
	}
}

test_hours_from_and_until_midnight if {
	allowed({"from_minute": 0, "until_minute": 60}, at(0))
	denied({"from_minute": 0, "until_minute": 60}, at(60), "hours", {"from_minute": [0], "until_minute": [60]})
}

test_hours_without_length_are_never if {
	every minute in [479, 480, 481] {
		denied({"from_minute": 480, "until_minute": 480}, at(minute), "hours", {"from_minute": [480], "until_minute": [480]})
	}
}

test_half_a_window_is_never if {
	denied({"from_minute": 0}, at(1), "hours", {"from_minute": [0], "until_minute": []})
	denied({"until_minute": 60}, at(1), "hours", {"from_minute": [], "until_minute": [60]})
}

test_without_a_clock_no_hour_is_met if {
	denied(office, {}, "hours", {"from_minute": [480], "until_minute": [1080]})
	denied(night, {"clock": {"day": "mon"}}, "hours", {"from_minute": [1320], "until_minute": [360]})
}

test_days_are_those_that_are_named if {
	allowed({"days": ["mon", "tue"]}, at(0))
	denied({"days": ["sat", "sun"]}, at(0), "days", {"days": {"sat", "sun"}})
	denied({"days": ["mon"]}, {}, "days", {"days": {"mon"}})
}

test_the_rate_leaves_room_for_one_more if {
	allowed({"per_hour": 10}, {"calls_last_hour": 9})
	denied({"per_hour": 10}, {"calls_last_hour": 10}, "rate", {"per_hour": 10})
	denied({"per_hour": 10}, {"calls_last_hour": 11}, "rate", {"per_hour": 10})
	denied({"per_hour": 0}, {"calls_last_hour": 0}, "rate", {"per_hour": 0})
	denied({"per_hour": 10}, {}, "rate", {"per_hour": 10})
}

test_the_rate_is_an_obligation if {
	answer := main.decision with input as call({"per_hour": 10}, {"calls_last_hour": 0})
	answer.obligations.rate == {"per_hour": 10}
	without := main.decision with input as call({}, {})
	without.obligations.rate == {}
	denial := main.decision with input as call({"per_hour": 10}, {})
	denial.obligations.rate == {}
}

test_a_ticket_is_named_and_goes_into_the_record if {
	allowed({"ticket": true}, {"ticket": true})
	denied({"ticket": true}, {}, "ticket", {})
	denied({"ticket": true}, {"ticket": "CHG-1"}, "ticket", {})
	answer := main.decision with input as call({"ticket": true}, {"ticket": true})
	answer.obligations.flags == {"write_only", "ticket"}
	unasked := main.decision with input as call({}, {"ticket": true})
	unasked.obligations.flags == {"write_only"}
}

asked := [object.union({"id": "operation:crm:lead.create", "name": "Sensitive operations"}, example.fresh_mfa)]

test_a_second_factor_is_asked_for_and_shown if {
	fresh := {"access_rules": asked, "session": {"acr": "loa2", "age_minutes": 3}}
	allowed({"step_up": true}, fresh)
	answer := main.decision with input as call({"step_up": true}, {"access_rules": asked, "session": {"acr": "loa1"}})
	answer.allow
	answer.obligations.flags == {"write_only", "step_up"}
}

test_a_second_factor_that_nobody_asked_for_is_missing if {
	denied({"step_up": true}, {}, "second_factor", {})
	weak := [{"id": "r-1", "name": "Rule", "device": true}]
	denied({"step_up": true}, {"access_rules": weak, "session": {"device": "compliant"}}, "second_factor", {})
}

test_work_that_goes_on_without_the_person_was_asked_when_it_began if {
	allowed({"step_up": true}, {"unattended": true})
	denied({"step_up": true}, {"unattended": "yes"}, "second_factor", {})
}

test_the_limits_of_another_operation_do_not_count if {
	guarded := object.union(example.lookup, {"ticket": true, "step_up": true, "per_hour": 0, "days": []})
	connector := object.union(example.crm, {"details": [example.create, guarded]})
	answer := main.decision with input as example.calling([example.company], connector)
	answer.allow
	other := main.decision with input as example.looking_up(connector)
	not other.allow
}

submitting(guardrails) := example.asking("app.submit", example.connected([example.company], example.with_create(guardrails)))

test_the_reviewer_is_told_what_is_sensitive if {
	every guardrail in ["ticket", "step_up"] {
		answer := main.decision with input as submitting({guardrail: true, "per_hour": 10})
		answer.allow
		found(answer) == {{"case": "sensitive", "kind": "warn", "params": {"operations": {"lead.create"}}}}
		answer.tier.name == "manager_then_security"
		answer.tier.because == {"sensitive_operations"}
	}
}

test_the_reviewer_is_told_what_has_no_rate if {
	answer := main.decision with input as submitting({})
	answer.allow
	found(answer) == {{"case": "unlimited", "kind": "warn", "params": {"operations": {"lead.create"}}}}
	limited := main.decision with input as submitting({"per_hour": 10})
	found(limited) == set()
	limited.tier.name == "none"
}

test_building_needs_neither_clock_nor_ticket if {
	answer := main.decision with input as submitting(object.union(office, {"days": ["sat"], "per_hour": 1}))
	answer.allow
}

test_records_know_no_operation if {
	request := example.running("record.list", example.app([example.company]))
	answer := main.decision with input as example.with_app(request, {"connectors": [example.with_create({"ticket": true})]})
	answer.allow
	found(answer) == set()
	answer.obligations.flags == set()
}
