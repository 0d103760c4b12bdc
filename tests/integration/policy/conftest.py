"""A real OPA server on the shipped rules, for tests marked needs_opa; and what tests of agents begin with."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from identity.tenancy import tenant_scope
from policy import revisions
from policy.agents import services
from policy.engines.opa import server_command
from policy.rulebook import Rulebook, shipped
from tests.cast import Cast
from tests.integration.policy.callers import Caller


@pytest.fixture(scope="session")
def opa_binary() -> str:
    """The OPA that bin/get-opa found (tests/parts.py leaves these tests out where there is none)."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    assert binary
    return binary


class OpaServer:
    """An OPA of the tests' own on a Unix socket, started and stopped at will."""

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


def _server(binary: str, rules: Rulebook) -> Iterator[OpaServer]:
    with tempfile.TemporaryDirectory(prefix="opa-") as folder:  # short: socket paths are limited
        server = OpaServer(binary, Path(folder), rules)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def opa_server(opa_binary: str) -> Iterator[OpaServer]:
    """Shared by tests that leave it as it is."""
    yield from _server(opa_binary, shipped())


@pytest.fixture
def own_opa(opa_binary: str) -> Iterator[OpaServer]:
    """For tests that break it."""
    yield from _server(opa_binary, shipped())


@pytest.fixture
def agent(committed_cast: Cast) -> Caller:
    """An agent of Contoso."""
    with tenant_scope(committed_cast.tenant.pk):
        return Caller(committed_cast, *services.add_agent(by=committed_cast.ada, name="plant"))


@pytest.fixture
def other_rules() -> Iterator[Rulebook]:
    """Another revision, that a test may put in force."""
    yield Rulebook((*shipped().modules, ("zz_more.rego", "package portal.more\n")))
    revisions.put_in_force(shipped())
