"""Servers first, then Django, then fixtures: settings read the environment that the servers set.

Where tests run in parallel (bin/test) each worker is a process with servers of its own, and the one that
hands out the work has none: what it put into the environment would be theirs too.
"""

import argparse
import os
import sys


def _hands_out() -> bool:
    """Whether this process runs no test itself; asked before pytest has read its options."""
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    options.add_argument("-n", "--numprocesses", default="0")
    workers = options.parse_known_args(sys.argv[1:])[0].numprocesses
    alone = {"--collect-only", "--co", "--pdb"} & set(sys.argv)
    return workers != "0" and not alone and "PYTEST_XDIST_WORKER" not in os.environ


pytest_plugins = ["tests.parts"]
if not _hands_out():
    import django
    from django.core.management import call_command

    from tests.services import boot

    boot()
    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)  # pages name their files by digest
    pytest_plugins += [
        "tests.database",
        "tests.cast",
        "tests.provider",
        "tests.scim",
        "tests.browser",
        "tests.web",
        "tests.flows.stack",
        "tests.memos",
        "tests.smtp",
    ]
