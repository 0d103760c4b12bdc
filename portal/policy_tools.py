"""`portal policy test|fmt`: the real `opa` on the policy library, as CI runs it.

0 in order, 1 opa found something, 2 there is no opa.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from policy.rulebook import LIBRARY

GET_OPA = Path(__file__).resolve().parent.parent / "bin" / "get-opa"
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


def binary() -> str | None:
    """The opa that the rest of the portal takes (bin/get-opa), which also says why there is none.

    That script comes with the repository; installed from a wheel, $OPA_BINARY and the PATH are left.
    """
    if not GET_OPA.is_file():
        found_here = os.environ.get("OPA_BINARY") or shutil.which("opa")
        if found_here is None:
            sys.stderr.write("portal policy: no opa on the PATH, nor named by OPA_BINARY\n")
        return found_here
    found = subprocess.run([str(GET_OPA)], stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    return found.stdout.strip() if found.returncode == 0 else None
