"""Every write of the data catalog."""

from datacatalog.services.apps import AppField, drop_storage, ensure_storage, publish_app_dataset
from datacatalog.services.contracts import finish_import, import_contract, preview_contract
from datacatalog.services.erasure import erase
from datacatalog.services.holds import place_hold, release_hold
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
from datacatalog.services.tags import Tag, confirm_fields, confirm_suggestions

__all__ = [
    "AppField",
    "Tag",
    "add_steward",
    "apply_retention",
    "ask_erasure",
    "close_forgotten",
    "close_subject",
    "confirm_fields",
    "confirm_suggestions",
    "drop_storage",
    "ensure_storage",
    "erase",
    "erase_again",
    "finish_import",
    "grant_erasure",
    "import_contract",
    "place_hold",
    "preview_contract",
    "publish_app_dataset",
    "refuse_erasure",
    "release_hold",
    "remove_steward",
    "search_subject",
    "seed_scheme",
    "take_subject",
]
