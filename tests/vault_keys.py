"""Tenants with keys, keys of apps in number, and processes of their own that read by them."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from identity.tenancy import tenant_scope
from tests.cast import Cast
from vault import keys, kms, services
from vault.models import KeyEncryptionKey, TenantKey
from vault.services import provisioning

FIELD = "f_01k0email"
RECORD = uuid.UUID(int=7)
OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
READER = "tests.vault_reader"


@pytest.fixture
def keyed(committed_cast: Cast) -> Cast:
    """The cast, both tenants with keys."""
    for tenant in (committed_cast.tenant, committed_cast.other):
        with tenant_scope(tenant.pk):
            services.provision(by=None, tenant=tenant.pk)
    return committed_cast


def seal(tenant: uuid.UUID, app: uuid.UUID = keys.NO_APP, text: str = "canary") -> bytes:
    """A value of FIELD and RECORD."""
    with tenant_scope(tenant):
        return keys.encrypt(tenant, app, FIELD, RECORD, text)


def unseal(tenant: uuid.UUID, box: bytes, app: uuid.UUID = keys.NO_APP) -> str:
    """What seal() was given."""
    with tenant_scope(tenant):
        return keys.decrypt(tenant, app, FIELD, RECORD, box)


def apps_with_keys(tenant: uuid.UUID, number: int) -> list[uuid.UUID]:
    """So many apps, each with a key of its own, as services.provision_app() makes them, all at once."""
    apps = [uuid.uuid4() for _ in range(number)]
    with tenant_scope(tenant):
        kek = provisioning.kek_of(tenant, KeyEncryptionKey.Purpose.DATA)
        holder = kms.backend(kek.kms)
        rows = []
        for app in apps:
            key_id, raw = provisioning._material(TenantKey.Purpose.FIELDS)
            row = TenantKey(tenant_id=tenant, purpose="fields", version=1, key_id=key_id, app=app, kek=kek)
            row.wrapped = holder.wrap(kek.name, raw, row.context)
            rows.append(row)
        TenantKey.objects.bulk_create(rows)
        keys.changed_here(tenant)
    return apps


def wrap(public_key: str, key: bytes) -> bytes:
    """As the company's own tool wraps it."""
    return load_pem_public_key(public_key.encode()).encrypt(key, OAEP)  # type: ignore[union-attr,call-arg]


@contextmanager
def reader(tenant: uuid.UUID, box: bytes, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    """A process of its own that has read `box` and reads again at each line that it is sent."""
    process = subprocess.Popen(
        [sys.executable, "-m", READER, str(tenant), box.hex(), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
    )
    try:
        assert answer(process) == "read canary"
        yield process
    finally:
        process.kill()
        process.wait()


def answer(process: "subprocess.Popen[str]") -> str:
    """The next line that the reader says."""
    assert process.stdout
    return process.stdout.readline().strip()


def ask(process: "subprocess.Popen[str]") -> str:
    """Let the reader read once more; what came of it."""
    assert process.stdin
    process.stdin.write("again\n")
    process.stdin.flush()
    return answer(process)
