"""What an admin stores is sealed for its tenant, replaced whole, and revealed to the resolver alone."""

import pytest

from identity.tenancy import tenant_scope
from tests.cast import Cast
from vault import services
from vault.errors import CannotDecrypt
from vault.keeper import Keeper
from vault.models import StoredSecret
from vault.secrets import NoSuchSecret, Secrets

NAME = "identity-provider:1"


@pytest.fixture
def keyed(committed_cast: Cast) -> Cast:
    for tenant in (committed_cast.tenant, committed_cast.other):
        with tenant_scope(tenant.pk):
            services.provision(by=None, tenant=tenant.pk)
    return committed_cast


def keep(cast: Cast, value: str) -> None:
    with tenant_scope(cast.tenant.pk):
        Keeper().keep(by=cast.ada, tenant=cast.tenant.pk, name=NAME, value=value)


def test_the_newest_is_revealed_to_its_tenant_alone(keyed: Cast) -> None:
    keep(keyed, "first")
    keep(keyed, "second")
    assert Secrets().reveal(NAME, tenant=keyed.tenant.pk) == "second"
    with pytest.raises(NoSuchSecret):
        Secrets().reveal(NAME, tenant=keyed.other.pk)
    with tenant_scope(keyed.tenant.pk):
        [row] = StoredSecret.objects.all()
        assert (row.version, row.created_by) == (2, keyed.ada.pk)
        assert b"second" not in bytes(row.sealed)


def test_a_dropped_one_is_gone(keyed: Cast) -> None:
    keep(keyed, "first")
    with tenant_scope(keyed.tenant.pk):
        Keeper().drop(by=keyed.ada, tenant=keyed.tenant.pk, name=NAME)
    with pytest.raises(NoSuchSecret):
        Secrets().reveal(NAME, tenant=keyed.tenant.pk)


def test_a_ciphertext_opens_under_its_own_name_alone(keyed: Cast) -> None:
    keep(keyed, "first")
    with tenant_scope(keyed.tenant.pk):
        StoredSecret.objects.update(name="another")
    with pytest.raises(CannotDecrypt):
        Secrets().reveal("another", tenant=keyed.tenant.pk)
