"""Addresses below /opa/v1/ (OPA's bundle, discovery, decision log and status interfaces)."""

from django.urls import path

from policy.agents import views

app_name = "opa"
urlpatterns = [
    path("bundles/portal.tar.gz", views.rules, name="rules"),
    path("discovery.tar.gz", views.discovery, name="discovery"),
    path("keys/<str:key_id>.pem", views.key, name="key"),
    path("logs", views.logs, name="logs"),
    path("status", views.status, name="status"),
]
