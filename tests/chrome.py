"""Where a Chromium or Chrome is. `python -m tests.chrome` prints it, or exits 3."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@cache
def find() -> str | None:
    """A browser that runs: $CHROME, then PATH, then the one that Playwright installed."""
    candidates = [os.environ.get("CHROME"), *(shutil.which(name) for name in NAMES)]
    for candidate in candidates:
        if candidate and runs(candidate):
            return candidate
    return _playwrights_own()


def runs(path: str) -> bool:
    """Whether it starts: Ubuntu's `chromium-browser` may be a script that asks for a snap."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        full = Path(playwright.chromium.executable_path)
    # The headless shell lies in a sibling folder: chromium-1234 → chromium_headless_shell-1234.
    folder = next((part for part in full.parents if part.name.startswith("chromium")), full.parent)
    shells = folder.parent.glob("chromium_headless_shell-*/*/*headless*shell")
    found = [str(path) for path in (full, *sorted(shells)) if path.is_file()]
    return next((path for path in found if runs(path)), None)


if __name__ == "__main__":
    where = find()
    if not where:
        sys.exit(3)
    sys.stdout.write(f"{where}\n")
