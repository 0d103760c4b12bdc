# METADATA
# title: How the person proved himself
# description: >-
#   A tenant's access rules ask, by action, app and classification, for a sign-in that is strong and fresh, a
#   device that follows the company's rules, a network, or an account without risk. A sign-in that is too weak
#   or too old is cured by a new one where the rule says so; the rest is refused. What is not known meets no
#   rule.
# custom:
#   code: access.conditions
#   remedy: Sign in again as the rule asks, from a device and a network that it allows.
#   severity: high
#   owner: Identity team
#   regulations: [ISO 27001 A.8.5, ISO 27001 A.8.1]
package portal.rules.access_conditions

session := input.context.session

rules := [rule | some rule in input.context.access_rules]

# -- asked and met, by the rule's id: what is asked and not met is open ----------------------------------

context_asked := {rule.id | some rule in rules; rule.strong == true}

context_met := {rule.id |
	some rule in rules
	some acr in rule.acr
	acr == session.acr
}

method_asked := {rule.id |
	some rule in rules
	some _ in rule.amr
}

method_met := {rule.id |
	some rule in rules
	some method in rule.amr
	some used in session.amr
	used == method
}

age_asked := {rule.id | some rule in rules; rule.max_age_minutes > 0}

age_met := {rule.id | some rule in rules; session.age_minutes <= rule.max_age_minutes}

device_asked := {rule.id | some rule in rules; rule.device == true}

device_met := {rule.id | some rule in rules; session.device == "compliant"}

network_asked := {rule.id |
	some rule in rules
	some _ in rule.networks
}

network_met := {rule.id |
	some rule in rules
	some network in rule.networks
	some here in session.networks
	here == network
}

risk_asked := {rule.id | some rule in rules; rule.max_risk >= 0}

risk_met := {rule.id | some rule in rules; session.risk <= rule.max_risk}

# Break-glass is for when the provider is away: what only a provider can say is not asked of it.
waived := {rule.id | some rule in rules; session.break_glass == true}

unproved := ((context_asked - context_met) | (method_asked - method_met)) | (age_asked - age_met)

sign_in_open := unproved - waived

device_open := (device_asked - device_met) - waived

network_open := network_asked - network_met

risk_open := risk_asked - risk_met

open := ((sign_in_open | device_open) | network_open) | risk_open

# -- what follows ------------------------------------------------------------------------------------------

step_up if {
	some rule in rules
	rule.id in sign_in_open
	rule.step_up == true
}

# Told by ids alone, so that no finding that fails to be worded makes it an allow.
refused if count(((device_open | network_open) | risk_open)) > 0

refused if {
	some rule in rules
	rule.id in sign_in_open
	not rule.step_up
}

device_refused if session.device == "not_compliant"

findings contains {"case": "sign_in", "kind": "warn", "params": {"rule": rule.name}} if {
	some rule in rules
	rule.id in sign_in_open
	rule.step_up == true
}

findings contains {"case": "too_weak", "kind": "deny", "params": {"rule": rule.name}} if {
	some rule in rules
	rule.id in sign_in_open
	not rule.step_up
}

findings contains {"case": "device_refused", "kind": "deny", "params": {"rule": rule.name}} if {
	some rule in rules
	rule.id in device_open
	device_refused
}

findings contains {"case": "device_unknown", "kind": "deny", "params": {"rule": rule.name}} if {
	some rule in rules
	rule.id in device_open
	not device_refused
}

findings contains {"case": "network", "kind": "deny", "params": {"rule": rule.name, "networks": allowed}} if {
	some rule in rules
	rule.id in network_open
	allowed := rule.networks
}

findings contains {"case": "risk", "kind": "deny", "params": {"rule": rule.name}} if {
	some rule in rules
	rule.id in risk_open
}

findings contains {"case": "met", "kind": "ok", "params": {"rules": names}} if {
	count(rules) > 0
	count(open) == 0
	names := {rule.name | some rule in rules}
}
