# METADATA
# description: The plain case that every test starts from, and ways to change it.
package portal.example_test

eu := {"region": "eu", "jurisdiction": "eu", "provider": "own"}

us := {"region": "us", "jurisdiction": "us", "provider": "own"}

company := {"id": "f_company", "classification": "internal", "level": 1, "residency": eu}

email := {
	"id": "f_email", "classification": "pii", "level": 3, "personal": true,
	"residency": eu, "retention_days": 365, "retention_max_days": 730,
}

health := object.union(email, {"id": "f_health", "classification": "health", "level": 4})

password := object.union(email, {"id": "f_password", "classification": "credential", "level": 5})

base_app := {
	"id": "a-1", "tenant": "t-1", "state": "live", "owners": ["u-lena"],
	"hosting": eu, "template_approved": true, "identity_provider": "sso", "identity_groups": ["Marketing"],
	"roles": [{"key": "member", "groups": ["Marketing"], "permissions": [
		"record.create", "record.list", "record.read", "record.update", "record.delete", "record.export",
		"dashboard.view",
	]}],
}

app(fields) := object.union(base_app, {"datasets": [{"key": "leads", "storage": eu, "fields": fields}]})

revealing(fields) := object.union(app(fields), {"roles": [{"key": "desk", "groups": ["Marketing"], "permissions": [
	"value.reveal", "record.export", "record.list",
]}]})

subject := {"id": "u-lena", "tenant": "t-1", "roles": ["builder"], "groups": ["Marketing"], "active": true}

asking(action, facts) := {
	"action": action,
	"subject": subject,
	"resource": {"tenant": "t-1", "app": facts},
	"context": {"requester": "u-lena", "target": eu},
}

submitting(fields) := asking("app.submit", app(fields))

# As on records: the dataset is named.
running(action, facts) := object.union(asking(action, facts), {"resource": {"dataset": "leads"}})

with_app(request, changes) := object.union(request, {"resource": {"app": changes}})

approved(request, approvals) := object.union(request, {"context": {"approvals": approvals}})

# With one access rule that applies, and a session.
under(request, rule, session) := object.union(request, {"context": {
	"access_rules": [object.union({"id": "r-1", "name": "Rule"}, rule)],
	"session": session,
}})

fresh_mfa := {"strong": true, "acr": ["loa2"], "max_age_minutes": 15, "step_up": true}

by_omar := {"role": "manager", "by": "u-omar"}

by_sana := {"role": "security", "by": "u-sana"}

# -- connectors -------------------------------------------------------------------------------------------------

create := {"name": "lead.create", "access": "write", "allowed_access": "write"}

lookup := {"name": "account.lookup", "access": "read", "allowed_access": "read"}

crm := {
	"id": "crm", "region": eu, "operations": ["lead.create", "account.lookup"],
	"allowed": ["lead.create", "account.lookup"], "details": [create, lookup],
}

connected(fields, connector) := object.union(app(fields), {
	"connectors": [connector],
	"roles": [{"key": "desk", "groups": ["Marketing"], "permissions": ["connector.call", "value.reveal"]}],
})

# The same connector with what a test changes of its first operation.
with_create(changes) := object.union(crm, {"details": [object.union(create, changes), lookup]})

# A lead of these fields is sent to the CRM.
calling(fields, connector) := object.union(asking("connector.call", connected(fields, connector)), {"resource": {
	"dataset": "leads",
	"call": {"connector": "crm", "operation": "lead.create", "access": "write"},
}})

looking_up(connector) := object.union(asking("connector.call", connected([company], connector)), {"resource": {"call": {
	"connector": "crm", "operation": "account.lookup", "access": "read",
}}})

in_context(request, changes) := object.union(request, {"context": changes})

to_us := {"id": "x-1", "rule": "connector.cross_border", "jurisdiction": "us"}

# -- what only building is told -------------------------------------------------------------------------------------

# An app with every fault that is looked for when it is built.
faulty := object.union(base_app, {
	"hosting": us, "template_approved": false, "identity_provider": "local", "identity_groups": [],
	"credential_paths": ["/metadata/purpose"],
	"connectors": [object.union(crm, {"allowed": [], "allowed_scope": ["a"], "details": [object.union(create, {
		"allowed_access": "read",
		"ticket": true,
	})]})],
	"datasets": [{"key": "leads", "storage": eu, "fields": [
		object.union(health, {"residency": us, "retention_days": 4000}),
		object.union(email, {"retention_days": 0}),
		object.union(email, {"id": "f_short", "retention_days": 1, "retention_min_days": 30}),
		object.union(company, {"suggested": "pii", "suggested_level": 3}),
		object.union(company, {"id": "f_told", "suggested": "pii", "suggested_level": 3, "downgrade_explained": true}),
		{"id": "f_untagged", "level": 0, "suggested_level": 0},
	]}],
	"roles": [{"key": "desk", "groups": ["Marketing"], "permissions": ["record.list", "value.reveal"]}],
})

# Its records are listed all the same: what was found when it was built is not said again.
listing_of_a_faulty_app := running("record.list", faulty)

submitting_nothing := submitting([])
