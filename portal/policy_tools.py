"""`portal policy test|fmt`: the real `opa` on the policy library, as CI runs it.

0 in order, 1 opa found something, 2 there is no opa.
"""

import subprocess
import sys
from pathlib import Path

from policy.engines.binary import binary
from policy.rulebook import LIBRARY

OK, FOUND, NO_OPA = 0, 1, 2


def run(action: str, folder: Path | None, *, write: bool = False) -> int:
    """Run `action` on the library in `folder`, else on the portal's own; returns the exit code."""
    library = folder or LIBRARY
    if not list(library.glob("*.rego")):
        sys.stderr.write(f"portal policy: {library} holds no rules\n")
        return NO_OPA
    opa = binary()
    if opa is None:
        return NO_OPA
    commands = {
        "test": [["check", "--strict"], ["test", "--verbose"]],
        "fmt": [["fmt", "--write" if write else "--diff", *([] if write else ["--fail"])]],
    }[action]
    for arguments in commands:
        if subprocess.run([opa, *arguments, str(library)], check=False).returncode:  # noqa: S603 - our opa
            return FOUND
    return OK
