package portal.facts_test

import data.portal.example_test as example
import data.portal.facts

plain := example.app([example.company])

about(request) := {name |
	some name in ["about_app", "about_records", "about_call", "reading", "exporting"]
	data.portal.facts[name] with input as request
}

test_each_action_is_about_one_thing if {
	every action, names in {
		"app.submit": {"about_app"},
		"app.go_live": {"about_app"},
		"record.list": {"about_records", "reading"},
		"record.create": {"about_records"},
		"record.export": {"about_records", "reading", "exporting"},
		"connector.call": {"about_call"},
		"admin.use": set(),
	} {
		about(example.running(action, plain)) == names
	}
}

test_an_app_without_an_id_is_none if {
	every action in ["app.submit", "record.list", "record.export", "connector.call"] {
		about(example.with_app(example.running(action, plain), {"id": false})) == set()
	}
}

test_the_gdpr_protects_by_residency_and_by_storage if {
	american := object.union(example.email, {"id": "f_there", "residency": example.us})
	abroad := {"key": "visits", "storage": example.us, "fields": [american]}
	here := {"key": "leads", "storage": example.eu, "fields": [object.union(american, {"id": "f_here"})]}
	request := example.asking("app.submit", object.union(example.base_app, {"datasets": [abroad, here]}))
	facts.gdpr_personal == {"f_here"} with input as request
	residing := object.union(abroad, {"fields": [american, object.union(example.email, {"id": "f_bound"})]})
	other := example.asking("app.submit", object.union(example.base_app, {"datasets": [residing, here]}))
	facts.gdpr_personal == {"f_here", "f_bound"} with input as other
}

test_only_personal_fields_are_under_the_gdpr if {
	facts.gdpr_personal == {"f_email"} with input as example.submitting([example.company, example.email])
}

# -- the tenant's own levels ------------------------------------------------------------------------------------

rated(level) := object.union(example.company, {"id": sprintf("f_%d", [level]), "level": level})

ladder := example.submitting([rated(level) | some level in numbers.range(0, 5)])

under(thresholds) := example.in_context(ladder, {"thresholds": thresholds})

test_without_thresholds_the_usual_levels_hold if {
	every request in [ladder, under({})] {
		facts.protected == {"f_3", "f_4", "f_5"} with input as request
		facts.high == {"f_4", "f_5"} with input as request
		facts.credential_level == 5 with input as request
	}
}

test_each_level_is_the_tenants_where_he_has_one if {
	facts.protected == {"f_2", "f_3", "f_4", "f_5"} with input as under({"protected_level": 2})
	facts.high == {"f_4", "f_5"} with input as under({"protected_level": 2})
	facts.protected == {"f_5"} with input as under({"protected_level": 5, "high_level": 5})
	facts.high == {"f_2", "f_3", "f_4", "f_5"} with input as under({"high_level": 2})
	facts.protected == {"f_3", "f_4", "f_5"} with input as under({"high_level": 2})
	facts.credential_level == 4 with input as under({"credential_level": 4})
}

test_what_is_personal_is_protected_at_any_level if {
	request := example.in_context(example.submitting([example.email]), {"thresholds": {"protected_level": 5}})
	facts.protected == {"f_email"} with input as request
}
