# METADATA
# title: A lower tag than suggested needs a reason
# description: >-
#   Detection suggests a classification from a field's name and samples. A builder may disagree; who tags
#   lower says why, and the reviewer reads it.
# custom:
#   code: downgrade.reason
#   remedy: Take the suggested classification, or write why a lower one is right.
#   severity: medium
#   waivable: true
#   overridable: true
#   owner: Data governance
package portal.rules.downgrade_reason

import data.portal.facts

# An untagged field is another rule's business.
lowered := {field.id |
	some field in facts.fields
	field.classification
	field.suggested
	field.level < field.suggested_level
}

explained := {field.id | some field in facts.fields; field.downgrade_explained}

findings contains {"case": "missing", "kind": "deny", "params": params} if {
	facts.about_app
	count(lowered - explained) > 0
	params := {"fields": lowered - explained, "count": count(lowered - explained)}
}

findings contains {"case": "given", "kind": "warn", "params": params} if {
	facts.about_app
	count(lowered & explained) > 0
	params := {"fields": lowered & explained, "count": count(lowered & explained)}
}
