# METADATA
# title: Nobody approves their own request
# description: >-
#   An approval counts when it was given by somebody other than the one who asked, and each step by another
#   person.
# custom:
#   code: duties.separation
#   remedy: Let other people decide; each step needs somebody else.
#   severity: critical
#   owner: Compliance
#   regulations: [ISO 27001 A.5.3, SOX 404]
package portal.rules.separation

voters := {approval.by | some approval in input.context.approvals}

steps := {approval.role | some approval in input.context.approvals}

own if input.context.requester in voters

findings contains {"case": "own", "kind": "deny", "params": {}} if own

findings contains {"case": "same_person", "kind": "deny", "params": {}} if {
	count(voters) < count(steps)
}

findings contains {"case": "others", "kind": "ok", "params": params} if {
	count(voters) > 0
	count(voters) >= count(steps)
	not own
	params := {"count": count(voters)}
}
