"""Addresses below /policy/."""

from django.urls import path

from policy import views, views_simulation, views_versions

app_name = "policy"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("agents/", views.agents, name="agents"),
    path("versions/", views_versions.version_list, name="versions"),
    path("versions/release/", views_versions.propose_release, name="propose-release"),
    path("versions/in-force/<int:in_force_id>/roll-back/", views_versions.roll_back, name="roll-back"),
    path("versions/<uuid:version_id>/", views_versions.version, name="version"),
    path("versions/<uuid:version_id>/withdraw/", views_versions.withdraw, name="version-withdraw"),
    path("versions/<uuid:version_id>/simulations/", views_simulation.start, name="simulate"),
    path(
        "versions/<uuid:version_id>/simulations/<uuid:simulation_id>/",
        views_simulation.simulation,
        name="simulation",
    ),
    path(
        "versions/<uuid:version_id>/simulations/<uuid:simulation_id>/cancel/",
        views_simulation.cancel,
        name="simulation-cancel",
    ),
    path(
        "versions/<uuid:version_id>/simulations/<uuid:simulation_id>/report.<slug:form>",
        views_simulation.report,
        name="simulation-report",
    ),
    path("rules/<str:code>/", views.rule, name="rule"),
]
