"""Servers first, then Django, then fixtures: settings read the environment that the servers set.

Where tests run in parallel (bin/test) each worker is a process with servers of its own. The one that hands
out the work starts none, and takes back what it put into the environment: it would be theirs too.
"""

import argparse
import os
import sys

import django
import hypothesis
from django.core.management import call_command

from tests.services import boot

NO_SERVERS = {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "PORTAL_DEVELOPMENT": "1",
    "SECRET_KEY": "tests-only",
    "DATABASE_URL": "postgresql://portal_app@/portal",
}


def _hands_out() -> bool:
    """Whether this process runs no test itself; asked before pytest has read its options."""
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    options.add_argument("-n", "--numprocesses", default="0")
    workers = options.parse_known_args(sys.argv[1:])[0].numprocesses
    alone = {"--collect-only", "--co", "--pdb"} & set(sys.argv)
    return workers != "0" and not alone and "PYTEST_XDIST_WORKER" not in os.environ


if _hands_out():
    os.environ.update(NO_SERVERS)
    django.setup()
    for name in NO_SERVERS:
        del os.environ[name]
else:
    boot()
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)  # pages name their files by digest

hypothesis.settings.register_profile("suite", deadline=None)  # a busy machine is slow, not wrong
hypothesis.settings.load_profile("suite")

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
    "tests.vault_keys",
]
