"""Every write of the data catalog."""

from datacatalog.services.apps import AppField, drop_storage, ensure_storage, publish_app_dataset
from datacatalog.services.exports import export_contract
from datacatalog.services.imports import finish_import, import_contract, map_dataset, preview_import
from datacatalog.services.reading import preview_file, read_waiting, start_database
from datacatalog.services.scheme import seed_scheme
from datacatalog.services.stewards import add_steward, remove_steward
from datacatalog.services.tags import (
    Tag,
    alike,
    confirm_alike,
    confirm_fields,
    confirm_suggestions,
    undo_batch,
)

__all__ = [
    "AppField",
    "Tag",
    "add_steward",
    "alike",
    "confirm_alike",
    "confirm_fields",
    "confirm_suggestions",
    "drop_storage",
    "ensure_storage",
    "export_contract",
    "finish_import",
    "import_contract",
    "map_dataset",
    "preview_file",
    "preview_import",
    "publish_app_dataset",
    "read_waiting",
    "remove_steward",
    "seed_scheme",
    "start_database",
    "undo_batch",
]
