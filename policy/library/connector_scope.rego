# METADATA
# title: A call stays inside what the app declares
# description: >-
#   A running app calls only connectors and operations that its manifest declares, reads where it declared to
#   read and writes where it declared to write, touches only what its scope names, and only for people whose
#   app role the operation is for.
# custom:
#   code: connector.scope
#   remedy: >-
#     Call an operation that the app declares, in its scope, as somebody whose app role it is for; or have a
#     version approved that declares more.
#   severity: critical
#   owner: Integration team
#   regulations: [ISO 27001 A.5.15, ISO 27001 A.8.3]
package portal.rules.connector_scope

import data.portal.facts

connector_known if count(facts.connectors) == 1

declared if {
	some connector in facts.connectors
	some name in connector.operations
	name == facts.call.operation
}

# Two descriptions of one operation would leave open which of them holds.
operation_known if {
	connector_known
	declared
	count(facts.details) == 1
}

direction_kept if {
	some detail in facts.details
	detail.access == facts.call.access
}

scope := {name | some connector in facts.connectors; some name in connector.scope}

touched := {name | name := facts.call.scope}

scope_left if count(touched - scope) > 0

scope_left if {
	count(scope) > 0
	count(touched) == 0
}

role_asked := {role | some detail in facts.details; some role in detail.roles}

role_missing if {
	count(role_asked) > 0
	count(role_asked & facts.app_roles) == 0
}

granted if {
	operation_known
	direction_kept
	not scope_left
	not role_missing
}

# The answer of a write is a receipt: nothing that it says of the other side's records is passed on.
write_only if facts.call.access == "write"

findings contains {"case": "connector", "kind": "deny", "params": {}} if {
	facts.about_call
	not connector_known
}

findings contains {"case": "operation", "kind": "deny", "params": {}} if {
	facts.about_call
	connector_known
	not operation_known
}

findings contains {"case": "direction", "kind": "deny", "params": {}} if {
	operation_known
	not direction_kept
}

findings contains {"case": "scope", "kind": "deny", "params": params} if {
	operation_known
	scope_left
	params := {"scope": scope}
}

findings contains {"case": "role", "kind": "deny", "params": params} if {
	operation_known
	role_missing
	params := {"app_roles": role_asked}
}

findings contains {"case": "inside", "kind": "ok", "params": params} if {
	granted
	params := {"connector": facts.call.connector, "operation": facts.call.operation}
}
