# METADATA
# title: Single sign-on and a group
# description: >-
#   People reach an app through the company's identity provider and nothing else, and only as members of at
#   least one named group.
# custom:
#   code: identity.sso_required
#   remedy: Choose single sign-on and at least one group of your directory in the access step.
#   severity: critical
#   owner: Identity team
#   regulations: [ISO 27001 A.5.16]
package portal.rules.sso_required

import data.portal.facts

sso if facts.app.identity_provider == "sso"

groups := {group | some group in facts.app.identity_groups}

grouped if count(groups) > 0

findings contains {"case": "provider", "kind": "deny", "params": {}} if {
	facts.about_app
	not sso
}

findings contains {"case": "group", "kind": "deny", "params": {}} if {
	facts.about_app
	not grouped
}

findings contains {"case": "sso", "kind": "ok", "params": params} if {
	facts.about_app
	sso
	grouped
	params := {"groups": groups}
}
