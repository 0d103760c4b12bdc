"""Every address of the site. tests/integration/portal/test_permission_matrix.py lists them again."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import health, styleguide, views

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
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("admin/", admin.site.urls),
]
if settings.DEVELOPMENT:
    urlpatterns.append(path("style/", styleguide.style, name="style"))
