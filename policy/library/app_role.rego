# METADATA
# title: App role for everything a running app does
# description: >-
#   Records are read, written, revealed and exported only by people whose group holds an app role with that
#   very permission, only while the app runs, and only in a dataset and fields that its manifest names.
# custom:
#   code: access.app_role
#   remedy: Ask the app's owner for an app role with this permission; it comes with a group of your directory.
#   severity: high
#   owner: App owners
package portal.rules.app_role

import data.portal.facts

running if facts.app.state in {"live", "test"}

permitted if input.action in facts.permissions

dataset_known if count(facts.datasets) == 1

field_ids := {field.id | some field in facts.fields}

unknown_fields := facts.named_fields - field_ids

granted if {
	facts.about_records
	running
	permitted
	dataset_known
	count(unknown_fields) == 0
}

findings contains {"case": "no_app", "kind": "deny", "params": {}} if {
	input.action in facts.record_actions
	not facts.about_records
}

findings contains {"case": "not_running", "kind": "deny", "params": {}} if {
	facts.about_records
	not running
}

findings contains {"case": "permission", "kind": "deny", "params": params} if {
	facts.about_records
	not permitted
	params := {"action": input.action}
}

findings contains {"case": "dataset", "kind": "deny", "params": {}} if {
	facts.about_records
	not dataset_known
}

findings contains {"case": "fields", "kind": "deny", "params": params} if {
	facts.about_records
	dataset_known
	count(unknown_fields) > 0
	params := {"fields": unknown_fields}
}

findings contains {"case": "granted", "kind": "ok", "params": {}} if granted
