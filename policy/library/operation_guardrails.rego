# METADATA
# title: Operations keep their hours, their rate, and ask for a second factor and a ticket
# description: >-
#   An operation of a connector may be limited to hours and days, to a number of calls an hour, and to people
#   who have just proved themselves with a second factor and name a ticket. What is not known meets no limit.
#   The clock and the count are facts that the caller gives; the rule reads neither.
# custom:
#   code: operation.guardrails
#   remedy: Call within the hours and the rate, after a second factor where it is asked for, and name the ticket.
#   severity: high
#   overridable: true
#   owner: Operations
#   regulations: [ISO 27001 A.8.2, ISO 27001 A.8.32, SOX 404]
package portal.rules.operation_guardrails

import data.portal.facts

clock := input.context.clock

# -- hours: from the first minute on, until before the last; past midnight where the last is the smaller ----

hours_asked if {
	some detail in facts.details
	detail.from_minute
}

hours_asked if {
	some detail in facts.details
	detail.until_minute
}

hours_met if {
	some detail in facts.details
	detail.from_minute <= clock.minute
	clock.minute < detail.until_minute
}

hours_met if {
	some detail in facts.details
	detail.until_minute < detail.from_minute
	detail.from_minute <= clock.minute
}

hours_met if {
	some detail in facts.details
	detail.until_minute < detail.from_minute
	clock.minute < detail.until_minute
}

hours_open if {
	hours_asked
	not hours_met
}

days := {day | some detail in facts.details; some day in detail.days}

days_open if {
	count(days) > 0
	count(days & today) == 0
}

today := {day | day := clock.day}

# -- rate ---------------------------------------------------------------------------------------------------

rate_asked if {
	some detail in facts.details
	detail.per_hour
}

rate_met if {
	some detail in facts.details
	input.context.calls_last_hour < detail.per_hour
}

rate_open if {
	rate_asked
	not rate_met
}

rate := {"per_hour": limit | some detail in facts.details; limit := detail.per_hour}

# -- ticket and second factor ---------------------------------------------------------------------------------

ticket if {
	some detail in facts.details
	detail.ticket
}

ticket_open if {
	ticket
	not ticket_named
}

ticket_named if input.context.ticket == true

strong_asked if {
	some detail in facts.details
	detail.step_up
}

# access.conditions judges the sign-in itself; here somebody has to have asked for it.
strong_met if {
	some rule in input.context.access_rules
	rule.strong == true
}

strong_met if input.context.unattended == true

strong_open if {
	strong_asked
	not strong_met
}

granted if {
	not hours_open
	not days_open
	not rate_open
	not ticket_open
	not strong_open
}

findings contains {"case": "hours", "kind": "deny", "params": params} if {
	hours_open
	params := {
		"from_minute": [minute | some detail in facts.details; minute := detail.from_minute],
		"until_minute": [minute | some detail in facts.details; minute := detail.until_minute],
	}
}

findings contains {"case": "days", "kind": "deny", "params": params} if {
	days_open
	params := {"days": days}
}

findings contains {"case": "rate", "kind": "deny", "params": rate} if rate_open

findings contains {"case": "ticket", "kind": "deny", "params": {}} if ticket_open

findings contains {"case": "second_factor", "kind": "deny", "params": {}} if strong_open

findings contains {"case": "kept", "kind": "ok", "params": {}} if {
	granted
	count(facts.details) > 0
}

# -- at build time: what the reviewer looks at ------------------------------------------------------------------

# What asks for a second factor or a ticket is what can do harm.
sensitive contains detail.name if {
	facts.about_app
	some connector in facts.connectors
	some detail in connector.details
	detail.step_up
}

sensitive contains detail.name if {
	facts.about_app
	some connector in facts.connectors
	some detail in connector.details
	detail.ticket
}

unlimited contains detail.name if {
	facts.about_app
	some connector in facts.connectors
	some detail in connector.details
	detail.access == "write"
	not detail.per_hour
}

findings contains {"case": "sensitive", "kind": "warn", "params": params} if {
	count(sensitive) > 0
	params := {"operations": sensitive}
}

findings contains {"case": "unlimited", "kind": "warn", "params": params} if {
	count(unlimited) > 0
	params := {"operations": unlimited}
}
