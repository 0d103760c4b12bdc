"""A company brings its key, switches it off and on, and has it destroyed: by two people, with proof (S4)."""

import base64
import json
import os
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from approvals.models import Request, Verdict
from approvals.services import Stale, refresh, vote
from identity.errors import BadInput, Conflict, NotAllowed
from identity.models import User
from identity.presence import Presence, present
from identity.tenancy import tenant_scope
from runtime.decisions import _resource
from tests import live_apps
from tests.cast import Cast
from tests.services import POSTGRES
from tests.vault_keys import apps_with_keys, seal, unseal, wrap
from vault import kms, services, signing
from vault.certificates import BadCertificate, verified
from vault.errors import KeyDisabled, KeysUnavailable
from vault.keeper import Keeper
from vault.models import KeyDestruction, KeyEncryptionKey, KeyImport, Rewrap, TenantKey
from vault.secrets import Secrets
from vault.selectors import brings_own_key

KEY = bytes(range(100, 132))
NAME = "identity-provider:1"


def begin(cast: Cast) -> tuple[KeyImport, str]:
    with tenant_scope(cast.tenant.pk):
        return services.begin_import(by=cast.ada, tenant=cast.tenant.pk)


def finish(cast: Cast, token: str, wrapped: bytes) -> Rewrap:
    with tenant_scope(cast.tenant.pk):
        job = services.finish_import(by=cast.ada, tenant=cast.tenant.pk, token=token, wrapped=wrapped)
    services.run_rewrap(job_id=job.pk, tenant=cast.tenant.pk)
    return job


def brought(cast: Cast) -> KeyEncryptionKey:
    row, token = begin(cast)
    return finish(cast, token, wrap(row.public_key, KEY)).kek


def brings(cast: Cast) -> bool:
    with tenant_scope(cast.tenant.pk):
        return brings_own_key(cast.tenant.pk)


def everything_stored() -> bytes:
    """Every row of the vault and every event, as text."""
    tables = ["vault_keyimport", "vault_keyencryptionkey", "vault_tenantkey", "ledger.event"]
    with psycopg.connect(POSTGRES.url()) as server:
        rows = [server.execute(f"SELECT t::text FROM {table} t").fetchall() for table in tables]
    return json.dumps(rows).encode()


