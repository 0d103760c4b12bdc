# METADATA
# title: The decision
# description: >-
#   Puts together what the rules say. Something is allowed when no rule denies it, when the action is known,
#   when the subject belongs to the tenant, and when a role grants it: silence is a denial.
package portal.main

import data.portal.facts
import data.portal.rules.access_conditions
import data.portal.rules.app_role
import data.portal.rules.approval_tier
import data.portal.rules.connector_scope
import data.portal.rules.cross_border_connector
import data.portal.rules.cross_region_export
import data.portal.rules.downgrade_reason
import data.portal.rules.export_approval
import data.portal.rules.hard_coded_credential
import data.portal.rules.least_privilege
import data.portal.rules.operation_guardrails
import data.portal.rules.pii_masking
import data.portal.rules.portal_role
import data.portal.rules.retention_bounds
import data.portal.rules.separation
import data.portal.rules.sso_required
import data.portal.rules.tenant
import data.portal.rules.untagged_field

known if input.action in (facts.portal_actions | facts.vote_actions)

known if input.action in (facts.record_actions | facts.connector_actions)

unknown_action contains {"case": "unknown", "kind": "deny", "params": {}} if not known

# What each rule found, by the rule's code.
found := {
	"access.app_role": app_role.findings,
	"access.conditions": access_conditions.findings,
	"access.portal_role": portal_role.findings,
	"access.tenant": tenant.findings,
	"access.unknown_action": unknown_action,
	"approval.tier": approval_tier.findings,
	"catalog.untagged_field": untagged_field.findings,
	"connector.cross_border": on_connectors.cross_border,
	"connector.least_privilege": least_privilege.findings,
	"connector.scope": on_connectors.scope,
	"data.pii_masking": pii_masking.findings,
	"downgrade.reason": downgrade_reason.findings,
	"duties.separation": separation.findings,
	"export.approval": export_approval.findings,
	"identity.sso_required": sso_required.findings,
	"operation.guardrails": on_connectors.guardrails,
	"residency.cross_region_export": cross_region_export.findings,
	"retention.bounds": retention_bounds.findings,
	"secrets.hard_coded_credential": hard_coded_credential.findings,
}

# -- exceptions -------------------------------------------------------------------------------------------

# What may have exceptions, by rule and case; nothing sets the others aside.
waivable := {
	"connector.least_privilege": {"operation"},
	"downgrade.reason": {"missing"},
	"residency.cross_region_export": {"blocked", "storage"},
	"retention.bounds": {"too_long", "too_short"},
}

# What an admin may override for some hours besides.
overridable := {
	"operation.guardrails": {"days", "hours", "rate", "ticket"},
	"retention.bounds": {"missing"},
}

waived := {exception.rule | some exception in input.context.exceptions}

overridden := {exception.rule |
	some exception in input.context.exceptions
	exception.override == true
}

excusable := {[code, case] |
	some code in waived
	some case in waivable[code]
} | {[code, case] |
	some code in overridden
	some case in overridable[code]
}

# The denials that an exception or an override sets aside now, each with its rule.
excused := {pair |
	some [code, case] in excusable
	some one in found[code]
	one.kind == "deny"
	one.case == case
	pair := {"code": code, "finding": one}
}

used := {pair.code | some pair in excused}

# They are still told, as warnings.
softened := {code: told |
	some code in used
	denials := {pair.finding | some pair in excused; pair.code == code}
	warnings := {one |
		some was in denials
		one := {"case": was.case, "kind": "warn", "params": was.params}
	}
	told := (found[code] - denials) | warnings
}

excepted := {{"case": "used", "kind": "warn", "params": {"rules": used}}}

default findings := {}

findings := found if count(used) == 0

findings := object.union(object.union(found, softened), {"policy.exception": excepted}) if count(used) > 0

# -- the answer -------------------------------------------------------------------------------------------

# Where no connector is in question, the rules on them are not looked at: pages of records are decided often.
default on_connectors := {"cross_border": set(), "scope": set(), "guardrails": set()}

on_connectors := {
	"cross_border": cross_border_connector.findings,
	"scope": connector_scope.findings,
	"guardrails": operation_guardrails.findings,
} if {
	facts.connectors
}

denied if {
	some told in findings
	some finding in told
	finding.kind == "deny"
}

denied if access_conditions.refused

role_granted if portal_role.granted

role_granted if {
	facts.about_records
	app_role.granted
}

role_granted if {
	facts.about_call
	app_role.granted
	connector_scope.granted
	guardrails_kept
}

role_granted if input.action in facts.vote_actions

guardrails_kept if operation_guardrails.granted

# What is open and was not set aside still denies.
guardrails_kept if "operation.guardrails" in used

default allow := false

allow if {
	known
	tenant.granted
	role_granted
	not denied
}

# -- what the caller has to do when allowed ---------------------------------------------------------------

sensitive if {
	facts.reading
	count(facts.protected) > 0
}

sensitive if {
	facts.about_call
	count(facts.protected) > 0
}

watermark if {
	facts.exporting
	sensitive
}

flags := (({"record_read" | sensitive} | {"step_up" | access_conditions.step_up}) | {"watermark" | watermark}) | call_flags

default call_flags := set()

call_flags := {"ticket" | operation_guardrails.ticket} | {"write_only" | connector_scope.write_only} if facts.about_call

default rate := {}

rate := operation_guardrails.rate if facts.about_call

default obligations := {"mask": {}, "flags": [], "rate": {}}

obligations := {"mask": pii_masking.mask, "flags": flags, "rate": rate} if allow

decision := {
	"allow": allow,
	"findings": findings,
	"obligations": obligations,
	"tier": approval_tier.decision,
}
