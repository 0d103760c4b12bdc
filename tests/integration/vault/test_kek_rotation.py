"""Another key wraps while everybody reads; a killed worker loses nothing; two rotations are one (S3)."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from identity.errors import Conflict
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.vault_keys import apps_with_keys, seal, unseal
from vault import keys, kms, rings, services
from vault.errors import KeyDisabled
from vault.models import KeyEncryptionKey, Rewrap, TenantKey
from vault.services import rotation

DATA = KeyEncryptionKey.Purpose.DATA
APPS = 300


def rotate(cast: Cast) -> Rewrap:
    with tenant_scope(cast.tenant.pk):
        return services.rotate_kek(by=cast.ada, tenant=cast.tenant.pk, purpose=DATA)


def job_of(cast: Cast) -> Rewrap:
    with tenant_scope(cast.tenant.pk):
        return Rewrap.objects.select_related("kek").latest("started_at")


def wrapped_by(cast: Cast) -> set[uuid.UUID]:
    with tenant_scope(cast.tenant.pk):
        return set(TenantKey.objects.filter(kek__purpose=DATA).values_list("kek", flat=True))


def test_every_data_key_goes_under_the_new_key_and_what_is_inside_stays(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    apps = apps_with_keys(tenant, 5)
    boxes = {app: seal(tenant, app) for app in apps}
    job = rotate(keyed)
    assert (job.total, job.done) == (7, 0)  # the apps' own, and those of fields and indexes that all share
    assert services.run_rewrap(job_id=job.pk, tenant=tenant)
    assert services.run_rewrap(job_id=job.pk, tenant=tenant)
    job = job_of(keyed)
    assert (job.done, job.finished_at is not None) == (7, True)
    assert wrapped_by(keyed) == {job.kek_id}
    keys.evict(tenant)
    assert {unseal(tenant, box, app) for app, box in boxes.items()} == {"canary"}
    new = apps_with_keys(tenant, 1)
    seal(tenant, new[0])
    assert wrapped_by(keyed) == {job.kek_id}


def test_readers_never_fail_while_hundreds_of_keys_move(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    apps = apps_with_keys(tenant, APPS)
    boxes = [(app, seal(tenant, app)) for app in apps]
    job = rotate(keyed)
    stop, reads, failed = threading.Event(), [0], []

    def read() -> None:
        try:
            while not stop.is_set():
                for app, box in boxes:
                    rings.evict(tenant)  # from the database and the KMS each time
                    if unseal(tenant, box, app) != "canary":
                        failed.append("other text")
                    reads[0] += 1
        except Exception as error:  # noqa: BLE001 - any failure counts
            failed.append(repr(error))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            pool.submit(read)
        try:
            assert services.run_rewrap(job_id=job.pk, tenant=tenant)
        finally:
            stop.set()
    assert not failed
    assert reads[0] > 50
    assert wrapped_by(keyed) == {job.kek_id}


WORKER = """
import django; django.setup()
import sys, uuid
from vault.services import rotation
rotation.BATCH = 5
rotation.run_rewrap(job_id=uuid.UUID(sys.argv[1]), tenant=uuid.UUID(sys.argv[2]))
"""


def test_a_worker_that_is_killed_half_way_is_followed_by_another(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    apps = apps_with_keys(tenant, APPS)
    boxes = [(app, seal(tenant, app)) for app in apps[:20]]
    job = rotate(keyed)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(job.pk), str(tenant)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"},
    )
    while job_of(keyed).done == 0:
        assert worker.poll() is None
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    half = job_of(keyed)
    assert 0 < half.done < half.total
    assert half.finished_at is None
    keys.evict(tenant)
    assert {unseal(tenant, box, app) for app, box in boxes} == {"canary"}
    assert rotation.sweep_rewraps(older_than=0) == 1
    assert services.run_rewrap(job_id=job.pk, tenant=tenant)
    job = job_of(keyed)
    assert job.done == job.total == APPS + 2
    assert wrapped_by(keyed) == {job.kek_id}


def test_of_two_rotations_at_once_one_is_told_to_wait(keyed: Cast) -> None:
    def attempt(_: int) -> str:
        try:
            rotate(keyed)
        except Conflict:
            return "wait"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(attempt, range(4)))
    assert said == ["done", "wait", "wait", "wait"]
    with tenant_scope(keyed.tenant.pk):
        states = KeyEncryptionKey.objects.filter(purpose=DATA).values_list("version", "state")
        assert dict(states) == {1: "retired", 2: "active"}


def test_a_key_that_is_switched_off_is_neither_rotated_nor_moved_and_goes_on_afterwards(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    job = rotate(keyed)
    with tenant_scope(tenant):
        services.disable_key(by=keyed.sana, tenant=tenant)
    with pytest.raises(KeyDisabled):
        services.run_rewrap(job_id=job.pk, tenant=tenant)
    with pytest.raises(KeyDisabled):
        rotate(keyed)
    with tenant_scope(tenant):
        services.enable_key(by=keyed.ada, tenant=tenant)
    assert services.run_rewrap(job_id=job.pk, tenant=tenant)
    assert wrapped_by(keyed) == {job.kek_id}


def test_keys_of_purposes_are_apart(keyed: Cast) -> None:
    with tenant_scope(keyed.tenant.pk):
        names = set(KeyEncryptionKey.objects.values_list("purpose", "name"))
        assert {purpose for purpose, _name in names} == set(KeyEncryptionKey.Purpose.values)
        assert len({name for _purpose, name in names}) == len(names)
        row = TenantKey.objects.select_related("kek").get(purpose="signing")
        other = KeyEncryptionKey.objects.get(purpose=DATA)
        with pytest.raises(kms.KmsError):
            kms.backend(other.kms).unwrap(other.name, bytes(row.wrapped), row.context)


def test_an_app_with_a_key_of_its_own_still_opens_what_was_sealed_before(keyed: Cast) -> None:
    tenant, app, other = keyed.tenant.pk, uuid.uuid4(), uuid.uuid4()
    before = seal(tenant, app)
    with tenant_scope(tenant):
        services.provision_app(by=None, tenant=tenant, app=app)
        assert services.provision_app(by=None, tenant=tenant, app=app) is None
    after = seal(tenant, app)
    assert unseal(tenant, before, app) == unseal(tenant, after, app) == "canary"
    with tenant_scope(tenant):
        ids = {row.app: row.key_id for row in TenantKey.objects.filter(purpose="fields")}
    assert int.from_bytes(before[1:5], "big") == ids[None]
    assert int.from_bytes(after[1:5], "big") == ids[app]
    assert int.from_bytes(seal(tenant, other)[1:5], "big") == ids[None]
