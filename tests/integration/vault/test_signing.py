"""What a tenant signs is verified by its public key alone, and keys change without a gap (P4)."""

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from identity.errors import Conflict
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.services import POSTGRES
from vault import services
from vault.errors import KeysUnavailable
from vault.models import TenantKey
from vault.signer import Signer

CLAIMS = {"files": [{"name": "a.rego", "hash": "00", "algorithm": "SHA-256"}], "scope": "bundle"}


def verified(token: str, pem: str) -> object:
    return jwt.decode(token, load_pem_public_key(pem.encode()), algorithms=["ES256"])


def test_a_signature_names_its_key_and_is_the_same_each_time(cast: Cast) -> None:
    signer, tenant = Signer(), cast.tenant.pk
    with tenant_scope(tenant):
        with pytest.raises(KeysUnavailable):
            signer.sign(tenant, CLAIMS)
        signer.prepare(by=cast.ada, tenant=tenant)
        token = signer.sign(tenant, CLAIMS)
        assert token == signer.sign(tenant, CLAIMS)
        [(name, pem)] = signer.public_keys(tenant).items()
    assert jwt.get_unverified_header(token)["kid"] == name == _key_id(cast)
    assert verified(token, pem) == CLAIMS


def test_another_tenants_key_does_not_verify_it(cast: Cast) -> None:
    signer = Signer()
    with tenant_scope(cast.other.pk):
        signer.prepare(by=None, tenant=cast.other.pk)
        [theirs] = signer.public_keys(cast.other.pk).values()
    with tenant_scope(cast.tenant.pk):
        signer.prepare(by=None, tenant=cast.tenant.pk)
        token = signer.sign(cast.tenant.pk, CLAIMS)
    with pytest.raises(jwt.InvalidSignatureError):
        verified(token, theirs)


def test_the_next_key_is_published_before_it_signs(committed_cast: Cast) -> None:
    cast = committed_cast
    signer, tenant = Signer(), cast.tenant.pk
    with tenant_scope(tenant):
        signer.prepare(by=None, tenant=tenant)
        with pytest.raises(Conflict):
            services.rotate_signing_key(by=cast.ada, tenant=tenant)
        old = signer.key_id(tenant)
        announced = services.announce_signing_key(by=cast.ada, tenant=tenant)
        assert services.announce_signing_key(by=cast.ada, tenant=tenant).pk == announced.pk
        both = signer.public_keys(tenant)
        assert next(iter(both)) == old == signer.key_id(tenant)
        services.rotate_signing_key(by=cast.ada, tenant=tenant)
        [(new, pem)] = signer.public_keys(tenant).items()
        assert new != old
        assert both[new] == pem
        assert verified(signer.sign(tenant, CLAIMS), pem) == CLAIMS
    with pytest.raises(jwt.InvalidSignatureError):
        verified(_sign(cast), both[old])
    with psycopg.connect(POSTGRES.url()) as server:
        bodies = [row[0] for row in server.execute("SELECT body FROM ledger.event").fetchall()]
    assert len([body for body in bodies if "key.announced" in body]) == 1
    assert len([body for body in bodies if "key.rotated" in body]) == 1


def _key_id(cast: Cast) -> str:
    with tenant_scope(cast.tenant.pk):
        return Signer().key_id(cast.tenant.pk)


def _sign(cast: Cast) -> str:
    with tenant_scope(cast.tenant.pk):
        return Signer().sign(cast.tenant.pk, CLAIMS)


def test_a_private_key_is_stored_wrapped(cast: Cast) -> None:
    with tenant_scope(cast.tenant.pk):
        Signer().prepare(by=None, tenant=cast.tenant.pk)
        row = TenantKey.objects.get(purpose=TenantKey.Purpose.SIGNING)
    assert b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07" not in bytes(row.wrapped)  # the curve's name in PKCS 8
