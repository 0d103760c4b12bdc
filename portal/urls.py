"""Every address of the site. tests/integration/portal/test_permission_matrix.py lists them again."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import health, styleguide
from portal.views import exceptions, home, keys, leaving, lineage, people, roles

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("", include("identity.urls")),
    path("apps/", include("runtime.urls")),
    path("approvals/", include("approvals.urls")),
    path("notices/", include("notices.urls")),
    path("", include("catalog.urls")),
    path("audit/", include("audit.urls")),
    path("data/", include("datacatalog.urls")),
    path("data/<uuid:dataset_id>/lineage/", lineage.dataset, name="lineage"),
    path("data/<uuid:dataset_id>/fields/<uuid:field_id>/lineage/", lineage.field, name="lineage-field"),
    path("policy/", include("policy.urls")),
    path("policy/exceptions/", exceptions.exceptions, name="exceptions"),
    path("policy/exceptions/<uuid:exception_id>/", exceptions.exception, name="exception"),
    path("policy/exceptions/<uuid:exception_id>/end/", exceptions.end, name="exception-end"),
    path("policy/exceptions/ask/<uuid:decision_id>/", exceptions.ask, name="exception-ask"),
    path("policy/exceptions/override/<uuid:decision_id>/", exceptions.override, name="override-ask"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<str:purpose>/rotate/", keys.rotate, name="key-rotate"),
    path("keys/import/", keys.import_, name="key-import"),
    path("keys/import/finish/", keys.finish_import, name="key-import-finish"),
    path("keys/off/", keys.switch_off, name="key-off"),
    path("keys/on/", keys.switch_on, name="key-on"),
    path("keys/anew/", keys.begin_anew, name="key-anew"),
    path("keys/destroy/", keys.destroy, name="key-destroy"),
    path("keys/signatures.pem", keys.signing_keys, name="key-signatures"),
    path("keys/destructions/<uuid:destruction_id>/", keys.destruction, name="key-destruction"),
    path("keys/destructions/<uuid:destruction_id>/certificate/", keys.certificate, name="key-certificate"),
    path("account/access/", people.own_access, name="own-access"),
    path("people/", people.people, name="people"),
    path("people/<uuid:person_id>/access/", people.access_of, name="access-of"),
    path("people/roles/", roles.table, name="roles"),
    path("people/roles/preview/", roles.preview, name="roles-preview"),
    path("people/roles/discard/", roles.discard, name="roles-discard"),
    path("people/roles/apps/", people.app_roles, name="app-roles"),
    path("people/roles/apps/<slug:slug>/", people.app_role_holders, name="app-role-holders"),
    path("people/offboarding/", leaving.offboardings, name="offboardings"),
    path("people/offboarding/<uuid:offboarding_id>/", leaving.offboarding_of, name="offboarding"),
    path(
        "people/offboarding/<uuid:offboarding_id>/<uuid:step_id>/",
        leaving.retry,
        name="offboarding-retry",
    ),
    path("people/break-glass/", leaving.break_glasses, name="break-glass-list"),
    path("people/break-glass/<uuid:grant_id>/", leaving.review, name="break-glass-review"),
    path("break-glass/<str:link>/", leaving.break_glass, name="break-glass"),
    path("api/v1/", include("portal.api.urls")),
    path("opa/v1/", include("policy.agents.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("admin/", admin.site.urls),
]
if settings.DEVELOPMENT:
    urlpatterns.append(path("style/", styleguide.style, name="style"))
