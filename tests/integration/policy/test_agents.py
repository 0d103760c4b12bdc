"""Who is let in as an agent, and what it pulls (P4)."""

import hashlib
import io
import json
import tarfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.test import RequestFactory
from django.utils import timezone

from identity.errors import BadInput, Conflict
from identity.tenancy import tenant_scope
from policy import bundles
from policy.agents import archives, services, views
from policy.models import OpaToken, StoredDecision
from policy.rulebook import Rulebook, shipped
from tests.cast import Cast
from tests.integration.policy.callers import BUNDLE, Caller, entry
from tests.rules import put_in_force
from tests.scene import sign_in
from tests.services import POSTGRES
from tests.tokens import make_token


class TestBundles:
    def test_its_files_are_the_rules_signed_by_the_tenants_key(self, agent: Caller) -> None:
        answer = agent.get()
        assert answer["Content-Type"] == bundles.MEDIA_TYPE
        files = unpacked(answer.content)
        assert json.loads(files[".manifest"]) == shipped().manifest
        assert {n: t.decode() for n, t in files.items() if n.endswith(".rego")} == dict(shipped().modules)
        assert not [name for name in files if name.endswith("_test.rego")]
        [token] = json.loads(files[".signatures.json"])["signatures"]
        key_id = jwt.get_unverified_header(token)["kid"]
        pem = agent.get(f"/opa/v1/keys/{key_id}.pem").content
        claims = jwt.decode(token, load_pem_public_key(pem), algorithms=["ES256"])
        assert claims["scope"] == "bundle"
        assert {one["name"]: one["hash"] for one in claims["files"]} == {
            name: hashlib.sha256(content).hexdigest()
            for name, content in files.items()
            if name != ".signatures.json"
        }

    def test_equal_rules_are_equal_bytes_however_often_they_are_made(self, agent: Caller) -> None:
        first = agent.get()
        archives._kept.clear()  # as in another process
        again = agent.get()
        assert first.content == again.content
        assert first["ETag"] == again["ETag"]

    def test_who_has_it_gets_304_until_there_is_another(self, agent: Caller, other_rules: Rulebook) -> None:
        first = agent.get()
        assert agent.fresh().current_at is None
        same = agent.get(**{"if-none-match": first["ETag"]})
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
        assert agent.fresh().revision == shipped().revision
        assert agent.fresh().current_at is not None
        weakened = agent.get(**{"if-none-match": f'"x", W/{first["ETag"]}'})
        assert weakened.status_code == 304
        put_in_force(other_rules)
        other = agent.get(**{"if-none-match": first["ETag"]})
        assert other.status_code == 200
        assert json.loads(unpacked(other.content)[".manifest"])["revision"] == other_rules.revision

    def test_discovery_says_where_everything_is(self, agent: Caller) -> None:
        answer = agent.get("/opa/v1/discovery.tar.gz")
        files = unpacked(answer.content)
        told = json.loads(files["data.json"])
        assert set(told) == {"keys", "bundles", "decision_logs", "status"}
        [token] = json.loads(files[".signatures.json"])["signatures"]
        [key] = told["keys"].values()
        claims = jwt.decode(token, load_pem_public_key(key["key"].encode()), algorithms=["ES256"])
        assert claims["scope"] == "discovery"
        assert agent.get("/opa/v1/discovery.tar.gz", **{"if-none-match": answer["ETag"]}).status_code == 304
        assert agent.get("/opa/v1/keys/nothing.pem").status_code == 404

    def test_without_a_seat_to_wait_on_it_is_told_to_come_again(self, agent: Caller) -> None:
        etag = agent.get()["ETag"]
        waits = {"if-none-match": etag, "prefer": "modes=snapshot,delta;wait=20"}
        taken = 0
        try:
            while views._seats.acquire(blocking=False):
                taken += 1
            answer = agent.get(**waits)
        finally:
            views._seats.release(taken)
        assert taken == 2
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/gzip")

    @pytest.mark.parametrize(
        ("prefer", "seconds"), [("wait=1", 1), ("modes=snapshot,delta;wait=1", 1), ("", 0)]
    )
    def test_it_waits_as_long_as_was_asked(self, agent: Caller, prefer: str, seconds: int) -> None:
        headers = {"if-none-match": agent.get()["ETag"]} | ({"prefer": prefer} if prefer else {})
        began = timezone.now()
        assert agent.get(**headers).status_code == 304
        took = (timezone.now() - began).total_seconds()
        assert seconds <= took < seconds + 2

    def test_no_wait_is_longer_than_the_portals_own_limit(self) -> None:
        for wish in ("wait=86400", "wait=99999999999", "modes=snapshot,delta;wait=21"):
            request = RequestFactory().get(BUNDLE, headers={"prefer": wish})
            assert views._wanted_wait(request) == 20


