"""Servers first, then Django, then fixtures: settings read the environment that the servers set."""

import django

from tests.services import boot

boot()
django.setup()

pytest_plugins = ["tests.parts", "tests.database", "tests.cast", "tests.provider", "tests.scim"]
