# METADATA
# title: Protected data crosses a border only with a key of one's own and an exception
# description: >-
#   A connector whose system lies under another law than the protected or sovereign values that it is given
#   needs both: the tenant's own key (BYOK), under which they are encrypted, and an exception for transfers to
#   that law. Where a system lies has to be known. Other values that cross a border are shown to the reviewer.
# custom:
#   code: connector.cross_border
#   remedy: >-
#     Use a connector in the data's own region, leave the marked fields out, or bring a key of your own and ask
#     for an exception for the transfer.
#   severity: critical
#   waivable: transfer
#   owner: Data governance
#   regulations: [GDPR Art. 44, GDPR Art. 46, GDPR Art. 32]
package portal.rules.cross_border_connector

import data.portal.facts
import data.portal.rules.cross_region_export

code := "connector.cross_border"

touched := {field.id | some field in facts.fields}

# Under which laws the values lie, and have to lie, that a connector may be given.
laws := {field.residency.jurisdiction | some field in facts.fields} | {dataset.storage.jurisdiction |
	some dataset in facts.datasets
	some field in dataset.fields
	field.id in touched
}

bound := cross_region_export.bound & touched

bound_laws := {field.residency.jurisdiction | some field in facts.fields; field.id in bound} | {law |
	some dataset in facts.datasets
	law := dataset.storage.jurisdiction
	some field in dataset.fields
	field.id in bound
}

# An operation that is not known to read alone sends.
sending contains connector.id if {
	some connector in facts.connectors
	names := {name | some name in connector.operations}
	reads := {detail.name | some detail in connector.details; detail.access == "read"}
	count(names - reads) > 0
}

# What a call takes along leaves by it, whichever way the operation goes.
sending contains connector.id if {
	facts.about_call
	some connector in facts.connectors
}

placed contains connector.id if {
	some connector in facts.connectors
	connector.region.jurisdiction
}

away contains connector.id if {
	some connector in facts.connectors
	home := {law | law := connector.region.jurisdiction}
	count(laws - home) > 0
}

away_bound contains connector.id if {
	some connector in facts.connectors
	home := {law | law := connector.region.jurisdiction}
	count(bound_laws - home) > 0
}

crossing_protected := away_bound & sending

crossing := away & sending

excepted := {exception.jurisdiction |
	some exception in input.context.exceptions
	exception.rule == code
}

covered contains connector.id if {
	some connector in facts.connectors
	connector.region.jurisdiction in excepted
}

own_key if facts.app.byok == true

nowhere := crossing_protected - placed

unexcepted := (crossing_protected & placed) - covered

keyless := crossing_protected & placed if not own_key

# Where the protected values would go, and where others would.
abroad := {connector.region.jurisdiction | some connector in facts.connectors; connector.id in crossing_protected}

elsewhere := {connector.region.jurisdiction | some connector in facts.connectors; connector.id in leaving}

leaving := crossing - crossing_protected

by_exception := crossing_protected & covered

findings contains {"case": "unknown", "kind": "deny", "params": params} if {
	count(nowhere) > 0
	params := {"connectors": nowhere, "count": count(bound)}
}

findings contains {"case": "own_key", "kind": "deny", "params": params} if {
	count(keyless) > 0
	params := {"connectors": keyless, "jurisdictions": abroad}
}

findings contains {"case": "exception", "kind": "deny", "params": params} if {
	count(unexcepted) > 0
	params := {"connectors": unexcepted, "jurisdictions": abroad}
}

findings contains {"case": "excepted", "kind": "warn", "params": params} if {
	own_key
	count(by_exception) > 0
	params := {
		"connectors": by_exception,
		"jurisdictions": abroad,
		"exceptions": {exception.id |
			some exception in input.context.exceptions
			exception.rule == code
			exception.jurisdiction in abroad
		},
	}
}

findings contains {"case": "leaves", "kind": "warn", "params": params} if {
	count(leaving) > 0
	params := {"connectors": leaving, "jurisdictions": elsewhere}
}

findings contains {"case": "stays", "kind": "ok", "params": params} if {
	count(facts.connectors) > 0
	count(crossing) == 0
	params := {"connectors": {connector.id | some connector in facts.connectors}}
}
