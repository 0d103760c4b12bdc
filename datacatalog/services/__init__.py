"""Every write of the data catalog."""

from datacatalog.services.apps import AppField, drop_storage, ensure_storage, publish_app_dataset
from datacatalog.services.erasure import erase
from datacatalog.services.exports import export_contract
from datacatalog.services.holds import place_hold, release_hold
from datacatalog.services.imports import finish_import, import_contract, map_dataset, preview_import
from datacatalog.services.reading import preview_file, read_waiting, start_database
from datacatalog.services.retention import apply_retention
from datacatalog.services.scheme import seed_scheme
from datacatalog.services.stewards import add_steward, remove_steward
from datacatalog.services.subjects import (
    ask_erasure,
    close_forgotten,
    close_subject,
    erase_again,
    grant_erasure,
    refuse_erasure,
    search_subject,
    take_subject,
)
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
    "apply_retention",
    "ask_erasure",
    "close_forgotten",
    "close_subject",
    "confirm_alike",
    "confirm_fields",
    "confirm_suggestions",
    "drop_storage",
    "ensure_storage",
    "erase",
    "erase_again",
    "export_contract",
    "finish_import",
    "grant_erasure",
    "import_contract",
    "map_dataset",
    "place_hold",
    "preview_file",
    "preview_import",
    "publish_app_dataset",
    "read_waiting",
    "refuse_erasure",
    "release_hold",
    "remove_steward",
    "search_subject",
    "seed_scheme",
    "start_database",
    "take_subject",
    "undo_batch",
]
