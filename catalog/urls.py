"""Addresses for builders. Those of running apps are the runtime's."""

from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("build/", views.begin, name="begin"),
    path("build/app/<slug:slug>/", views.app, name="app"),
    path("build/app/<slug:slug>/change/", views.change, name="change"),
    path("build/app/<slug:slug>/owners/", views.add_owner, name="add-owner"),
    path("build/app/<slug:slug>/owners/<uuid:person_id>/remove/", views.remove_owner, name="remove-owner"),
    path("build/app/<slug:slug>/retire/", views.retire, name="retire"),
    path("build/app/<slug:slug>/versions/<int:number>/", views.version, name="version"),
    path("build/app/<slug:slug>/versions/<int:number>/restore/", views.restore, name="restore"),
    path("build/<uuid:draft_id>/discard/", views.discard, name="discard"),
    path("build/<uuid:draft_id>/import/", views.take_fields, name="take-fields"),
    path("build/<uuid:draft_id>/<slug:key>/", views.step, name="step"),
    path("my-apps/", views.my_apps, name="my-apps"),
]
