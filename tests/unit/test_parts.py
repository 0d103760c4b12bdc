"""A part that is missing is counted on the last line, refused where everything must run; nothing hides."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.parts import PARTS

ROOT = Path(__file__).parents[2]
FILE = """
import pytest

@pytest.mark.needs_opa
@pytest.mark.parametrize("n", range(3))
def test_with_opa(n): pass

@pytest.mark.needs_browser
def test_with_browser(): pass

def test_bare(): pass
"""
SKIPPED = "import pytest\ndef test_bare(): pass\n@pytest.mark.skip\ndef test_hidden(): pass\n"


def run(
    folder: Path, text: str, workers: str = "2", **environment: str
) -> "subprocess.CompletedProcess[str]":
    """A run of its own that sees nothing but the interpreter."""
    (folder / "test_it.py").write_text(text)
    kept = {key: value for key, value in os.environ.items() if key in {"HOME", "LANG"}}
    words = "-p tests.parts -p no:django -p no:socket -p no:cacheprovider -W ignore"
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *words.split(),
            "-n",
            workers,
            "--rootdir",
            str(folder),
            "test_it.py",
        ],
        cwd=folder,
        env=kept
        | {"PATH": str(folder), "PYTHONPATH": str(ROOT), "PLAYWRIGHT_BROWSERS_PATH": str(folder)}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_what_is_left_out_is_counted_on_the_last_line(tmp_path: Path, workers: str) -> None:
    done = run(tmp_path, FILE, workers)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "left out for want of a part: needs_browser 1, needs_opa 3"
    assert " 1 passed" in done.stdout


def test_where_everything_must_run_a_missing_part_refuses(tmp_path: Path) -> None:
    done = run(tmp_path, FILE, PORTAL_ALL_PARTS="1")
    assert done.returncode != 0
    assert f"every part must be here, but these are not: {', '.join(sorted(PARTS))}" in done.stderr
    assert " passed" not in done.stdout


def test_where_everything_must_run_a_skipped_test_fails_the_run(tmp_path: Path) -> None:
    for name in ("opa", "node", "npm", "chromium", "xmlsec1", "softhsm2-util"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    library = str(tmp_path / "softhsm2-util")
    done = run(tmp_path, SKIPPED, PORTAL_ALL_PARTS="1", SOFTHSM2_LIBRARY=library)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "refused: some tests were skipped" in done.stdout.splitlines()
