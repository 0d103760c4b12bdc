"""`portal check`: 0 nothing denies, 1 something does, 2 nobody can tell (usage, unreadable, no engine)."""

import argparse
import sys

from catalog import lint
from catalog.lint.codes import explain
from catalog.lint.reports import FORMATS
from policy.engines.base import EngineFault

CLEAN, DENIED, UNKNOWN = 0, 1, 2


def run(options: argparse.Namespace) -> int:
    """Check, write the report to standard output; returns the exit code."""
    if options.explain:
        return _explain(options.explain)
    try:
        basis = lint.Basis.of(scheme=options.scheme, libraries=options.templates)
        sources = lint.find(options.paths, options.exclude)
        if not sources:
            return _fail("there is nothing to check: name a manifest, or a folder that holds one")
        checked = lint.check(sources, basis, opa=options.opa, jobs=options.jobs)
    except (OSError, ValueError, EngineFault) as error:
        return _fail(str(error))
    sys.stdout.write(FORMATS[options.format](checked))
    if any(one.undecided for one in checked):
        return UNKNOWN
    return CLEAN if all(one.clean for one in checked) else DENIED


def _explain(code: str) -> int:
    try:
        sys.stdout.write(explain(code))
    except KeyError:
        return _fail(f"there is no code {code}; docs/reference/policies.md and manifest.md list them")
    return CLEAN


def _fail(why: str) -> int:
    sys.stderr.write(f"portal check: {lint.plain(why)}\n")
    return UNKNOWN
