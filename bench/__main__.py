"""`python -m bench [--soak] [NAME]`: run one benchmark or all, on servers of their own."""

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

import django

from bench import harness
from tests.services import boot


def main() -> int:
    """Run, write bench/results/<name>.json, print; 1 if a goal was missed."""
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    known = sorted(module.name for module in found if module.name not in {"__main__", "harness"})
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--soak", action="store_true", help="the long fault and load run")
    parser.add_argument("name", nargs="?", choices=known)
    options = parser.parse_args()
    boot(durable=True)
    django.setup()
    from django.core.management import call_command  # after set-up

    call_command("migrate", database="owner", verbosity=0)
    missed = False
    for name in [options.name] if options.name else known:
        module = importlib.import_module(f"bench.{name}")
        run = getattr(module, "soak" if options.soak else "run", None)
        if run is None:
            continue
        rows = run()
        harness.write(f"{name}-soak" if options.soak else name, rows)
        missed |= any(row.ok is False for row in rows)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
