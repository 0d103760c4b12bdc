# METADATA
# title: Portal role for portal actions
# description: >-
#   Submitting an app and taking it live is for builders, on apps they own. Importing datasets is for
#   builders and admins, an override and the admin pages for admins. Requests of data subjects are for security
#   and admins.
# custom:
#   code: access.portal_role
#   remedy: Ask an owner of the app to do it, or ask for the portal role through your directory's groups.
#   severity: high
#   owner: Identity team
package portal.rules.portal_role

import data.portal.facts

allowed_roles := {
	"app.submit": {"builder"},
	"app.go_live": {"builder"},
	"dataset.import": {"builder", "admin"},
	"admin.override": {"admin"},
	"admin.use": {"admin"},
	"subject.access": {"security", "admin"},
	"subject.erase": {"security", "admin"},
}

has_role if count(allowed_roles[input.action] & facts.subject_roles) > 0

owns if {
	facts.about_app
	some owner in facts.app.owners
	owner == input.subject.id
}

# What is not about one app has no owner; what is must be about one.
owner_suffices if owns

owner_suffices if {
	input.action in (facts.portal_actions - facts.app_actions)
}

granted if {
	has_role
	owner_suffices
}

findings contains {"case": "role", "kind": "deny", "params": params} if {
	input.action in facts.portal_actions
	not has_role
	params := {"roles": allowed_roles[input.action]}
}

findings contains {"case": "owner", "kind": "deny", "params": {}} if {
	input.action in facts.portal_actions
	not owner_suffices
}

findings contains {"case": "granted", "kind": "ok", "params": {}} if granted
