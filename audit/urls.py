"""Addresses below /audit/."""

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.events, name="events"),
    path("apps/<uuid:app_id>/", views.app_timeline, name="app"),
]
