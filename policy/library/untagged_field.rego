# METADATA
# title: Every field is tagged
# description: >-
#   A field without a classification or residency cannot be masked, kept in its region or deleted in time,
#   so an app with such a field is not submitted. An app needs at least one field.
# custom:
#   code: catalog.untagged_field
#   remedy: Choose a classification and a residency for each marked field; the suggestion is a good start.
#   severity: high
#   owner: Data governance
#   regulations: [GDPR Art. 30, ISO 27001 A.5.12]
package portal.rules.untagged_field

import data.portal.facts

unclassified := {field.id | some field in facts.fields; not field.classification}

homeless := {field.id | some field in facts.fields; not field.residency}

findings contains {"case": "no_field", "kind": "deny", "params": {}} if {
	facts.about_app
	count(facts.fields) == 0
}

findings contains {"case": "classification", "kind": "deny", "params": params} if {
	facts.about_app
	count(unclassified) > 0
	params := {"fields": unclassified, "count": count(unclassified)}
}

findings contains {"case": "residency", "kind": "deny", "params": params} if {
	facts.about_app
	count(homeless) > 0
	params := {"fields": homeless, "count": count(homeless)}
}

findings contains {"case": "tagged", "kind": "ok", "params": params} if {
	facts.about_app
	count(facts.fields) > 0
	count(unclassified | homeless) == 0
	params := {"count": count(facts.fields)}
}
