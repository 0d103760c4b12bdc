"""Addresses of the data catalog."""

from django.urls import path

from datacatalog.views import datasets, imports, retention, rights

app_name = "datacatalog"

urlpatterns = [
    path("", datasets.datasets, name="datasets"),
    path("import/", imports.import_, name="import"),
    path("import/database/", imports.database, name="import-database"),
    path("import/<uuid:run_id>/", imports.import_run, name="import-run"),
    path("import/<uuid:run_id>/map/<int:number>/", imports.map_dataset, name="map-dataset"),
    path("tagged/<uuid:batch_id>/undo/", datasets.undo, name="undo"),
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
    path("<uuid:dataset_id>/contract/", imports.contract, name="contract"),
    path("<uuid:dataset_id>/stewards/", datasets.stewards, name="stewards"),
    path("<uuid:dataset_id>/confirm/", datasets.confirm_suggestions, name="confirm-suggestions"),
    path("<uuid:dataset_id>/fields/<uuid:field_id>/", datasets.confirm_field, name="confirm-field"),
    path("<uuid:dataset_id>/fields/<uuid:field_id>/alike/", datasets.alike, name="alike"),
]
