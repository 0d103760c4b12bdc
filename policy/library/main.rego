# METADATA
# title: The decision
# description: >-
#   Puts together what the rules say. Something is allowed when no rule denies it, when the action is known,
#   when the subject belongs to the tenant, and when a role grants it: silence is a denial.
package portal.main

import data.portal.facts
import data.portal.rules.app_role
import data.portal.rules.approval_tier
import data.portal.rules.cross_region_export
import data.portal.rules.downgrade_reason
import data.portal.rules.hard_coded_credential
import data.portal.rules.least_privilege
import data.portal.rules.pii_masking
import data.portal.rules.portal_role
import data.portal.rules.retention_bounds
import data.portal.rules.separation
import data.portal.rules.sso_required
import data.portal.rules.tenant
import data.portal.rules.untagged_field

known if input.action in (facts.portal_actions | facts.record_actions)

unknown_action := {{"code": "access.unknown_action", "case": "unknown", "kind": "deny", "params": {}} | not known}

reasons := union({
	unknown_action,
	tenant.reasons,
	portal_role.reasons,
	app_role.reasons,
	untagged_field.reasons,
	sso_required.reasons,
	cross_region_export.reasons,
	pii_masking.reasons,
	approval_tier.reasons,
	hard_coded_credential.reasons,
	least_privilege.reasons,
	retention_bounds.reasons,
	downgrade_reason.reasons,
	separation.reasons,
})

denials := {reason | some reason in reasons; reason.kind == "deny"}

role_granted if portal_role.granted

role_granted if app_role.granted

default allow := false

allow if {
	known
	tenant.granted
	role_granted
	count(denials) == 0
}

# -- what the caller has to do when allowed ---------------------------------------------------------------

sensitive if {
	facts.reading
	count(facts.protected) > 0
}

step_up if {
	input.action == "value.reveal"
	count(facts.high) > 0
}

step_up if {
	pii_masking.raw_export
	count(facts.protected) > 0
}

step_up if input.action == "admin.override"

watermark if {
	facts.exporting
	sensitive
}

flags := ({"record_read" | sensitive} | {"step_up" | step_up}) | {"watermark" | watermark}

default obligations := {"mask": [], "flags": []}

obligations := {"mask": pii_masking.mask, "flags": flags} if allow

decision := {
	"allow": allow,
	"reasons": reasons,
	"obligations": obligations,
	"tier": approval_tier.decision,
}
