"""The keyring file: tight mode, whole or not at all, one key however many ask for it."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.kms import passphrase
from vault.kms.base import KmsError
from vault.kms.local import LocalKeyring

KEY = bytes(range(32))


@pytest.fixture
def ring(tmp_path: Path) -> LocalKeyring:
    return LocalKeyring(tmp_path / "keys" / "keyring.json", "")


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
        list(pool.map(lambda n: LocalKeyring(ring.path, "").create(f"k{n % 4}"), range(32)))
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


def test_a_key_that_is_brought_wraps_and_is_never_put_over_another(ring: LocalKeyring) -> None:
    ring.import_key("own", KEY)
    wrapped = ring.wrap("own", b"secret", b"here")
    assert AESGCM(KEY).decrypt(wrapped[5:17], wrapped[17:], b"here") == b"secret"
    for name, key in (("own", KEY[::-1]), ("short", KEY[:31])):
        with pytest.raises(KmsError):
            ring.import_key(name, key)
    assert ring.unwrap("own", wrapped, b"here") == b"secret"


def test_destroyed_it_is_gone_from_the_file(ring: LocalKeyring) -> None:
    ring.create("a")
    ring.import_key("own", KEY)
    wrapped = ring.wrap("own", b"secret", b"")
    ring.destroy("own")
    ring.destroy("own")
    assert not ring.holds("own")
    assert ring.holds("a")
    with pytest.raises(KmsError):
        ring.unwrap("own", wrapped, b"")
    assert base64.b64encode(KEY[:30]).decode() not in ring.path.read_text()


class TestPassphrase:
    def test_with_one_nothing_in_the_file_opens_without_it(self, ring: LocalKeyring) -> None:
        sealed = LocalKeyring(ring.path, "correct horse")
        sealed.import_key("own", KEY)
        wrapped = sealed.wrap("own", b"secret", b"")
        content = json.loads(ring.path.read_text())
        assert (content["format"], content["kdf"]["name"]) == (2, "scrypt")
        assert KEY not in base64.b64decode(content["keys"]["own"])
        for other in ("", "correct horse "):
            with pytest.raises(KmsError, match="passphrase"):
                LocalKeyring(ring.path, other).unwrap("own", wrapped, b"")
            with pytest.raises(KmsError, match="passphrase"):
                LocalKeyring(ring.path, other).create("b")
        assert sealed.unwrap("own", wrapped, b"") == b"secret"

    def test_a_keyring_in_clear_is_sealed_by_one_command(self, ring: LocalKeyring) -> None:
        ring.create("a")
        wrapped = ring.wrap("a", b"secret", b"")
        sealed = LocalKeyring(ring.path, "correct horse")
        assert sealed.unwrap("a", wrapped, b"") == b"secret"
        assert sealed.protect() == 1
        assert json.loads(ring.path.read_text())["format"] == 2
        assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
        assert sealed.unwrap("a", wrapped, b"") == b"secret"

    def test_a_key_moved_to_another_name_does_not_open(self, ring: LocalKeyring) -> None:
        sealed = LocalKeyring(ring.path, "correct horse")
        sealed.create("a")
        sealed.create("b")
        content = json.loads(ring.path.read_text())
        content["keys"]["a"] = content["keys"]["b"]
        ring.path.write_text(json.dumps(content))
        with pytest.raises(KmsError):
            sealed.wrap("a", b"secret", b"")

    @pytest.mark.parametrize("change", [{"n": 2**30}, {"n": "x"}, {"salt": None}, {"name": "md5"}])
    def test_odd_parameters_are_refused(self, ring: LocalKeyring, change: dict[str, object]) -> None:
        sealed = LocalKeyring(ring.path, "correct horse")
        sealed.create("a")
        content = json.loads(ring.path.read_text())
        content["kdf"] |= change
        ring.path.write_text(json.dumps(content))
        with pytest.raises(KmsError):
            sealed.wrap("a", b"secret", b"")

    def test_systemd_gives_it_before_the_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        settings.KMS_PASSPHRASE = "from the environment"
        assert passphrase.given() == "from the environment"
        (tmp_path / "keyring-passphrase").write_text("from systemd\n")
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        assert passphrase.given() == "from systemd"
