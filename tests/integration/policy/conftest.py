"""A real OPA server on the shipped rules, for tests marked needs_opa; and what tests of agents begin with."""

import os
import shutil
from collections.abc import Iterator

import pytest

from identity.tenancy import tenant_scope
from policy.agents import services
from policy.rulebook import Rulebook, shipped
from tests.cast import Cast
from tests.integration.policy.callers import Caller
from tests.opa_server import OpaServer, serving
from tests.rules import another


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


@pytest.fixture
def agent(committed_cast: Cast) -> Caller:
    """An agent of Contoso."""
    with tenant_scope(committed_cast.tenant.pk):
        return Caller(committed_cast, *services.add_agent(by=committed_cast.ada, name="plant"))


@pytest.fixture
def other_rules() -> Rulebook:
    """Another revision, that a test may put in force."""
    return another()
