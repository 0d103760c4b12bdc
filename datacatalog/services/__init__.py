"""Every write of the data catalog."""

from datacatalog.services.apps import AppField, drop_storage, ensure_storage, publish_app_dataset
from datacatalog.services.contracts import finish_import, import_contract, preview_contract
from datacatalog.services.holds import place_hold, release_hold
from datacatalog.services.retention import apply_retention
from datacatalog.services.scheme import seed_scheme
from datacatalog.services.stewards import add_steward, remove_steward
from datacatalog.services.tags import Tag, confirm_fields, confirm_suggestions

__all__ = [
    "AppField",
    "Tag",
    "add_steward",
    "apply_retention",
    "confirm_fields",
    "confirm_suggestions",
    "drop_storage",
    "ensure_storage",
    "finish_import",
    "import_contract",
    "place_hold",
    "preview_contract",
    "publish_app_dataset",
    "release_hold",
    "remove_steward",
    "seed_scheme",
]
