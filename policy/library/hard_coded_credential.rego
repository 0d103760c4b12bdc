# METADATA
# title: No credential in a manifest
# description: >-
#   A manifest is read by many and kept for ever. A key, token or password in it is a leak, so an app with
#   one is not submitted.
# custom:
#   code: secrets.hard_coded_credential
#   remedy: Delete the value, replace the credential where it was issued, and keep the new one in the secret store.
#   severity: critical
#   owner: Security
#   regulations: [ISO 27001 A.5.17]
package portal.rules.hard_coded_credential

import data.portal.facts

found := {path | some path in facts.app.credential_paths}

findings contains {"case": "found", "kind": "deny", "params": params} if {
	facts.about_app
	count(found) > 0
	params := {"paths": found, "count": count(found)}
}

findings contains {"case": "clean", "kind": "ok", "params": {}} if {
	facts.about_app
	count(found) == 0
}
