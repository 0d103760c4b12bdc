"""Pages for builders."""

from catalog.views.apps import app, change, my_apps, restore, retire, version
from catalog.views.wizard import begin, discard, step, take_fields

__all__ = [
    "app",
    "begin",
    "change",
    "discard",
    "my_apps",
    "restore",
    "retire",
    "step",
    "take_fields",
    "version",
]
