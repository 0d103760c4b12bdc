"""The rules in force as a file that an OPA of the portal's own watches (P3, docs/adr/0080). Knows no Django.

It is replaced whole, by a rename, and what goes into it is read under the lock: of two processes that write,
none can put an older revision over a newer one.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from policy.bundles import archive, of_rules
from policy.rulebook import Rulebook


def keep(path: Path, read: Callable[[], Rulebook]) -> bool:
    """Have the archive at `path` hold what `read` gives; whether it had to be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        content = archive(of_rules(read()))
        if path.exists() and path.read_bytes() == content:
            return False
        part = path.with_name(f"{path.name}.part")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return True
