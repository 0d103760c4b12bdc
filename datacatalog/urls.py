"""Addresses of the data catalog."""

from django.urls import path

from datacatalog import views

app_name = "datacatalog"

urlpatterns = [
    path("", views.datasets, name="datasets"),
    path("import/", views.import_, name="import"),
    path("import/<uuid:run_id>/", views.import_run, name="import-run"),
    path("<uuid:dataset_id>/", views.dataset, name="dataset"),
    path("<uuid:dataset_id>/stewards/", views.stewards, name="stewards"),
    path("<uuid:dataset_id>/confirm/", views.confirm_suggestions, name="confirm-suggestions"),
    path("<uuid:dataset_id>/fields/<uuid:field_id>/", views.confirm_field, name="confirm-field"),
]
