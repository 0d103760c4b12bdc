"""Addresses of the data catalog."""

from django.urls import path

from datacatalog import import_views, views

app_name = "datacatalog"

urlpatterns = [
    path("", views.datasets, name="datasets"),
    path("import/", import_views.import_, name="import"),
    path("import/database/", import_views.database, name="import-database"),
    path("import/<uuid:run_id>/", import_views.import_run, name="import-run"),
    path("import/<uuid:run_id>/map/<int:number>/", import_views.map_dataset, name="map-dataset"),
    path("tagged/<uuid:batch_id>/undo/", views.undo, name="undo"),
    path("<uuid:dataset_id>/", views.dataset, name="dataset"),
    path("<uuid:dataset_id>/contract/", import_views.contract, name="contract"),
    path("<uuid:dataset_id>/stewards/", views.stewards, name="stewards"),
    path("<uuid:dataset_id>/confirm/", views.confirm_suggestions, name="confirm-suggestions"),
    path("<uuid:dataset_id>/fields/<uuid:field_id>/", views.confirm_field, name="confirm-field"),
    path("<uuid:dataset_id>/fields/<uuid:field_id>/alike/", views.alike, name="alike"),
]
