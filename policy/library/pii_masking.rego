# METADATA
# title: Protected values are masked
# description: >-
#   Personal and other protected values leave the store masked: in part on pages, as tokens in exports, charts
#   and calls of connectors, not at all where they are credentials. The raw value is seen only by an app role
#   that may reveal values, one by one, or in an export or call that asks for it.
# custom:
#   code: data.pii_masking
#   remedy: Ask for masked values, or ask the app's owner for an app role that may reveal values.
#   severity: high
#   owner: Data governance
#   regulations: [GDPR Art. 25, GDPR Art. 32]
package portal.rules.pii_masking

import data.portal.facts

hidden := {field.id | some field in facts.fields; field.level >= facts.credential_level}

may_reveal if "value.reveal" in facts.permissions

raw if input.context.raw == true

raw_export if {
	facts.exporting
	raw
}

raw_out if raw_export

raw_out if {
	facts.about_call
	raw
}

revealing if input.action == "value.reveal"

in_clear if {
	raw_out
	may_reveal
}

page if input.action in {"record.list", "record.read"}

out if input.action in {"record.export", "dashboard.view", "connector.call"}

method := "partial" if page

method := "token" if {
	out
	not in_clear
}

shown := {id: how | some id in facts.protected; how := method}

# A credential is never shown again, whoever asks.
never := {id: "hide" | some id in hidden}

default mask := {}

showing if facts.reading

showing if facts.about_call

mask := object.union(shown, never) if showing

revealers := {role.key |
	some role in facts.app.roles
	some permission in role.permissions
	permission == "value.reveal"
}

findings contains {"case": "masked", "kind": "warn", "params": params} if {
	facts.about_app
	count(facts.protected) > 0
	params := {"fields": facts.protected, "count": count(facts.protected)}
}

findings contains {"case": "revealers", "kind": "warn", "params": params} if {
	facts.about_app
	count(facts.protected) > 0
	count(revealers) > 0
	params := {"roles": revealers}
}

findings contains {"case": "nothing", "kind": "ok", "params": {}} if {
	facts.about_app
	count(facts.fields) > 0
	count(facts.protected) == 0
}

findings contains {"case": "raw", "kind": "deny", "params": params} if {
	raw_out
	count(facts.protected) > 0
	not may_reveal
	params := {"count": count(facts.protected)}
}

findings contains {"case": "credential", "kind": "deny", "params": params} if {
	revealing
	count(hidden) > 0
	params := {"fields": hidden}
}

findings contains {"case": "applied", "kind": "ok", "params": params} if {
	count(mask) > 0
	params := {"count": count(mask)}
}
