"""Servers first, then Django, then fixtures: settings read the environment that the servers set."""

import django
from django.core.management import call_command

from tests.services import boot

boot()
django.setup()
call_command("collectstatic", interactive=False, verbosity=0)  # pages name their files by digest

pytest_plugins = [
    "tests.parts",
    "tests.database",
    "tests.cast",
    "tests.provider",
    "tests.scim",
    "tests.browser",
    "tests.web",
    "tests.flows.stack",
    "tests.memos",
    "tests.smtp",
    "tests.transmitter",
]
