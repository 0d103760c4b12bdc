"""Decision logs of agents: what is kept of them, and what is refused with nothing changed (P4, P5)."""

import gzip
import hashlib
import json
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from identity.tenancy import tenant_scope
from policy.agents import intake
from policy.agents.bodies import MOST_BYTES, MOST_SENT_BYTES
from policy.engines.embedded import EmbeddedEngine
from policy.inputs import Resource, to_document
from policy.models import StoredInput
from policy.rulebook import shipped
from tests.integration.policy.callers import Caller, entry
from tests.policy_facts import COMPANY, NOWHERE, app, subject


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

    def test_sent_by_several_at_once_each_is_kept_once(self, agent: Caller) -> None:
        entries = [entry(agent.cast) for _ in range(20)]
        taken: list[int] = []

        def send() -> None:
            caller = replace(agent, client=Client())
            taken.append(caller.log(*entries).json()["taken"])
            connections.close_all()

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken) == [0, 0, 0, 20]
        assert len(agent.kept()) == 20
        assert [event["kind"] for event in agent.events()].count("decision.denied") == 20

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
        assert agent.log(entry(agent.cast, path="theirs/allow"), {"query": "data.x"}).json() == {"taken": 0}
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
    return gzip.compress(json.dumps(document).encode(), mtime=0)


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
            (gzip.compress(b"[]", mtime=0)[:-4], "gzip", 400, "not_gzip"),
            (gzip.compress(b"[]", mtime=0) + b"more", "gzip", 400, "not_gzip"),
            (gzip.compress(b"[" * 100_000, mtime=0), "gzip", 400, "not_json"),
            (gzip.compress(b"\xff", mtime=0), "gzip", 400, "not_json"),
            (gzip.compress(b"[NaN]", mtime=0), "gzip", 400, "not_json"),
            (_packed({}), "gzip", 400, "not_a_log"),
            (_packed([1]), "gzip", 400, "bad_entry"),
            (_packed(["x"]), "gzip", 400, "bad_entry"),
            (_packed([{}] * (intake.MOST_ENTRIES + 1)), "gzip", 413, "too_many"),
            (gzip.compress(b" " * (MOST_BYTES + 1), mtime=0), "gzip", 413, "too_large"),
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
