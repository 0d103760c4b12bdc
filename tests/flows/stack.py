"""The whole portal as `make run` starts it, on a data folder and ports of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from portal.embedded.folder import DataFolder
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


@dataclass
class Stack:
    """A running `portal up`; `text` is what it has printed."""

    process: "subprocess.Popen[str]"
    data: Path
    url: str
    text: str

    def ready(self) -> httpx.Response:
        """What the readiness endpoint says now."""
        return httpx.get(f"{self.url}/health/ready", timeout=10)

    def pids(self) -> list[int]:
        """Every process of this installation: its data folder is in their environment.

        Redis writes its title over that; its socket's path stands there instead.
        """
        mark = f"PORTAL_DATA={self.data}".encode()
        sockets = str(DataFolder(self.data).sockets).encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (
                    mark in (entry / "environ").read_bytes() or sockets in (entry / "cmdline").read_bytes()
                ):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 30) -> int:
        """Stop it as a person (SIGINT) or an accident (SIGKILL) would; the exit code."""
        self.process.send_signal(how)
        return self.process.wait(seconds)


def start(data: Path, port: int | None = None) -> Stack:
    """Start `portal up` and wait until it says where it answers."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "up", "--data", str(data), "--port", str(port)],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if key not in _TEST_ONLY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    lines: list[str] = []
    deadline = time.monotonic() + START_SECONDS
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line or time.monotonic() > deadline:
            break
    text = "".join(lines)
    assert f"http://127.0.0.1:{port}" in text, text
    return Stack(process, data.resolve(), f"http://127.0.0.1:{port}", text)


# what the test run's own Django reads; a fresh installation finds its own
_TEST_ONLY = {
    "DATABASE_URL", "REDIS_URL", "PORTAL_DATA", "BASE_URL", "ALLOWED_HOSTS", "SECRET_KEY",
    "PORTAL_DEVELOPMENT", "DJANGO_SETTINGS_MODULE", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET",
}  # fmt: skip


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One installation for all browser flows of the run."""
    running = start(tmp_path_factory.mktemp("stack"))
    yield running
    running.stop()
