"""Pages for builders."""

from catalog.views.apps import app, change, my_apps, restore, retire, version
from catalog.views.owners import add_owner, remove_owner
from catalog.views.wizard import begin, discard, step, take_fields

__all__ = [
    "add_owner",
    "app",
    "begin",
    "change",
    "discard",
    "my_apps",
    "remove_owner",
    "restore",
    "retire",
    "step",
    "take_fields",
    "version",
]
