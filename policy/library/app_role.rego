# METADATA
# title: App role for everything a running app does
# description: >-
#   Records are read, written, revealed and exported, and connectors called, only by people whose group holds
#   an app role with that very permission, only while the app runs, and only in a dataset and fields that its
#   manifest names.
# custom:
#   code: access.app_role
#   remedy: Ask the app's owner for an app role with this permission; it comes with a group of your directory.
#   severity: high
#   owner: App owners
package portal.rules.app_role

import data.portal.facts

running if facts.app.state in {"live", "test"}

permitted if input.action in facts.permissions

concerned if facts.about_records

concerned if facts.about_call

# A call that sends nothing of a record names no dataset.
dataset_needed if facts.about_records

dataset_needed if {
	facts.about_call
	input.resource.dataset
}

dataset_known if count(facts.datasets) == 1

field_ids := {field.id | some field in facts.fields}

unknown_fields := facts.named_fields - field_ids

dataset_open if {
	dataset_needed
	not dataset_known
}

fields_open if {
	concerned
	not dataset_open
	count(unknown_fields) > 0
}

granted if {
	concerned
	running
	permitted
	not dataset_open
	not fields_open
}

findings contains {"case": "no_app", "kind": "deny", "params": {}} if {
	input.action in (facts.record_actions | facts.connector_actions)
	not concerned
}

findings contains {"case": "not_running", "kind": "deny", "params": {}} if {
	concerned
	not running
}

findings contains {"case": "permission", "kind": "deny", "params": params} if {
	concerned
	not permitted
	params := {"action": input.action}
}

findings contains {"case": "dataset", "kind": "deny", "params": {}} if dataset_open

findings contains {"case": "fields", "kind": "deny", "params": params} if {
	fields_open
	params := {"fields": unknown_fields}
}

findings contains {"case": "granted", "kind": "ok", "params": {}} if granted