def test_who_waits_holds_no_transaction_and_gets_nothing_once_revoked(
    committed_cast: Cast, serve: Callable[..., str], other_rules: Rulebook
) -> None:
    with tenant_scope(committed_cast.tenant.pk):
        row, token = services.add_agent(by=committed_cast.ada, name="plant")
    url, headers = f"{serve()}{BUNDLE}", {"Authorization": f"Bearer {token}"}
    etag = httpx.get(url, headers=headers).headers["ETag"]
    statuses: list[int] = []
    waits = {**headers, "If-None-Match": etag, "Prefer": "wait=20"}
    thread = threading.Thread(
        target=lambda: statuses.append(httpx.get(url, headers=waits, timeout=30).status_code)
    )
    free = views._seats._value  # type: ignore[attr-defined]
    thread.start()
    while views._seats._value == free:  # type: ignore[attr-defined]
        time.sleep(0.01)
    with psycopg.connect(POSTGRES.url()) as server:
        states = "SELECT state FROM pg_stat_activity WHERE datname = current_database()"
        assert ("idle in transaction",) not in server.execute(states).fetchall()
    with tenant_scope(committed_cast.tenant.pk):
        services.revoke_agent(by=committed_cast.ada, agent=row)
    put_in_force(other_rules)
    thread.join(10)
    assert statuses == [401]


class TestWhoIsLetIn:
    @pytest.mark.parametrize("path", [BUNDLE, "/opa/v1/discovery.tar.gz", "/opa/v1/keys/x.pem"])
    def test_nobody_without_a_good_token(self, agent: Caller, path: str) -> None:
        good = agent.token
        for token in ("", "opa_unknown", good[:-1], "x" * 300, good.upper()):
            agent.token = token
            answer = agent.get(path)
            assert answer.status_code == 401
            assert answer["Content-Type"] == "application/problem+json"
            assert answer["WWW-Authenticate"].startswith('Bearer realm="portal"')

    def test_a_session_is_worth_nothing(self, agent: Caller) -> None:
        sign_in(agent.client, agent.cast.ada)
        assert agent.client.get(BUNDLE).status_code == 401
        assert agent.get().status_code == 200

    def test_a_persons_token_is_none_of_an_agents(self, agent: Caller) -> None:
        with tenant_scope(agent.cast.tenant.pk):
            agent.token = make_token(agent.cast.ada)[1]
        assert agent.get().status_code == 401

    def test_revoked_and_expired_tokens_are_refused_and_others_go_on(self, agent: Caller) -> None:
        with tenant_scope(agent.cast.tenant.pk):
            new = services.rotate_agent_token(by=agent.cast.ada, agent=agent.row, overlap=timedelta(hours=1))
        old = OpaToken.objects.get(hash=OpaToken.hash_of(agent.token))
        assert agent.get().status_code == 200
        assert timedelta(minutes=59) < old.expires_at - timezone.now() <= timedelta(hours=1)
        OpaToken.objects.filter(pk=old.pk).update(expires_at=timezone.now())
        assert agent.get().status_code == 401
        agent.token = new
        assert agent.get().status_code == 200
        with tenant_scope(agent.cast.tenant.pk):
            row = OpaToken.objects.select_related("agent").get(hash=OpaToken.hash_of(new))
            services.revoke_agent_token(by=agent.cast.ada, token=row)
        assert agent.get().status_code == 401

    def test_a_revoked_agent_is_refused_everything_for_good(self, agent: Caller) -> None:
        with tenant_scope(agent.cast.tenant.pk):
            services.revoke_agent(by=agent.cast.ada, agent=agent.row)
            with pytest.raises(BadInput):
                services.rotate_agent_token(by=agent.cast.ada, agent=agent.row, overlap=timedelta(0))
            with pytest.raises(Conflict):
                services.add_agent(by=agent.cast.ada, name="plant")
        before = agent.events()
        assert agent.get().status_code == 401
        assert agent.log(entry(agent.cast)).status_code == 401
        assert agent.post("/opa/v1/status", b"{}", "").status_code == 401
        assert (agent.kept(), agent.events()) == ([], before)

    def test_the_token_is_kept_only_as_a_hash_and_when_it_was_used(self, agent: Caller) -> None:
        agent.get()
        row = OpaToken.objects.get()
        assert row.hash == hashlib.sha256(agent.token.encode()).hexdigest()
        assert row.last_used_at is not None
        assert agent.fresh().seen_at is not None

    def test_another_tenants_agent_gets_its_own_key_and_writes_into_its_own_house(
        self, agent: Caller
    ) -> None:
        cast = agent.cast
        with tenant_scope(cast.other.pk):
            theirs = Caller(cast, *services.add_agent(by=cast.nils, name="plant"))
        assert theirs.get().content != agent.get().content
        assert theirs.log(entry(cast)).status_code == 200  # tells of Contoso's Mia and app
        assert agent.kept() == []
        with tenant_scope(cast.other.pk):
            [row] = StoredDecision.objects.all()
            assert row.subject is None  # nobody of theirs
        body = agent.events()[-1]
        assert (body["tenant"], body["decision"]) == (str(cast.other.pk), str(row.pk))
        assert "person" not in body


def unpacked(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
