# METADATA
# title: Who has to approve
# description: >-
#   An app from an approved template without protected values and within one region goes live at once.
#   Protected values, a border or an own design need the manager; special categories, protected values
#   together with a border, or operations that ask for a second factor or a ticket, need security as well. An
#   export needs whom the rule for exports names; an override, and the erasure of a person's data, one person
#   from security.
# custom:
#   code: approval.tier
#   remedy: Ask for approval; the request names the people and what they are shown.
#   severity: high
#   owner: Compliance
#   regulations: [GDPR Art. 5, ISO 27001 A.5.3]
package portal.rules.approval_tier

import data.portal.facts
import data.portal.rules.cross_border_connector
import data.portal.rules.cross_region_export
import data.portal.rules.export_approval
import data.portal.rules.operation_guardrails

steps_of := {
	"none": [],
	"manager": [{"role": "manager", "order": 1}],
	"manager_then_security": [{"role": "manager", "order": 1}, {"role": "security", "order": 2}],
	"two_person": [{"role": "manager", "order": 1}, {"role": "security", "order": 1}],
	"security": [{"role": "security", "order": 1}],
}

# -- why, per tier ----------------------------------------------------------------------------------------

because_security contains "high_risk_fields" if {
	facts.about_app
	count(facts.high) > 0
}

because_security contains "protected_across_border" if {
	facts.about_app
	cross_region_export.crossing_protected
}

because_security contains "protected_across_border" if {
	facts.about_app
	count(cross_border_connector.crossing_protected) > 0
}

because_security contains "sensitive_operations" if count(operation_guardrails.sensitive) > 0

because_manager contains "protected_fields" if {
	facts.about_app
	count(facts.protected) > 0
}

because_manager contains "across_border" if {
	facts.about_app
	cross_region_export.crossing
}

because_manager contains "across_border" if {
	facts.about_app
	count(cross_border_connector.crossing) > 0
}

because_manager contains "own_design" if {
	facts.about_app
	not facts.app.template_approved
}

because_manager contains "raw_export" if export_approval.manager

because_two contains "gdpr_export" if export_approval.two_people

because_second_person contains "override" if input.action == "admin.override"

because_second_person contains "erasure" if input.action == "subject.erase"

# -- the tier: the strictest that has a reason ----------------------------------------------------------------

default tier := "none"

tier := "security" if count(because_second_person) > 0

tier := "two_person" if count(because_two) > 0

tier := "manager_then_security" if count(because_security) > 0

tier := "manager" if {
	count(because_manager) > 0
	count(because_security | because_two) == 0
}

because := ((because_second_person | because_two) | because_security) | because_manager

decision := {"name": tier, "steps": steps_of[tier], "because": because}

# -- what was granted -------------------------------------------------------------------------------------------

granted_roles := {approval.role |
	some approval in input.context.approvals
	approval.by != input.context.requester
}

asked_roles := {step.role | some step in steps_of[tier]}

missing := asked_roles - granted_roles

# Submitting asks for the approval; everything else needs to have it.
must_have_it if input.action in {"app.go_live", "record.export", "admin.override", "subject.erase"}

findings contains {"case": "asks", "kind": "warn", "params": params} if {
	input.action == "app.submit"
	tier != "none"
	params := {"tier": tier, "because": because}
}

findings contains {"case": "missing", "kind": "deny", "params": params} if {
	must_have_it
	count(missing) > 0
	params := {"tier": tier, "because": because, "roles": missing}
}

findings contains {"case": "granted", "kind": "ok", "params": params} if {
	must_have_it
	tier != "none"
	count(missing) == 0
	params := {"tier": tier}
}

findings contains {"case": "at_once", "kind": "ok", "params": {}} if {
	facts.about_app
	tier == "none"
}
