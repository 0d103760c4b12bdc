"""What the tests need of Node.js, installed once into var/node from the lock file in tests/node/."""

import fcntl
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKED = ROOT / "tests" / "node"
INSTALLED = ROOT / "var" / "node"


def install() -> Path:
    """The folder `node_modules`, made when it is not there or when the lock has changed; by one at a time."""
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with (INSTALLED / ".turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        return _installed()


def _installed() -> Path:
    lock = LOCKED / "package-lock.json"
    stamp = INSTALLED / "package-lock.json"
    modules = INSTALLED / "node_modules"
    if modules.is_dir() and stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return modules
    shutil.copy(LOCKED / "package.json", INSTALLED)
    shutil.copy(lock, INSTALLED)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=INSTALLED, check=True, timeout=600)
    except (subprocess.SubprocessError, OSError):
        stamp.unlink(missing_ok=True)  # a half-made install must not pass for a whole one
        raise
    return modules
