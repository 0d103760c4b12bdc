# METADATA
# title: Exports of protected data are approved
# description: >-
#   An export of personal data under the GDPR takes two people, the manager and security; a raw one of other
#   protected data the manager. Masked values of other kinds leave without anybody's approval.
# custom:
#   code: export.approval
#   remedy: Ask for approval; or export masked values, or fields that are not personal.
#   severity: critical
#   owner: Compliance
#   regulations: [GDPR Art. 5, GDPR Art. 32]
package portal.rules.export_approval

import data.portal.facts
import data.portal.rules.pii_masking

two_people if {
	facts.exporting
	count(facts.gdpr_personal) > 0
}

manager if {
	pii_masking.raw_export
	count(facts.protected) > 0
}

findings contains {"case": "two_people", "kind": "warn", "params": params} if {
	two_people
	params := {"count": count(facts.gdpr_personal)}
}

findings contains {"case": "manager", "kind": "warn", "params": params} if {
	manager
	not two_people
	params := {"count": count(facts.protected)}
}

findings contains {"case": "without", "kind": "ok", "params": {}} if {
	facts.exporting
	not two_people
	not manager
}
