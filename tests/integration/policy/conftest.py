"""A real OPA server on the shipped rules, for tests marked needs_opa."""

import os
import shutil
from collections.abc import Iterator

import pytest

from policy.rulebook import shipped
from tests.opa_server import OpaServer, serving


@pytest.fixture(scope="session")
def opa_binary() -> str:
    """The OPA that bin/get-opa found (tests/parts.py leaves these tests out where there is none)."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    assert binary
    return binary


@pytest.fixture(scope="session")
def opa_server(opa_binary: str) -> Iterator[OpaServer]:
    """Shared by tests that leave it as it is."""
    with serving(opa_binary, shipped()) as server:
        yield server


@pytest.fixture
def own_opa(opa_binary: str) -> Iterator[OpaServer]:
    """For tests that break it."""
    with serving(opa_binary, shipped()) as server:
        yield server
