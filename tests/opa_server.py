"""A real OPA server of one's own, for tests and benchmarks."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from policy.engines.opa import server_command
from policy.rulebook import Rulebook


class OpaServer:
    """An OPA on a Unix socket, started and stopped at will."""

    def __init__(self, binary: str, folder: Path, rules: Rulebook) -> None:
        self.url = f"unix://{folder}/opa.sock"
        self._socket = folder / "opa.sock"
        rules.write_bundle(folder / "bundle")
        self._command = server_command(binary, str(folder / "bundle"), self.url)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        self._socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(self._command)
        client = httpx.Client(transport=httpx.HTTPTransport(uds=str(self._socket)))
        for _ in range(200):
            try:
                if client.get("http://opa/health?bundles").status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        raise AssertionError("OPA did not start")

    def stop(self) -> None:
        """Kill it, stopped or not."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def serving(binary: str, rules: Rulebook) -> Iterator[OpaServer]:
    """A server on `rules` for as long as the block takes."""
    with tempfile.TemporaryDirectory(prefix="opa-") as folder:  # short: socket paths are limited
        server = OpaServer(binary, Path(folder), rules)
        try:
            server.start()
            yield server
        finally:
            server.stop()
