# METADATA
# title: Connectors do only what the template allows
# description: >-
#   An app names the operations of each connector that it uses. Each has to be one that its template allows;
#   there is no word for all of them.
# custom:
#   code: connector.least_privilege
#   remedy: Remove the operation, or start from a template that allows it.
#   severity: high
#   waivable: true
#   owner: Integration team
package portal.rules.least_privilege

import data.portal.facts

excess[connector.id] contains operation if {
	some connector in facts.app.connectors
	allowed := {name | some name in connector.allowed}
	asked := {name | some name in connector.operations}
	some operation in (asked - allowed)
}

findings contains {"case": "operation", "kind": "deny", "params": params} if {
	facts.about_app
	some id, operations in excess
	params := {"connector": id, "operations": operations}
}

findings contains {"case": "allowed", "kind": "ok", "params": params} if {
	facts.about_app
	count(facts.app.connectors) > 0
	count(excess) == 0
	params := {"connectors": {connector.id | some connector in facts.app.connectors}}
}