class TestImport:
    def test_the_companys_key_wraps_from_then_on(self, keyed: Cast) -> None:
        tenant = keyed.tenant.pk
        box = seal(tenant)
        assert not brings(keyed)
        kek = brought(keyed)
        assert kek.check_value == services.imports.check_value(KEY) == _openssl_check_value(KEY)
        assert brings(keyed)
        assert unseal(tenant, box) == "canary"
        with tenant_scope(tenant):
            row = TenantKey.objects.select_related("kek").get(purpose="fields")
        assert row.kek.origin == KeyEncryptionKey.Origin.IMPORTED
        assert _opens(KEY, row)
        stored = everything_stored()
        for shape in (KEY.hex(), base64.b64encode(KEY).decode()):
            assert shape.encode() not in stored

    def test_policy_is_told_and_no_decision_costs_a_query_for_it(
        self, keyed: Cast, django_assert_num_queries: Any
    ) -> None:
        app = live_apps.make_app(keyed.lena)
        with tenant_scope(app.tenant_id):
            live = live_apps.live_of(app)

        def told() -> bool:
            person = User.objects.select_related("tenant").get(pk=keyed.mia.pk)
            here = Presence(person=person.pk, access_revision=None, own_key=person.tenant.brings_own_key)
            with tenant_scope(app.tenant_id), present(here), django_assert_num_queries(0):
                return bool(_resource(live, live.dataset("leads"), None).app.byok)

        assert not told()
        brought(keyed)
        assert told()
        with tenant_scope(app.tenant_id):  # where no request began it
            assert _resource(live, live.dataset("leads"), None).app.byok

    @pytest.mark.parametrize(
        "wrong",
        ["truncated", "another pair", "16 bytes", "33 bytes", "constant", "random", "empty"],
    )
    def test_what_is_wrong_is_refused_and_the_token_stays_good(self, keyed: Cast, wrong: str) -> None:
        row, token = begin(keyed)
        sent = {
            "truncated": wrap(row.public_key, KEY)[:-1],
            "another pair": wrap(_public_key(), KEY),
            "16 bytes": wrap(row.public_key, KEY[:16]),
            "33 bytes": wrap(row.public_key, KEY + b"x"),
            "constant": wrap(row.public_key, bytes(32)),
            "random": os.urandom(384),
            "empty": b"",
        }[wrong]
        with pytest.raises(BadInput):
            finish(keyed, token, sent)
        with tenant_scope(keyed.tenant.pk):
            assert not KeyEncryptionKey.objects.filter(origin="imported").exists()
        assert finish(keyed, token, wrap(row.public_key, KEY)).kek.origin == "imported"

    def test_a_token_works_once_in_its_time_and_for_its_tenant(self, keyed: Cast) -> None:
        row, token = begin(keyed)
        wrapped = wrap(row.public_key, KEY)
        with tenant_scope(keyed.other.pk), pytest.raises(Conflict):
            services.finish_import(by=keyed.nils, tenant=keyed.other.pk, token=token, wrapped=wrapped)
        finish(keyed, token, wrapped)
        with tenant_scope(keyed.tenant.pk):
            assert bytes(KeyImport.objects.get().private) == b""
        with pytest.raises(Conflict, match="used already"):
            finish(keyed, token, wrapped)
        first, second = begin(keyed), begin(keyed)
        with pytest.raises(Conflict):  # a new beginning ends the one before
            finish(keyed, first[1], wrap(first[0].public_key, KEY))
        with tenant_scope(keyed.tenant.pk):
            KeyImport.objects.filter(pk=second[0].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        with pytest.raises(Conflict):
            finish(keyed, second[1], wrap(second[0].public_key, KEY))
        services.sweep_ages()
        with tenant_scope(keyed.tenant.pk):
            assert not KeyImport.objects.exclude(private=b"").exists()

    def test_an_operator_brings_a_file(self, keyed: Cast, tmp_path: Path) -> None:
        from portal.key_tools import import_key

        file = tmp_path / "company.key"
        file.write_bytes(KEY)
        assert import_key(keyed.tenant.slug, file) == 0
        assert brings(keyed)
        file.write_bytes(KEY[:31])
        assert import_key(keyed.tenant.slug, file) == 1
        assert import_key("nobody", file) == 2


class TestOffAndOn:
    def test_off_nothing_of_the_data_opens_and_the_rest_works_on(self, keyed: Cast) -> None:
        tenant = keyed.tenant.pk
        with tenant_scope(tenant):
            Keeper().keep(by=keyed.ada, tenant=tenant, name=NAME, value="client secret")
        box = seal(tenant)
        brought(keyed)
        with tenant_scope(tenant):
            services.disable_key(by=keyed.sana, tenant=tenant)
        for work in (lambda: unseal(tenant, box), lambda: seal(tenant)):
            with pytest.raises(KeyDisabled):
                work()
        assert not brings(keyed)
        assert Secrets().reveal(NAME, tenant=tenant) == "client secret"  # else nobody could sign in
        with tenant_scope(tenant):
            assert signing.sign(signing.rows_of(tenant)[0], {})
            with pytest.raises(Conflict):
                services.disable_key(by=keyed.sana, tenant=tenant)
            services.enable_key(by=keyed.ada, tenant=tenant)
            with pytest.raises(Conflict):
                services.enable_key(by=keyed.ada, tenant=tenant)
        assert unseal(tenant, box) == "canary"
        assert brings(keyed)


def ask(cast: Cast) -> KeyDestruction:
    with tenant_scope(cast.tenant.pk):
        return services.ask_destruction(by=cast.ada, reason="The contract with the portal ends.")


def decide(cast: Cast, row: KeyDestruction, verdict: Verdict = Verdict.APPROVE) -> None:
    with tenant_scope(cast.tenant.pk):
        request = Request.objects.get(pk=row.request)
        vote(
            by=cast.sana,
            request_id=request.pk,
            verdict=verdict,
            digest=request.digest,
            key=uuid.uuid4(),
            comment="Talked it over",
        )


def destroyed(cast: Cast) -> KeyDestruction:
    row = ask(cast)
    decide(cast, row)
    assert services.finish_destruction(destruction_id=row.pk, tenant=cast.tenant.pk)
    with tenant_scope(cast.tenant.pk):
        return KeyDestruction.objects.get(pk=row.pk)


class TestDestruction:
    def test_data_keys_on_their_way_stop_there(self, keyed: Cast) -> None:
        tenant = keyed.tenant.pk
        row = ask(keyed)
        with tenant_scope(tenant):
            job = services.rotate_kek(by=keyed.ada, tenant=tenant, purpose=KeyEncryptionKey.Purpose.DATA)
        with pytest.raises(Stale):  # other keys than those that were asked about
            decide(keyed, row)
        with tenant_scope(tenant):
            assert refresh(by=None, request_id=row.request)  # as the page does when a vote came too late
        decide(keyed, row)
        assert services.run_rewrap(job_id=job.pk, tenant=tenant)
        assert services.sweep_rewraps(older_than=0) == 0
        assert services.finish_destruction(destruction_id=row.pk, tenant=tenant)
        with tenant_scope(tenant):
            assert not TenantKey.objects.filter(kek__purpose="data").exclude(wrapped=b"").exists()

    def test_it_takes_a_second_person(self, keyed: Cast) -> None:
        tenant = keyed.tenant.pk
        box = seal(tenant)
        with tenant_scope(tenant), pytest.raises(NotAllowed):
            services.ask_destruction(by=keyed.sana, reason="Not mine to ask")
        row = ask(keyed)
        with pytest.raises(Conflict):
            ask(keyed)
        assert not services.finish_destruction(destruction_id=row.pk, tenant=tenant)
        assert unseal(tenant, box) == "canary"
        decide(keyed, row, Verdict.REJECT)
        with tenant_scope(tenant):
            assert KeyDestruction.objects.get().state == "refused"
        assert unseal(tenant, box) == "canary"

    def test_nothing_is_readable_afterwards_not_even_from_a_copy_of_the_rows(self, keyed: Cast) -> None:
        tenant = keyed.tenant.pk
        [app] = apps_with_keys(tenant, 1)
        boxes = [seal(tenant), seal(tenant, app)]
        brought(keyed)
        with tenant_scope(tenant):
            copies = list(TenantKey.objects.select_related("kek").filter(kek__purpose="data"))
            keks = list(KeyEncryptionKey.objects.filter(purpose="data"))
        row = ask(keyed)
        decide(keyed, row)
        with pytest.raises(KeyDisabled):  # from the grant on, before the worker has come
            unseal(tenant, boxes[0])
        services.finish_destruction(destruction_id=row.pk, tenant=tenant)
        assert not services.finish_destruction(destruction_id=row.pk, tenant=tenant)
        for box, place in zip(boxes, (uuid.UUID(int=0), app), strict=True):
            with pytest.raises(KeysUnavailable):
                unseal(tenant, box, place)
        with tenant_scope(tenant):
            assert {bytes(one.wrapped) for one in TenantKey.objects.filter(kek__in=keks)} == {b""}
        for copy in copies:
            for kek in keks:
                with pytest.raises(kms.KmsError):
                    kms.backend(kek.kms).unwrap(kek.name, bytes(copy.wrapped), copy.context)

    def test_the_certificate_verifies_offline_and_a_changed_one_does_not(
        self, keyed: Cast, tmp_path: Path
    ) -> None:
        tenant = keyed.tenant.pk
        kek = brought(keyed)
        row = destroyed(keyed)
        with tenant_scope(tenant):
            pem = signing.every_pem(tenant)
        told = verified(row.certificate, pem)
        assert {one["name"] for one in told["keys"]} >= {kek.name}
        assert told["keys"][-1]["check_value"] == kek.check_value
        assert told["tenant"] == str(tenant)
        with tenant_scope(keyed.other.pk):
            other = signing.every_pem(keyed.other.pk)
        for token, keys in [
            (_changed(row.certificate), pem),
            (row.certificate, other),
            (row.certificate, ""),
            (row.certificate[:-4] + "AAAA", pem),
            ("no certificate", pem),
            (_other_kind(keyed), pem),
        ]:
            with pytest.raises(BadCertificate):
                verified(token, keys)
        assert _command(tmp_path, row.certificate, pem) == 0
        assert _command(tmp_path, _changed(row.certificate), pem) == 1

    def test_it_verifies_after_the_signing_key_has_changed(self, keyed: Cast) -> None:
        row = destroyed(keyed)
        with tenant_scope(keyed.tenant.pk):
            services.announce_signing_key(by=keyed.ada, tenant=keyed.tenant.pk)
            services.rotate_signing_key(by=keyed.ada, tenant=keyed.tenant.pk)
            services.rotate_kek(
                by=keyed.ada, tenant=keyed.tenant.pk, purpose=KeyEncryptionKey.Purpose.SIGNING
            )
            assert verified(row.certificate, signing.every_pem(keyed.tenant.pk))

    def test_new_keys_open_nothing_old(self, keyed: Cast) -> None:
        tenant = keyed.tenant.pk
        box = seal(tenant)
        with tenant_scope(tenant), pytest.raises(Conflict):
            services.begin_anew(by=keyed.ada, tenant=tenant)
        destroyed(keyed)
        with tenant_scope(tenant):
            assert services.provision(by=None, tenant=tenant) == []  # never by itself
            services.begin_anew(by=keyed.ada, tenant=tenant)
        assert unseal(tenant, seal(tenant)) == "canary"
        with pytest.raises(Conflict):
            unseal(tenant, box)

    def test_a_key_service_that_fails_is_asked_again(
        self, keyed: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tenant = keyed.tenant.pk
        box = seal(tenant)
        row = ask(keyed)
        decide(keyed, row)
        with monkeypatch.context() as broken:
            broken.setattr(kms.backend("local"), "path", Path("/proc/nowhere/keyring.json"))
            with pytest.raises(KeysUnavailable):
                services.finish_destruction(destruction_id=row.pk, tenant=tenant)
        with pytest.raises(KeyDisabled):
            unseal(tenant, box)
        assert services.sweep_destructions(older_than=0) == 1
        assert services.finish_destruction(destruction_id=row.pk, tenant=tenant)


def test_old_keys_are_told_of_once(keyed: Cast) -> None:
    tenant = keyed.tenant.pk
    assert services.sweep_ages() == 0
    with tenant_scope(tenant):
        KeyEncryptionKey.objects.filter(purpose="data").update(
            created_at=timezone.now() - timedelta(days=400)
        )
    assert [services.sweep_ages(), services.sweep_ages()] == [1, 0]
    with psycopg.connect(POSTGRES.url()) as server:
        bodies = [row[0] for row in server.execute("SELECT body FROM ledger.event").fetchall()]
        told = server.execute("SELECT role FROM notices_outbox WHERE kind = 'key.old'").fetchall()
    assert len([body for body in bodies if "key.old" in body]) == 1
    assert sorted(role for (role,) in told) == ["admin", "security"]


def _openssl_check_value(key: bytes) -> str:
    made = subprocess.run(
        ["openssl", "enc", "-aes-256-ecb", "-K", key.hex(), "-nopad"],
        input=bytes(16),
        capture_output=True,
        check=True,
    )
    return made.stdout[:3].hex()


def _opens(key: bytes, row: TenantKey) -> bool:
    """Whether the company's own AES-256-GCM opens what is wrapped, without the portal."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    box = bytes(row.wrapped)[5:]
    return bool(AESGCM(key).decrypt(box[:12], box[12:], row.context))


def _public_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = rsa.generate_private_key(65537, 3072).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _changed(token: str) -> str:
    head, body, mark = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["data_keys"] += 1
    text = json.dumps(claims, sort_keys=True, separators=(",", ":")).encode()
    return ".".join([head, base64.urlsafe_b64encode(text).rstrip(b"=").decode(), mark])


def _other_kind(cast: Cast) -> str:
    with tenant_scope(cast.tenant.pk):
        return signing.sign(signing.rows_of(cast.tenant.pk)[0], {"kind": "bundle"})


def _command(folder: Path, token: str, pem: str) -> int:
    certificate, keys = folder / "certificate.jws", folder / "signatures.pem"
    certificate.write_text(token + "\n")
    keys.write_text(pem)
    command = [sys.executable, "-m", "portal", "key-certificate", "verify", certificate, "--keys", keys]
    bare = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    return subprocess.run(command, env=bare, capture_output=True, check=False).returncode
