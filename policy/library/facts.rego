# METADATA
# title: What the rules share
# description: Names for parts of the input. No rule is here, only facts that more than one rule looks at.
package portal.facts

app_actions := {"app.submit", "app.go_live"}

record_actions := {
	"record.create",
	"record.list",
	"record.read",
	"record.update",
	"record.delete",
	"value.reveal",
	"record.export",
	"dashboard.view",
}

# What a running app asks of a system outside.
connector_actions := {"connector.call"}

portal_actions := {
	"app.submit",
	"app.go_live",
	"dataset.import",
	"admin.override",
	"admin.use",
	"subject.access",
	"subject.erase",
}

# Who may is settled by the request for approval itself; here only the conditions of access are asked.
vote_actions := {"approval.vote"}

# Actions that show or hand out what records hold.
read_actions := {"record.list", "record.read", "value.reveal", "record.export", "dashboard.view"}

# Jurisdictions under the General Data Protection Regulation.
gdpr := {"eu"}

# From this level on a value is protected, whether it is personal or not (2 is "confidential"). This level and
# the next two are the usual ones; a tenant's own come with the question (docs/adr/0082).
default protected_level := 3

protected_level := input.context.thresholds.protected_level

# From this level on a value asks for more care than other protected ones (special category, card, health).
default high_level := 4

high_level := input.context.thresholds.high_level

# From this level on a value is never shown again, whoever asks.
default credential_level := 5

credential_level := input.context.thresholds.credential_level

app := input.resource.app

about_app if {
	input.action in app_actions
	app.id
}

about_records if {
	input.action in record_actions
	app.id
}

reading if {
	input.action in read_actions
	app.id
}

about_call if {
	input.action in connector_actions
	app.id
}

exporting if {
	input.action == "record.export"
	app.id
}

# Building looks at every dataset of the app, running at the one that is named.
datasets := app.datasets if about_app

datasets := [dataset | some dataset in app.datasets; dataset.key == input.resource.dataset] if about_records

datasets := [dataset | some dataset in app.datasets; dataset.key == input.resource.dataset] if about_call

# Building looks at every connector, a call at the one that it names and at its operation there.
call := input.resource.call

connectors := [connector | some connector in app.connectors] if about_app

connectors := [connector | some connector in app.connectors; connector.id == call.connector] if about_call

details := [detail |
	some connector in connectors
	some detail in connector.details
	detail.name == call.operation
]

named_fields := {id | some id in input.resource.fields}

every_field if not input.resource.fields

fields := [field | some dataset in datasets; some field in dataset.fields] if every_field

fields := [field |
	some dataset in datasets
	some field in dataset.fields
	field.id in named_fields
] if {
	input.resource.fields
}

# Personal whatever its level, or of a protected level whatever its kind.
protected := {field.id | some field in fields; field.personal} | {field.id |
	some field in fields
	field.level >= protected_level
}

high := {field.id | some field in fields; field.level >= high_level}

# The subject's permissions inside the app, through its groups.
permissions := {permission |
	some role in app.roles
	some group in role.groups
	group in subject_groups
	some permission in role.permissions
}

# The app roles that the subject holds.
app_roles := {role.key |
	some role in app.roles
	some group in role.groups
	group in subject_groups
}

subject_groups := {group | some group in input.subject.groups}

subject_roles := {role | some role in input.subject.roles}

# Personal values that the GDPR protects: by where they lie or where they have to lie.
gdpr_personal := {field.id |
	some field in fields
	field.personal
	field.residency.jurisdiction in gdpr
} | {field.id |
	some field in fields
	field.personal
	some dataset in datasets
	dataset.storage.jurisdiction in gdpr
	some owned in dataset.fields
	owned.id == field.id
}
