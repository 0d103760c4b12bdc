"""Where this machine has an OPA. Pure Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

GET_OPA = Path(__file__).resolve().parents[2] / "bin" / "get-opa"


def binary(*, build: bool = True) -> str | None:
    """The opa that the whole portal takes (bin/get-opa), which also says why there is none.

    Where none is there yet that script builds one, which takes minutes, unless `build` forbids it. It comes
    with the repository; installed from a wheel, $OPA_BINARY and the PATH are left.
    """
    if not GET_OPA.is_file():
        found_here = os.environ.get("OPA_BINARY") or shutil.which("opa")
        if found_here is None:
            sys.stderr.write("portal policy: no opa on the PATH, nor named by OPA_BINARY\n")
        return found_here
    command = [str(GET_OPA), *([] if build else ["--no-build"])]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    return found.stdout.strip() if found.returncode == 0 else None
