"""Field values open in their own place and tenant alone, across rotations, restarts and roll-backs."""

import uuid

import pytest
from django.db import transaction

from identity.tenancy import tenant_scope
from tests.cast import Cast
from vault import keys, rings, services
from vault.errors import CannotDecrypt, KeysUnavailable
from vault.kms.base import KmsError
from vault.kms.local import LocalKeyring
from vault.models import TenantKey

APP, OTHER_APP, RECORD, OTHER_RECORD, DATASET = (uuid.UUID(int=n) for n in range(1, 6))
FIELD = "f_01k0email"


@pytest.fixture
def keyed(committed_cast: Cast) -> Cast:
    """The cast, both tenants with keys."""
    for tenant in (committed_cast.tenant, committed_cast.other):
        with tenant_scope(tenant.pk):
            services.provision(by=None, tenant=tenant.pk)
    return committed_cast


def test_a_value_opens_where_it_was_sealed_and_nowhere_else(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    with tenant_scope(tenant):
        sealed = keys.encrypt(tenant, APP, FIELD, RECORD, "mia@contoso.example")
        assert b"mia" not in sealed
        assert keys.decrypt(tenant, APP, FIELD, RECORD, sealed) == "mia@contoso.example"
        for place in [
            (OTHER_APP, FIELD, RECORD),
            (APP, "f_01k0other", RECORD),
            (APP, FIELD, OTHER_RECORD),
        ]:
            with pytest.raises(CannotDecrypt):
                keys.decrypt(tenant, *place, sealed)
        altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
        for broken in (altered, sealed[:7], b""):
            with pytest.raises(CannotDecrypt):
                keys.decrypt(tenant, APP, FIELD, RECORD, broken)


def test_another_tenants_keys_neither_open_it_nor_can_be_used(keyed: Cast) -> None:
    mine, other = keyed.tenant.pk, keyed.other.pk
    with tenant_scope(mine):
        sealed = keys.encrypt(mine, APP, FIELD, RECORD, "x")
        with pytest.raises(KeysUnavailable):  # though this process holds them in its cache
            keys.decrypt(other, APP, FIELD, RECORD, sealed)
    with tenant_scope(other):
        with pytest.raises(CannotDecrypt):
            keys.decrypt(other, APP, FIELD, RECORD, sealed)
        with pytest.raises(KeysUnavailable):
            keys.decrypt(mine, APP, FIELD, RECORD, sealed)
    with pytest.raises(KeysUnavailable):
        keys.encrypt(mine, APP, FIELD, RECORD, "x")


def test_old_values_open_after_a_rotation_and_new_ones_carry_the_new_version(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    with tenant_scope(tenant):
        first = keys.encrypt(tenant, APP, FIELD, RECORD, "before")
    with tenant_scope(tenant):
        services.rotate(by=keyed.ada, tenant=tenant)
    with tenant_scope(tenant):
        second = keys.encrypt(tenant, APP, FIELD, RECORD, "after")
        assert [keys.key_version(tenant, sealed) for sealed in (first, second)] == [1, 2]
        keys.evict(tenant)
        assert keys.decrypt(tenant, APP, FIELD, RECORD, first) == "before"
        assert keys.decrypt(tenant, APP, FIELD, RECORD, second) == "after"
        states = TenantKey.objects.filter(purpose="fields").values_list("version", "state")
        assert dict(states) == {1: "retired", 2: "active"}


def test_a_process_that_cached_the_old_keys_opens_what_another_sealed_with_the_new(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    with tenant_scope(tenant):
        keys.encrypt(tenant, APP, FIELD, RECORD, "warm the cache")
        stale = rings._rings[rings.Slot(tenant, APP)]
    with tenant_scope(tenant):
        services.rotate(by=None, tenant=tenant)
    with tenant_scope(tenant):
        sealed = keys.encrypt(tenant, APP, FIELD, RECORD, "new")
        rings._rings[rings.Slot(tenant, APP)] = stale
        assert keys.decrypt(tenant, APP, FIELD, RECORD, sealed) == "new"


def rotate_and_fail(tenant: uuid.UUID) -> None:
    services.rotate(by=None, tenant=tenant)
    keys.encrypt(tenant, APP, FIELD, RECORD, "lost with the transaction")
    raise ZeroDivisionError


def test_a_key_that_is_rolled_back_seals_nothing_afterwards(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    with pytest.raises(ZeroDivisionError), tenant_scope(tenant):
        rotate_and_fail(tenant)
    with tenant_scope(tenant):
        sealed = keys.encrypt(tenant, APP, FIELD, RECORD, "kept")
        assert keys.key_version(tenant, sealed) == 1
    with tenant_scope(tenant):  # and so it is when only a savepoint goes back
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            rotate_and_fail(tenant)
        assert keys.key_version(tenant, keys.encrypt(tenant, APP, FIELD, RECORD, "kept")) == 1


def test_blind_indexes_find_equal_values_of_one_field_alone(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    with tenant_scope(tenant):
        one = keys.blind_index(tenant, DATASET, FIELD, "Mia@Contoso.example ")
        assert one == keys.blind_index(tenant, DATASET, FIELD, "mia@contoso.EXAMPLE")
        assert len(one) == keys.INDEX_BYTES
        others = {
            keys.blind_index(tenant, DATASET, FIELD, "mia@contoso.test"),
            keys.blind_index(tenant, DATASET, "f_01k0other", "mia@contoso.example"),
            keys.blind_index(tenant, APP, FIELD, "mia@contoso.example"),
        }
        services.rotate(by=None, tenant=tenant)
        assert keys.blind_index(tenant, DATASET, FIELD, "mia@contoso.example") == one
    with tenant_scope(keyed.other.pk):
        others.add(keys.blind_index(keyed.other.pk, DATASET, FIELD, "mia@contoso.example"))
    assert one not in others
    assert len(others) == 4


def test_keys_are_fetched_once_for_many_values(
    keyed: Cast, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    tenant = keyed.tenant.pk
    items = [(keys.Place(FIELD, uuid.UUID(int=n)), f"value {n}") for n in range(500)]
    keys.evict(tenant)
    with tenant_scope(tenant), django_assert_num_queries(1):
        sealed = keys.encrypt_many(tenant, APP, items)
        back = [(place, box) for (place, _), box in zip(items, sealed, strict=True)]
        assert keys.decrypt_many(tenant, APP, back) == [text for _, text in items]


def test_provisioning_again_makes_nothing(keyed: Cast) -> None:
    with tenant_scope(keyed.tenant.pk):
        assert services.provision(by=None, tenant=keyed.tenant.pk) == []
        assert TenantKey.objects.count() == len(TenantKey.Purpose)


def test_a_tenant_without_keys_is_told_so(committed_cast: Cast) -> None:
    tenant = committed_cast.tenant.pk
    with tenant_scope(tenant):
        with pytest.raises(KeysUnavailable, match="no keys yet"):
            keys.encrypt(tenant, APP, FIELD, RECORD, "x")
        with pytest.raises(KeysUnavailable, match="no keys yet"):
            services.rotate(by=None, tenant=tenant)


def test_without_its_keyring_nothing_is_readable(keyed: Cast, settings, tmp_path) -> None:
    tenant = keyed.tenant.pk
    with tenant_scope(tenant):
        sealed = keys.encrypt(tenant, APP, FIELD, RECORD, "x")
    keyring = settings.KMS_KEYRING
    away = keyring.rename(tmp_path / "keyring.json")
    try:
        keys.evict(tenant)
        with tenant_scope(tenant), pytest.raises(KeysUnavailable, match="does not give out"):
            keys.decrypt(tenant, APP, FIELD, RECORD, sealed)
    finally:
        away.rename(keyring)


def test_a_wrapped_key_moved_to_another_tenant_does_not_unwrap(keyed: Cast) -> None:
    with tenant_scope(keyed.tenant.pk):
        row = TenantKey.objects.select_related("kek").get(purpose="fields")
    ring = LocalKeyring()
    assert ring.unwrap(row.kek.name, bytes(row.wrapped), row.context)
    row.tenant_id = keyed.other.pk
    with pytest.raises(KmsError):
        ring.unwrap(row.kek.name, bytes(row.wrapped), row.context)
