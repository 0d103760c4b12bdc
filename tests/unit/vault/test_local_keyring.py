"""The keyring file: tight mode, whole or not at all, one key however many ask for it."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vault.kms.base import KmsError
from vault.kms.local import LocalKeyring


@pytest.fixture
def ring(tmp_path: Path) -> LocalKeyring:
    return LocalKeyring(tmp_path / "keys" / "keyring.json")


def test_what_is_wrapped_unwraps_in_the_same_context_only(ring: LocalKeyring) -> None:
    ring.create("a")
    ring.create("b")
    wrapped = ring.wrap("a", b"secret", b"here")
    assert b"secret" not in wrapped
    assert ring.unwrap("a", wrapped, b"here") == b"secret"
    for name, context in (("a", b"there"), ("b", b"here")):
        with pytest.raises(KmsError, match="does not open"):
            ring.unwrap(name, wrapped, context)


def test_the_file_is_for_its_owner_alone(ring: LocalKeyring) -> None:
    ring.create("a")
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    ring.path.chmod(0o640)
    with pytest.raises(KmsError, match="0600"):
        ring.wrap("a", b"secret", b"")


def test_many_at_once_make_one_key(ring: LocalKeyring) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: LocalKeyring(ring.path).create(f"k{n % 4}"), range(32)))
    assert set(json.loads(ring.path.read_text())["keys"]) == {"k0", "k1", "k2", "k3"}


def test_a_key_that_is_there_is_never_replaced(ring: LocalKeyring) -> None:
    ring.create("a")
    wrapped = ring.wrap("a", b"secret", b"")
    ring.create("a")
    assert ring.unwrap("a", wrapped, b"") == b"secret"


@pytest.mark.parametrize(
    "content", ["", "[]", '{"format": 2, "keys": {}}', '{"format": 1, "keys": {"a": "eA=="}}']
)
def test_a_damaged_file_is_refused_and_left_alone(ring: LocalKeyring, content: str) -> None:
    ring.create("a")
    ring.path.write_text(content)
    with pytest.raises(KmsError):
        ring.wrap("a", b"secret", b"")
    with pytest.raises(KmsError):
        ring.create("b") if "eA" not in content else ring.unwrap("a", b"", b"")
    assert ring.path.read_text() == content
