"""Addresses of the data catalog."""

from django.urls import path

from datacatalog.views import datasets, retention, rights

app_name = "datacatalog"

urlpatterns = [
    path("", datasets.datasets, name="datasets"),
    path("import/", datasets.import_, name="import"),
    path("import/<uuid:run_id>/", datasets.import_run, name="import-run"),
    path("retention/", retention.retention, name="retention"),
    path("retention/holds/", retention.holds, name="holds"),
    path("retention/holds/<uuid:hold_id>/release/", retention.release, name="hold-release"),
    path("retention/deleted/", retention.disposals, name="disposals"),
    path("rights/", rights.rights, name="rights"),
    path("rights/new/", rights.search, name="right-search"),
    path("rights/keys.pem", rights.keys, name="right-keys"),
    path("rights/<uuid:subject_id>/", rights.right, name="right"),
    path("rights/<uuid:subject_id>/take/", rights.take, name="right-take"),
    path("rights/<uuid:subject_id>/erase/", rights.erase, name="right-erase"),
    path("rights/<uuid:subject_id>/again/", rights.again, name="right-again"),
    path("rights/<uuid:subject_id>/close/", rights.close, name="right-close"),
    path("rights/<uuid:subject_id>/certificate/", rights.certificate, name="right-certificate"),
    path("rights/<uuid:subject_id>/certificate.jws", rights.certificate_file, name="right-jws"),
    path("<uuid:dataset_id>/", datasets.dataset, name="dataset"),
    path("<uuid:dataset_id>/stewards/", datasets.stewards, name="stewards"),
    path("<uuid:dataset_id>/confirm/", datasets.confirm_suggestions, name="confirm-suggestions"),
    path("<uuid:dataset_id>/fields/<uuid:field_id>/", datasets.confirm_field, name="confirm-field"),
]
