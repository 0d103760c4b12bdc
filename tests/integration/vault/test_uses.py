"""How often keys are used is counted in memory, written by the thread that listens, and shown (S3)."""

import time
import uuid

import pytest
from django.test import Client

from identity.models import User
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.database import begin_listening
from tests.scene import sign_in
from tests.vault_keys import seal, unseal
from vault import eviction, keys, rings, services, uses
from vault.models import KeyEncryptionKey, KeyUse
from vault.selectors import standings

DATA = KeyEncryptionKey.Purpose.DATA


def counted(cast: Cast, tenant: uuid.UUID) -> dict[str, tuple[int, int]]:
    with tenant_scope(tenant):
        return {row.purpose: (row.operations, row.kms_calls) for row in KeyUse.objects.all()}


def write() -> None:
    with eviction._connect() as connection:
        uses.write(connection)


@pytest.fixture(autouse=True)
def from_nothing() -> None:
    uses.taken()


def test_operations_and_calls_are_counted_a_day_and_purpose(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    uses.taken()
    keys.evict(tenant)
    box = seal(tenant)
    for _ in range(4):
        unseal(tenant, box)
    write()
    assert counted(keyed, tenant) == {"data": (5, 2)}  # the two data keys of a ring, once
    unseal(tenant, box)
    write()
    assert counted(keyed, tenant) == {"data": (6, 2)}
    assert counted(keyed, keyed.other.pk) == {}
    with tenant_scope(tenant):
        row = next(one for one in standings(tenant) if one.purpose == DATA)
    assert (row.operations, row.kms_calls, row.data_keys, row.days) == (6, 2, 2, 0)


def test_the_thread_writes_them(keyed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eviction, "ROUND_SECONDS", 0.0)
    rings.listener.end()
    uses.taken()
    keys.evict(keyed.tenant.pk)
    seal(keyed.tenant.pk)
    deadline = time.monotonic() + 20
    begin_listening()
    while counted(keyed, keyed.tenant.pk).get("data", (0, 0))[0] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_tenant_that_was_rolled_back_harms_nothing(keyed: Cast) -> None:
    uses.note(uuid.uuid4(), DATA.value, 3)
    uses.note(keyed.tenant.pk, DATA.value, 3)
    write()
    assert counted(keyed, keyed.tenant.pk)["data"][0] == 3


def page(user: User, path: str = "/keys/") -> str:
    client = Client()
    sign_in(client, user)
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_shows_standing_and_never_a_key(keyed: Cast, settings) -> None:
    tenant = keyed.tenant.pk
    with tenant_scope(tenant):
        services.rotate_kek(by=keyed.ada, tenant=tenant, purpose=DATA)
        names = list(KeyEncryptionKey.objects.values_list("name", flat=True))
    shown = page(keyed.ada)
    assert "version 2" in shown
    assert "0 of 2 data keys" in shown
    for secret in [*names, *settings.KMS_KEYRING.read_text().split('"')]:
        assert len(secret) < 30 or secret not in shown
    assert "/keys/data/rotate/" in page(keyed.ada)
    assert "/keys/data/rotate/" not in page(keyed.sana)
    assert "Switch it off" in page(keyed.sana)
    assert "Switch it off" not in page(keyed.theo)
    settings.KEY_MOST_DAYS = 0
    assert "Old key: data of apps" in page(keyed.ada)


def test_the_page_costs_as_many_queries_however_many_keys_there_are(
    keyed: Cast, django_assert_max_num_queries
) -> None:
    tenant = keyed.tenant.pk
    client = Client()
    sign_in(client, keyed.ada)
    client.get("/keys/")
    with django_assert_max_num_queries(40) as few:
        client.get("/keys/")
    for _ in range(5):
        with tenant_scope(tenant):
            job = services.rotate_kek(by=keyed.ada, tenant=tenant, purpose=DATA)
        services.run_rewrap(job_id=job.pk, tenant=tenant)
    with django_assert_max_num_queries(len(few)):
        client.get("/keys/")
