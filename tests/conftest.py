"""Servers first, then Django, then fixtures: settings read the environment that the servers set.

Where tests run in parallel (bin/test) each worker is a process with servers of its own, and the one that
hands out the work has none: what it put into the environment would be theirs too.
"""

import os
import sys

HANDS_OUT = any(word.startswith("-n") for word in sys.argv[1:]) and "PYTEST_XDIST_WORKER" not in os.environ

pytest_plugins = ["tests.parts"]
if not HANDS_OUT:
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
