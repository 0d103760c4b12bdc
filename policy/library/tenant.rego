# METADATA
# title: Own tenant, active account
# description: >-
#   A person acts only inside the tenant that the directory put them in, and only while the account is
#   active. An app and the data it holds belong to one tenant.
# custom:
#   code: access.tenant
#   remedy: Sign in with an active account of the tenant that owns this app.
#   severity: critical
#   owner: Identity team
package portal.rules.tenant

findings contains {"case": "other_tenant", "kind": "deny", "params": {}} if {
	input.subject.tenant != input.resource.tenant
}

findings contains {"case": "other_tenant", "kind": "deny", "params": {}} if {
	input.resource.app.tenant != input.resource.tenant
}

findings contains {"case": "inactive", "kind": "deny", "params": {}} if {
	not input.subject.active
}

granted if {
	input.subject.active
	input.subject.tenant == input.resource.tenant
	no_app
}

granted if {
	input.subject.active
	input.subject.tenant == input.resource.tenant
	input.resource.app.tenant == input.resource.tenant
}

no_app if not input.resource.app
