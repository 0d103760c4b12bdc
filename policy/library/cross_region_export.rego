# METADATA
# title: Data stays in its region
# description: >-
#   Protected or sovereign values are stored under the law that their residency names, and do not leave it by
#   an export. Other values that cross a border are shown to the reviewer.
# custom:
#   code: residency.cross_region_export
#   remedy: >-
#     Keep the dataset in the region that its fields name, export to a place in that region, or leave the
#     marked fields out.
#   severity: critical
#   waivable: true
#   overridable: true
#   owner: Data governance
#   regulations: [GDPR Art. 44]
package portal.rules.cross_region_export

import data.portal.facts

# Where each field lies against where it has to lie.
misplaced := {field.id |
	some dataset in facts.datasets
	some field in dataset.fields
	field.residency.jurisdiction != dataset.storage.jurisdiction
}

bound := (facts.protected | {field.id | some field in facts.fields; field.residency.sovereign}) | {field.id |
	some dataset in facts.datasets
	dataset.storage.sovereign
	some field in dataset.fields
}

jurisdictions := {dataset.storage.jurisdiction | some dataset in facts.datasets} | {field.residency.jurisdiction |
	some field in facts.fields
}

# The app runs under another law than the one its data lies under.
abroad := {dataset.key |
	some dataset in facts.datasets
	dataset.storage.jurisdiction != facts.app.hosting.jurisdiction
}

crossing if count(jurisdictions) > 1

crossing if count(abroad) > 0

crossing_protected if {
	crossing
	count(facts.protected) > 0
}

findings contains {"case": "storage", "kind": "deny", "params": params} if {
	facts.about_app
	count(misplaced & bound) > 0
	params := {"fields": misplaced & bound, "count": count(misplaced & bound)}
}

findings contains {"case": "mixed", "kind": "warn", "params": params} if {
	facts.about_app
	count(facts.protected) > 0
	count(jurisdictions) > 1
	params := {"jurisdictions": jurisdictions}
}

findings contains {"case": "hosting", "kind": "warn", "params": params} if {
	facts.about_app
	count(abroad) > 0
	params := {"datasets": abroad, "jurisdiction": facts.app.hosting.jurisdiction}
}

findings contains {"case": "same_region", "kind": "ok", "params": params} if {
	facts.about_app
	count(facts.fields) > 0
	not crossing
	params := {"jurisdictions": jurisdictions}
}

# -- an export ------------------------------------------------------------------------------------------

touched := {field.id | some field in facts.fields}

leaving := {field.id |
	some field in facts.fields
	field.residency.jurisdiction != input.context.target.jurisdiction
} | {field.id |
	some dataset in facts.datasets
	dataset.storage.jurisdiction != input.context.target.jurisdiction
	some field in dataset.fields
	field.id in touched
}

target_known if input.context.target.jurisdiction

findings contains {"case": "no_target", "kind": "deny", "params": {}} if {
	facts.exporting
	not target_known
}

findings contains {"case": "blocked", "kind": "deny", "params": params} if {
	facts.exporting
	count(leaving & bound) > 0
	params := {
		"fields": leaving & bound,
		"count": count(leaving & bound),
		"jurisdiction": input.context.target.jurisdiction,
	}
}

findings contains {"case": "leaves", "kind": "warn", "params": params} if {
	facts.exporting
	count(leaving) > 0
	count(leaving & bound) == 0
	params := {"count": count(leaving), "jurisdiction": input.context.target.jurisdiction}
}

findings contains {"case": "stays", "kind": "ok", "params": params} if {
	facts.exporting
	count(leaving) == 0
	params := {"jurisdiction": input.context.target.jurisdiction}
}
