"""Addresses below /policy/."""

from django.urls import path

from policy import views, views_versions

app_name = "policy"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("agents/", views.agents, name="agents"),
    path("versions/", views_versions.version_list, name="versions"),
    path("versions/release/", views_versions.propose_release, name="propose-release"),
    path("versions/in-force/<int:in_force_id>/roll-back/", views_versions.roll_back, name="roll-back"),
    path("versions/<uuid:version_id>/", views_versions.version, name="version"),
    path("versions/<uuid:version_id>/withdraw/", views_versions.withdraw, name="version-withdraw"),
    path("rules/<str:code>/", views.rule, name="rule"),
]
