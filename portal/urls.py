"""Every address of the site. tests/integration/portal/test_permission_matrix.py lists them again."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import health, leaving_views, people_views, role_views, styleguide, views

handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.not_found"
handler500 = "portal.errors.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("identity.urls")),
    path("apps/", include("runtime.urls")),
    path("approvals/", include("approvals.urls")),
    path("notices/", include("notices.urls")),
    path("", include("catalog.urls")),
    path("audit/", include("audit.urls")),
    path("data/", include("datacatalog.urls")),
    path("policy/", include("policy.urls")),
    path("account/access/", people_views.own_access, name="own-access"),
    path("people/", people_views.people, name="people"),
    path("people/<uuid:person_id>/access/", people_views.access_of, name="access-of"),
    path("people/roles/", role_views.table, name="roles"),
    path("people/roles/preview/", role_views.preview, name="roles-preview"),
    path("people/roles/discard/", role_views.discard, name="roles-discard"),
    path("people/roles/apps/", people_views.app_roles, name="app-roles"),
    path("people/roles/apps/<slug:slug>/", people_views.app_role_holders, name="app-role-holders"),
    path("people/offboarding/", leaving_views.offboardings, name="offboardings"),
    path("people/offboarding/<uuid:offboarding_id>/", leaving_views.offboarding_of, name="offboarding"),
    path(
        "people/offboarding/<uuid:offboarding_id>/<uuid:step_id>/",
        leaving_views.retry,
        name="offboarding-retry",
    ),
    path("people/break-glass/", leaving_views.break_glasses, name="break-glass-list"),
    path("people/break-glass/<uuid:grant_id>/", leaving_views.review, name="break-glass-review"),
    path("break-glass/<str:link>/", leaving_views.break_glass, name="break-glass"),
    path("api/v1/", include("portal.api.urls")),
    path("opa/v1/", include("policy.agents.urls")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("admin/", admin.site.urls),
]
if settings.DEVELOPMENT:
    urlpatterns.append(path("style/", styleguide.style, name="style"))
