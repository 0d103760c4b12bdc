"""The commands of `portal`, by who gives them; each module adds its own to the parser.

What a command needs it imports when it runs: `portal check` knows no Django, an operator needs no client.
"""

import argparse
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def set_up_django() -> None:
    """For commands that need the database; the others should not need its settings either."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
