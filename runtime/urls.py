"""Addresses of running apps, below /apps/. A dataset's key is the manifest's; a record's id is a UUID."""

from django.urls import path

from runtime import views

app_name = "runtime"
urlpatterns = [
    path("", views.directory, name="directory"),
    path("<slug:slug>/", views.home, name="home"),
    path("<slug:slug>/<str:dataset>/", views.page, {"kind": "list"}, name="list"),
    path("<slug:slug>/<str:dataset>/new", views.page, {"kind": "form"}, name="form"),
    path("<slug:slug>/<str:dataset>/overview", views.page, {"kind": "dashboard"}, name="dashboard"),
    path("<slug:slug>/<str:dataset>/<uuid:record>", views.page, {"kind": "detail"}, name="detail"),
    path("<slug:slug>/<str:dataset>/<uuid:record>/edit", views.edit, name="edit"),
    path("<slug:slug>/<str:dataset>/<uuid:record>/delete", views.delete, name="delete"),
    path("<slug:slug>/<str:dataset>/<uuid:record>/reveal/<str:field>", views.reveal, name="reveal"),
    path("<slug:slug>/<str:dataset>/export", views.request_export, name="request-export"),
    path("<slug:slug>/<str:dataset>/exports/", views.exports, name="exports"),
    path("<slug:slug>/<str:dataset>/exports/<uuid:export>", views.export, name="export"),
    path(
        "<slug:slug>/<str:dataset>/exports/<uuid:export>/manifest",
        views.export_manifest,
        name="export-manifest",
    ),
    path("<slug:slug>/<str:dataset>/exports/<uuid:export>/file", views.export_file, name="export-file"),
]
