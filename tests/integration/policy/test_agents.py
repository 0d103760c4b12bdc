"""What agents pull and push, and what is refused: a clear problem, and nothing has changed (P4)."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.test import Client
from django.utils import timezone

from identity.errors import BadInput, Conflict
from identity.tenancy import tenant_scope
from policy import bundles, revisions
from policy.agents import intake, services, views
from policy.agents.bodies import MOST_BYTES, MOST_SENT_BYTES
from policy.engines.embedded import EmbeddedEngine
from policy.inputs import Resource, to_document
from policy.models import OpaAgent, OpaToken, StoredDecision, StoredInput
from policy.rulebook import Rulebook, shipped
from tests.cast import Cast
from tests.policy_facts import COMPANY, NOWHERE, app, subject
from tests.scene import sign_in
from tests.services import POSTGRES

BUNDLE = "/opa/v1/bundles/portal.tar.gz"


@dataclass
class Caller:
    """An agent as the portal sees it: a row, a token, and the calls that it makes."""

    cast: Cast
    row: OpaAgent
    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str = BUNDLE, **headers: str) -> Any:
        return self.client.get(path, headers={"authorization": f"Bearer {self.token}"} | headers)

    def post(self, path: str, body: bytes, encoding: str = "gzip") -> Any:
        headers = {"authorization": f"Bearer {self.token}"} | (
            {"content-encoding": encoding} if encoding else {}
        )
        return self.client.generic("POST", path, body, content_type="application/json", headers=headers)

    def log(self, *entries: Any) -> Any:
        return self.post("/opa/v1/logs", gzip.compress(json.dumps(entries).encode()))

    def kept(self) -> list[StoredDecision]:
        with tenant_scope(self.cast.tenant.pk):
            return list(StoredDecision.objects.filter(engine=self.row.engine))

    def events(self) -> list[dict[str, Any]]:
        """What is on the record, numbered or not."""
        with psycopg.connect(POSTGRES.url()) as server:
            rows = server.execute("SELECT body FROM ledger.event ORDER BY id").fetchall()
        return [json.loads(row[0]) for row in rows]

    def fresh(self) -> OpaAgent:
        with tenant_scope(self.cast.tenant.pk):
            return OpaAgent.objects.get(pk=self.row.pk)


@pytest.fixture
def agent(committed_cast: Cast) -> Caller:
    """An agent of Contoso."""
    with tenant_scope(committed_cast.tenant.pk):
        return Caller(committed_cast, *services.add_agent(by=committed_cast.ada, name="plant"))


@pytest.fixture
def other_rules() -> Iterator[Rulebook]:
    """Another revision, that a test may put in force."""
    yield Rulebook((*shipped().modules, ("zz_more.rego", "package portal.more\n")))
    revisions.put_in_force(shipped())


def entry(cast: Cast, **changes: Any) -> dict[str, Any]:
    """A denial as OPA tells of it: Mia, who has no role in the app, wants to change a record."""
    app_ = {"id": str(uuid.uuid4()), "tenant": str(cast.tenant.pk), "state": "live"}
    facts = {
        "action": "record.update",
        "subject": {"id": str(cast.mia.pk), "tenant": str(cast.tenant.pk), "active": True},
        "resource": {"tenant": str(cast.tenant.pk), "app": app_, "dataset": "leads"},
        "context": {"requester": str(cast.mia.pk)},
    }
    finding = {"case": "permission", "kind": "deny", "params": {"action": "record.update"}}
    result = {
        "allow": False,
        "findings": {"access.app_role": [finding]},
        "obligations": {"mask": {}, "flags": []},
        "tier": {"name": "none", "steps": [], "because": []},
    }
    return {
        "labels": {"id": "x", "version": "1.22.2", "host": "mias-laptop"},
        "decision_id": str(uuid.uuid4()),
        "bundles": {"portal": {"revision": shipped().revision}},
        "path": "portal/main/decision",
        "input": facts,
        "result": result,
        "requested_by": "192.0.2.7:1234",
        "timestamp": "2026-01-02T03:04:05.123456789Z",
        "metrics": {"timer_server_handler_ns": 2_500_000},
        **changes,
    }


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
        from policy.agents import archives  # its cache, which another process does not share

        first = agent.get()
        archives._kept.clear()
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
        revisions.put_in_force(other_rules)
        other = agent.get(**{"if-none-match": first["ETag"]})
        assert other.status_code == 200
        assert json.loads(unpacked(other.content)[".manifest"])["revision"] == other_rules.revision

    def test_discovery_says_where_everything_is(self, agent: Caller) -> None:
        answer = agent.get("/opa/v1/discovery.tar.gz")
        files = unpacked(answer.content)
        told = json.loads(files["data.json"])
        assert set(told) == {"keys", "bundles", "decision_logs", "status"}
        [token] = json.loads(files[".signatures.json"])["signatures"]
        [(key_id, key)] = told["keys"].items()
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
        request = type("R", (), {"headers": {"Prefer": "wait=86400"}})()
        assert views._wanted_wait(request) == 20


def test_a_token_revoked_during_the_wait_gets_nothing(
    committed_cast: Cast, serve: Callable[..., str], other_rules: Rulebook
) -> None:
    import httpx  # one call over a socket, since it has to wait in another thread

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
        pass
    with tenant_scope(committed_cast.tenant.pk):
        services.revoke_agent(by=committed_cast.ada, agent=row)
    revisions.put_in_force(other_rules)
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
        from tests.tokens import make_token  # for this one test

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


class TestLogs:
    def test_a_decision_is_kept_like_the_portals_own(self, agent: Caller) -> None:
        one = entry(agent.cast)
        answer = agent.log(one)
        assert (answer.status_code, answer.json()) == (200, {"taken": 1})
        [row] = agent.kept()
        assert str(row.reported_id) == one["decision_id"]
        assert (row.allowed, row.action, row.subject) == (False, "record.update", agent.cast.mia.pk)
        assert (row.engine, row.revision, row.duration_ms) == ("agent:plant", shipped().revision, 2.5)
        assert row.decided_at.isoformat() == "2026-01-02T03:04:05.123456+00:00"
        body = agent.events()[-1]
        assert (body["kind"], body["decision"]) == ("decision.denied", str(row.pk))
        assert body["object"] == f"opaagent:{agent.row.pk}"
        assert body["person"] == str(agent.cast.mia.pk)
        assert "actor" not in body  # on the agent's word: nobody here saw her act
        assert body["facts"]["engine"] == "agent:plant"

    def test_sent_again_it_changes_nothing(self, agent: Caller) -> None:
        one, two = entry(agent.cast), entry(agent.cast)
        agent.log(one)
        events = agent.events()
        assert [event["kind"] for event in events].count("decision.denied") == 1
        assert agent.log(one).json() == {"taken": 0}
        assert agent.events() == events
        assert agent.log(one, two, two).json() == {"taken": 1}
        assert len(agent.kept()) == 2

    def test_only_facts_are_kept(self, agent: Caller) -> None:
        one = entry(agent.cast)
        one["input"]["subject"]["email"] = "mia@contoso.example"
        one["input"]["resource"]["app"]["datasets"] = [
            {"key": "leads", "fields": [{"id": "f", "value": "Mia"}]}
        ]
        one["input"]["context"]["raw"] = "a text where there is none"
        one["input"]["subject"]["roles"] = ["builder", {"name": "Mia"}]
        one["input"]["secret"] = "Mia"
        assert agent.log(one).status_code == 200
        [row] = agent.kept()
        with tenant_scope(agent.cast.tenant.pk):
            text = StoredInput.objects.get(digest=row.input_digest).document
        assert hashlib.sha256(text.encode()).hexdigest() == row.input_digest
        kept = json.loads(text)
        assert kept["subject"]["roles"] == ["builder"]
        assert kept["resource"]["app"]["datasets"] == [{"fields": [{"id": "f"}], "key": "leads"}]
        for word in ("mia@", '"Mia"', "192.0.2.7", "mias-laptop", "a text"):
            assert word not in text

    def test_what_the_portal_would_only_count_is_counted(self, agent: Caller) -> None:
        allowed = {**entry(agent.cast)["result"], "allow": True, "findings": {}}
        read = entry(agent.cast, result=allowed)
        read["input"]["action"] = "record.list"
        write = entry(agent.cast, result=allowed)
        assert agent.log(read, write).json() == {"taken": 2}
        assert [row.action for row in agent.kept()] == ["record.update"]

    def test_no_answer_is_a_denial(self, agent: Caller) -> None:
        undefined, odd = entry(agent.cast), entry(agent.cast, result={"allow": "yes"}, bundles={})
        del undefined["result"]
        assert agent.log(undefined, odd).status_code == 200
        assert {(row.allowed, row.reasons[0]["code"]) for row in agent.kept()} == {
            (False, "engine.unavailable")
        }

    def test_entries_of_other_rules_are_passed_over(self, agent: Caller) -> None:
        assert agent.log(entry(agent.cast, path="theirs/allow"), {"path": "x"}).json() == {"taken": 0}
        assert agent.kept() == []

    def test_hostile_texts_are_kept_as_texts(self, agent: Caller) -> None:
        one = entry(agent.cast)
        one["input"]["resource"]["dataset"] = "a\x00b\ud800\"'\\\n"
        assert agent.log(one).status_code == 200
        assert len(agent.kept()) == 1

    def test_a_time_that_has_not_come_is_now(self, agent: Caller) -> None:
        agent.log(entry(agent.cast, timestamp="2999-01-01T00:00:00Z"))
        assert agent.kept()[0].decided_at <= timezone.now()


def _packed(document: Any) -> bytes:
    return gzip.compress(json.dumps(document).encode())


BAD_ENTRIES: dict[str, dict[str, Any]] = {
    "no id": {"decision_id": None},
    "an id that is none": {"decision_id": "one"},
    "no time": {"timestamp": "yesterday"},
    "a time of nowhere": {"timestamp": "2026-01-02T03:04:05"},
    "an odd revision": {"bundles": {"portal": {"revision": "'; DROP"}}},
    "odd bundles": {"bundles": []},
    "odd metrics": {"metrics": {"timer_server_handler_ns": []}},
    "a code that is a text": {"result": {"allow": False, "findings": {"Mia Novak!": []}}},
}


class TestBadInput:
    """Each is refused whole, with what is wrong, and nothing has changed."""

    def refused(self, agent: Caller, answer: Any, status: int, code: str) -> None:
        assert answer.status_code == status, answer.content
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == f"urn:microapps:error:{code}"
        assert agent.kept() == []

    @pytest.mark.parametrize(
        ("body", "encoding", "status", "code"),
        [
            (b"[]", "", 400, "not_gzip"),
            (b"[]", "br", 400, "not_gzip"),
            (b"[]", "gzip", 400, "not_gzip"),
            (b"", "gzip", 400, "not_gzip"),
            (gzip.compress(b"[]")[:-4], "gzip", 400, "not_gzip"),
            (gzip.compress(b"[]") + b"more", "gzip", 400, "not_gzip"),
            (gzip.compress(b"[" * 100_000), "gzip", 400, "not_json"),
            (gzip.compress(b"\xff"), "gzip", 400, "not_json"),
            (gzip.compress(b"[NaN]"), "gzip", 400, "not_json"),
            (_packed({}), "gzip", 400, "not_a_log"),
            (_packed([1]), "gzip", 400, "bad_entry"),
            (_packed([{}]), "gzip", 400, "bad_entry"),
            (_packed([{}] * (intake.MOST_ENTRIES + 1)), "gzip", 413, "too_many"),
            (gzip.compress(b" " * (MOST_BYTES + 1)), "gzip", 413, "too_large"),
            (b"x" * (MOST_SENT_BYTES + 1), "gzip", 413, "too_large"),
        ],
    )
    def test_bodies(self, agent: Caller, body: bytes, encoding: str, status: int, code: str) -> None:
        before = agent.events()
        self.refused(agent, agent.post("/opa/v1/logs", body, encoding), status, code)
        assert agent.events() == before

    def test_a_body_that_is_not_even_read(self, agent: Caller) -> None:
        answer = agent.post("/opa/v1/logs", b"x" * (6 * 1024 * 1024))
        assert answer.status_code == 413
        assert answer["Content-Type"] == "application/problem+json"

    @pytest.mark.parametrize("kind", BAD_ENTRIES)
    def test_entries(self, agent: Caller, kind: str) -> None:
        bad = BAD_ENTRIES[kind]
        if "result" in bad:
            whole = entry(agent.cast)["result"]
            found = {"Mia Novak!": whole["findings"]["access.app_role"]}
            bad = {"result": {**whole, "findings": found}}
        answer = agent.log(entry(agent.cast), entry(agent.cast, **bad))
        self.refused(agent, answer, 400, "bad_entry")
        assert "1" in answer.json()["detail"]

    @pytest.mark.parametrize("body", [b"[]", b"1", b'{"bundles": []}', b'{"bundles": {"portal": 1}}', b"{"])
    def test_status(self, agent: Caller, body: bytes) -> None:
        answer = agent.post("/opa/v1/status", body, "")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert agent.fresh().reported_at is None


class TestStatus:
    def report(self, agent: Caller, **ours: Any) -> OpaAgent:
        body = {"labels": {"version": "1.22.2", "host": "mias-laptop"}, "bundles": {"portal": ours}}
        assert agent.post("/opa/v1/status", json.dumps(body).encode(), "").status_code == 200
        return agent.fresh()

    def test_it_says_what_the_agent_runs(self, agent: Caller, other_rules: Rulebook) -> None:
        row = self.report(agent, active_revision=shipped().revision)
        assert (row.revision, row.version, row.fault) == (shipped().revision, "1.22.2", "")
        since = row.current_at
        assert since is not None
        revisions.put_in_force(other_rules)
        row = self.report(agent, active_revision=shipped().revision, code="bundle_error", message="Mia")
        assert (row.fault, row.current_at) == ("bundle_error", since)
        row = self.report(agent, active_revision=other_rules.revision)
        assert row.current_at is not None
        assert row.current_at > since

    def test_odd_words_are_not_kept(self, agent: Caller) -> None:
        row = self.report(agent, active_revision="Mia", code="Mia <b>")
        assert (row.revision, row.fault) == ("", "fault")

    def test_no_event_tells_of_it(self, agent: Caller) -> None:
        before = agent.events()
        self.report(agent, active_revision=shipped().revision)
        assert agent.events() == before


class TestPages:
    def page(self, agent: Caller, path: str = "/policy/agents/") -> str:
        sign_in(agent.client, agent.cast.ada)
        answer = agent.client.get(path)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def test_the_list_tells_who_is_behind(self, agent: Caller, other_rules: Rulebook) -> None:
        assert "Never seen" in self.page(agent)
        agent.get(**{"if-none-match": agent.get()["ETag"]})
        assert "Up to date" in self.page(agent)
        revisions.put_in_force(other_rules)
        assert ">Behind<" in self.page(agent)
        with tenant_scope(agent.cast.tenant.pk):
            OpaAgent.objects.update(seen_at=timezone.now() - timedelta(minutes=6))
            assert "Silent" in self.page(agent)
            OpaAgent.objects.update(fault="bundle_error")
        assert "Refuses its bundle" in self.page(agent)

    def test_it_has_pages_and_a_beginning(self, agent: Caller) -> None:
        cast = agent.cast
        with tenant_scope(cast.tenant.pk):
            for number in range(50):
                OpaAgent.objects.create(tenant=cast.tenant, name=f"agent-{number:02}")
        assert "plant" not in self.page(agent)
        assert "plant" in self.page(agent, "/policy/agents/?page=2")
        with tenant_scope(cast.tenant.pk):
            OpaToken.objects.all().delete()
            OpaAgent.objects.all().delete()
        assert "No agents yet" in self.page(agent)

    def test_the_admin_shows_a_token_once_with_the_configuration(self, agent: Caller) -> None:
        sign_in(agent.client, agent.cast.ada)
        answer = agent.client.post("/admin/policy/opaagent/add/", {"name": "edge", "lifetime": "90"})
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        text = answer.content.decode()
        token = text.split('data-copy="')[1].split('"')[0]
        assert token.startswith("opa_")
        assert "BEGIN PUBLIC KEY" in text
        agent.token = token
        assert agent.get().status_code == 200
        for path in ("/admin/policy/opaagent/", "/admin/policy/opatoken/"):
            assert token not in self.page(agent, path)

    def test_the_admin_replaces_and_revokes(self, agent: Caller) -> None:
        sign_in(agent.client, agent.cast.ada)
        admin = "/admin/policy/opaagent/"
        answer = agent.client.post(f"{admin}{agent.row.pk}/rotate/", {"overlap": "0", "lifetime": ""})
        assert agent.get().status_code == 401
        agent.token = answer.content.decode().split('data-copy="')[1].split('"')[0]
        assert agent.get().status_code == 200
        agent.client.post(admin, {"action": "revoke", "_selected_action": [str(agent.row.pk)]})
        assert agent.get().status_code == 401
        assert agent.client.get(f"{admin}{agent.row.pk}/rotate/").status_code == 404

    def test_the_admin_takes_no_second_of_a_name_and_no_odd_one(self, agent: Caller) -> None:
        sign_in(agent.client, agent.cast.ada)
        for name in ("plant", "Plant One", ""):
            answer = agent.client.post("/admin/policy/opaagent/add/", {"name": name, "lifetime": ""})
            assert b"opa_" not in answer.content
        with tenant_scope(agent.cast.tenant.pk):
            assert OpaAgent.objects.count() == 1


def unpacked(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]


def test_what_the_rules_say_of_an_input_is_an_entry_that_is_taken(agent: Caller) -> None:
    """The embedded engine's own answer, as an agent would log it."""
    who = subject(id=str(agent.cast.mia.pk), tenant=str(agent.cast.tenant.pk), groups=frozenset())
    resource = Resource(tenant=str(agent.cast.tenant.pk), app=app(COMPANY), dataset="leads")
    document = to_document(who, "record.update", resource, NOWHERE)
    engine = EmbeddedEngine(shipped(), seconds=5)
    try:
        result = engine.evaluate(document)
    finally:
        engine.close()
    assert agent.log(entry(agent.cast, input=document, result=result)).json() == {"taken": 1}
    [row] = agent.kept()
    assert row.reasons
    with tenant_scope(agent.cast.tenant.pk):
        assert json.loads(StoredInput.objects.get(digest=row.input_digest).document) == document
