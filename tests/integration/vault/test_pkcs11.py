"""Keys in a real PKCS #11 module, SoftHSM2: made, brought, used by many threads and processes, destroyed."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from identity.tenancy import tenant_scope
from tests import softhsm
from tests.cast import Cast
from tests.vault_keys import seal, unseal
from vault import keys, services
from vault.errors import KeysUnavailable
from vault.kms import backend
from vault.kms.base import KmsError
from vault.kms.pkcs11 import Pkcs11
from vault.models import KeyEncryptionKey, TenantKey

pytestmark = pytest.mark.needs_softhsm
KEY = bytes(range(60, 92))


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> None:
    softhsm.make_token(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def module(token: None, settings: Any) -> Iterator[Pkcs11]:
    settings.KMS_PKCS11_LIBRARY = softhsm.library()
    settings.KMS_PKCS11_TOKEN, settings.KMS_PKCS11_PIN = softhsm.TOKEN, softhsm.PIN
    backend.cache_clear()
    yield backend("pkcs11")  # type: ignore[misc]
    backend.cache_clear()


def test_what_is_wrapped_unwraps_in_its_place_alone(module: Pkcs11) -> None:
    first, second = f"a/{uuid.uuid4()}", f"b/{uuid.uuid4()}"
    module.create(first)
    module.create(second)
    wrapped = module.wrap(first, b"secret" * 20, b"here")
    assert b"secret" not in wrapped
    module.create(first)  # it is there: nothing is replaced
    assert module.unwrap(first, wrapped, b"here") == b"secret" * 20
    altered = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for name, box, context in [
        (first, wrapped, b"there"),
        (second, wrapped, b"here"),
        (first, altered, b"here"),
        (first, b"", b"here"),
        (f"none/{first}", wrapped, b"here"),
    ]:
        with pytest.raises(KmsError):
            module.unwrap(name, box, context)
    assert module.unwrap(first, wrapped, b"here") == b"secret" * 20  # a refusal breaks nothing


def test_a_key_that_was_brought_is_the_companys_and_does_not_come_out(module: Pkcs11) -> None:
    name = f"own/{uuid.uuid4()}"
    module.import_key(name, KEY)
    wrapped = module.wrap(name, b"data key", b"here")
    assert AESGCM(KEY).decrypt(wrapped[1:13], wrapped[13:], b"here") == b"data key"
    with pytest.raises(KmsError, match="already"):
        module.import_key(name, KEY)
    with pytest.raises(KmsError):
        module.import_key(f"{name}/short", KEY[:16])
    assert _value_of(name) == "AttributeSensitive"


def test_destroyed_it_opens_nothing_anywhere(module: Pkcs11) -> None:
    name = f"gone/{uuid.uuid4()}"
    module.create(name)
    wrapped = module.wrap(name, b"data key", b"here")
    assert _in_another_process(name, wrapped) == "data key"
    module.destroy(name)
    module.destroy(name)
    assert not module.holds(name)
    with pytest.raises(KmsError):
        module.unwrap(name, wrapped, b"here")
    assert _in_another_process(name, wrapped) == "refused"


def test_many_threads_share_the_one_session(module: Pkcs11) -> None:
    name = f"busy/{uuid.uuid4()}"
    module.create(name)

    def turn(number: int) -> bool:
        text = b"%d" % number
        return module.unwrap(name, module.wrap(name, text, b"x"), b"x") == text

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(turn, range(400)))


def test_a_child_of_a_fork_uses_it_too(module: Pkcs11) -> None:
    name = f"fork/{uuid.uuid4()}"
    module.create(name)
    code = (
        "import os; k = b(); k.create(n); w = k.wrap(n, b'x', b''); p = os.fork()\n"
        "if p == 0: os._exit(0 if k.unwrap(n, w, b'') == b'x' else 1)\n"
        "assert os.waitpid(p, 0)[1] == 0; assert k.unwrap(n, w, b'') == b'x'; print('both')"
    )
    assert _run(code, name) == "both"


def test_a_wrong_pin_or_token_is_an_absence(module: Pkcs11, settings: Any) -> None:
    for name, value in (("KMS_PKCS11_TOKEN", "another"), ("KMS_PKCS11_LIBRARY", "/nowhere.so")):
        setattr(settings, name, value)
        with pytest.raises(KmsError):
            Pkcs11().holds("x")
        setattr(settings, name, softhsm.TOKEN if "TOKEN" in name else softhsm.library())


def test_a_tenant_moves_from_the_keyring_into_the_module_and_back(
    keyed: Cast, module: Pkcs11, settings: Any, tmp_path: Path
) -> None:
    tenant = keyed.tenant.pk
    box = seal(tenant)
    settings.KMS_DEFAULT = "pkcs11"
    with tenant_scope(tenant):
        job = services.rotate_kek(by=keyed.ada, tenant=tenant, purpose=KeyEncryptionKey.Purpose.DATA)
    services.run_rewrap(job_id=job.pk, tenant=tenant)
    with tenant_scope(tenant):
        used = TenantKey.objects.filter(purpose__in=["fields", "index"]).values_list("kek__kms", flat=True)
        assert set(used) == {"pkcs11"}
    keys.evict(tenant)
    assert unseal(tenant, box) == "canary"
    module.destroy(job.kek.name)
    keys.evict(tenant)
    with pytest.raises(KeysUnavailable):
        unseal(tenant, box)


_OPEN = """
import sys, django; django.setup()
from django.conf import settings
settings.KMS_PKCS11_LIBRARY, settings.KMS_PKCS11_TOKEN, settings.KMS_PKCS11_PIN = sys.argv[1:4]
from vault.kms.pkcs11 import Pkcs11 as b
from vault.kms.base import KmsError
n = sys.argv[4]
"""


def _run(code: str, name: str, *more: str) -> str:
    command = [sys.executable, "-c", _OPEN + code, softhsm.library(), softhsm.TOKEN, softhsm.PIN, name, *more]
    made = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True)
    return made.stdout.strip()


def _in_another_process(name: str, wrapped: bytes) -> str:
    code = (
        "try: print(b().unwrap(n, bytes.fromhex(sys.argv[5]), b'here').decode())\n"
        "except KmsError: print('refused')"
    )
    return _run(code, name, wrapped.hex())


def _value_of(name: str) -> str:
    code = (
        "import pkcs11\n"
        "t = pkcs11.lib(settings.KMS_PKCS11_LIBRARY).get_token(token_label=sys.argv[2])\n"
        "s = t.open(user_pin=sys.argv[3])\n"
        "try: print(s.get_key(label=n)[pkcs11.Attribute.VALUE])\n"
        "except pkcs11.exceptions.PKCS11Error as e: print(type(e).__name__)"
    )
    return _run(code, name)
