"""Addresses below /audit/."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("decisions/<uuid:decision_id>/", views.decision, name="decision"),
    path("apps/<uuid:app_id>/", views.app_timeline, name="app"),
]
