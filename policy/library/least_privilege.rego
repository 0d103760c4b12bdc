# METADATA
# title: Connectors do only what the template allows
# description: >-
#   An app names the operations of each connector that it uses, whether each reads or writes, and what outside
#   it may touch. Each has to be one that its template allows, used as the template says; there is no word for
#   all of them.
# custom:
#   code: connector.least_privilege
#   remedy: Keep to the operations, the direction and the scope of the template, or start from another one.
#   severity: high
#   waivable: true
#   overridable: true
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

# A write where the template reads, or the other way round.
turned[connector.id] contains detail.name if {
	some connector in facts.app.connectors
	some detail in connector.details
	detail.access != detail.allowed_access
}

# Wider than the template's scope; naming nothing where the template names something is wider, too.
wider contains connector.id if {
	some connector in facts.app.connectors
	asked := {name | some name in connector.scope}
	allowed := {name | some name in connector.allowed_scope}
	count(allowed) > 0
	count(asked - allowed) > 0
}

wider contains connector.id if {
	some connector in facts.app.connectors
	asked := {name | some name in connector.scope}
	allowed := {name | some name in connector.allowed_scope}
	count(allowed) > 0
	count(asked) == 0
}

findings contains {"case": "access", "kind": "deny", "params": params} if {
	facts.about_app
	some id, operations in turned
	params := {"connector": id, "operations": operations}
}

findings contains {"case": "scope", "kind": "deny", "params": params} if {
	facts.about_app
	count(wider) > 0
	params := {"connectors": wider}
}

findings contains {"case": "allowed", "kind": "ok", "params": params} if {
	facts.about_app
	count(facts.connectors) > 0
	count(excess) == 0
	count(turned) == 0
	count(wider) == 0
	params := {"connectors": {connector.id | some connector in facts.app.connectors}}
}
