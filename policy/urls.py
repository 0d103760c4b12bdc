"""Addresses below /policy/."""

from django.urls import path

from policy import views

app_name = "policy"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("agents/", views.agents, name="agents"),
    path("rules/<str:code>/", views.rule, name="rule"),
]
