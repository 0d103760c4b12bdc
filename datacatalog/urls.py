"""Addresses of the data catalog."""

from django.urls import path

from datacatalog.views import datasets, retention

app_name = "datacatalog"

urlpatterns = [
    path("", datasets.datasets, name="datasets"),
    path("import/", datasets.import_, name="import"),
    path("import/<uuid:run_id>/", datasets.import_run, name="import-run"),
    path("retention/", retention.retention, name="retention"),
    path("retention/holds/", retention.holds, name="holds"),
    path("retention/holds/<uuid:hold_id>/release/", retention.release, name="hold-release"),
    path("retention/deleted/", retention.disposals, name="disposals"),
    path("<uuid:dataset_id>/", datasets.dataset, name="dataset"),
    path("<uuid:dataset_id>/stewards/", datasets.stewards, name="stewards"),
    path("<uuid:dataset_id>/confirm/", datasets.confirm_suggestions, name="confirm-suggestions"),
    path("<uuid:dataset_id>/fields/<uuid:field_id>/", datasets.confirm_field, name="confirm-field"),
]
