"""`make run`: starts whole, stops whole, leaves a first one alone, and loses nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from portal.embedded.folder import DataFolder
from portal.embedded.postgres import Postgres
from tests.flows.stack import ROOT, Stack, start


def _people(stack: Stack) -> int:
    with psycopg.connect(Postgres(DataFolder(stack.data)).url()) as connection:
        row = connection.execute("SELECT count(*) FROM identity_user").fetchone()
    assert row is not None
    return int(row[0])


def _until(truth: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if truth():
            return True
        time.sleep(0.1)
    return False


def test_it_starts_tells_the_truth_survives_kills_and_stops(tmp_path: Path) -> None:
    first = start(tmp_path / "var")
    assert "Lena Marsh" in first.text
    assert first.ready().json() == {
        "status": "ready", "postgresql": "ok", "redis": "ok", "worker": "ok", "beat": "ok",
    }  # fmt: skip
    people = _people(first)
    assert people == 8

    second = subprocess.run(
        [sys.executable, "-m", "portal", "up", "--data", str(first.data)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert second.returncode == 2
    assert f"Already running at {first.url}" in second.stdout
    assert first.ready().status_code == 200

    first.stop(signal.SIGKILL)
    assert _until(lambda: not first.pids()), "children outlived their killed parent"

    again = start(first.data)
    assert _people(again) == people, "a restart neither loses nor doubles the demo's people"
    for part, words, how in [
        ("worker", ["celery", "worker"], signal.SIGSTOP),
        ("redis", ["redis-server"], signal.SIGSTOP),
    ]:
        held = _send(again, how, *words)
        assert held, f"no process of {part} found"
        assert _until(lambda name=part: again.ready().json().get(name) == "down"), part
        assert again.ready().status_code == 503
        for pid in held:
            os.kill(pid, signal.SIGCONT)
        assert _until(lambda: again.ready().status_code == 200), part

    _send(again, signal.SIGKILL, "postgres", "-D")
    _send(again, signal.SIGKILL, "beat")
    assert _until(lambda: again.ready().status_code == 200, 30), "what was killed is started again"
    assert _people(again) == people

    assert again.stop(signal.SIGINT) == 0
    assert not again.pids()


def _send(stack: Stack, how: signal.Signals, *words: str) -> list[int]:
    """Signal every process of the stack whose command line has all `words`; their pids."""
    pids = []
    for pid in stack.pids():
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
        if all(word in command for word in words):
            os.kill(pid, how)
            pids.append(pid)
    return pids
