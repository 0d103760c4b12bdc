"""Addresses below /policy/."""

from django.urls import path

from policy import views, views_simulation

app_name = "policy"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("agents/", views.agents, name="agents"),
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
