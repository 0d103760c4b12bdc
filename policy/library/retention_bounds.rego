# METADATA
# title: Values are kept for a bounded time
# description: >-
#   A protected value carries a number of days after which it is deleted, within the bounds that its
#   classification sets.
# custom:
#   code: retention.bounds
#   remedy: Set a number of days within the bounds of the field's classification.
#   severity: medium
#   waivable: true
#   overridable: true
#   owner: Data governance
#   regulations: [GDPR Art. 5(1)(e)]
package portal.rules.retention_bounds

import data.portal.facts

bounded := {field.id | some field in facts.fields; field.retention_days > 0}

missing := facts.protected - bounded

too_long := {field.id | some field in facts.fields; field.retention_days > field.retention_max_days}

too_short := {field.id |
	some field in facts.fields
	field.retention_days > 0
	field.retention_days < field.retention_min_days
}

findings contains {"case": "missing", "kind": "deny", "params": params} if {
	facts.about_app
	count(missing) > 0
	params := {"fields": missing, "count": count(missing)}
}

findings contains {"case": "too_long", "kind": "deny", "params": params} if {
	facts.about_app
	count(too_long) > 0
	params := {"fields": too_long, "count": count(too_long)}
}

findings contains {"case": "too_short", "kind": "deny", "params": params} if {
	facts.about_app
	count(too_short) > 0
	params := {"fields": too_short, "count": count(too_short)}
}

findings contains {"case": "bounded", "kind": "ok", "params": {}} if {
	facts.about_app
	count(facts.fields) > 0
	count(((missing | too_long) | too_short)) == 0
}
