"""What is known of each agent, and the pages on which admins look after them (P4)."""

import json
from datetime import timedelta
from typing import Any

from django.utils import timezone

from identity.tenancy import tenant_scope
from policy.models import OpaAgent, OpaToken
from policy.rulebook import Rulebook, shipped
from policy.signing import signer
from tests.integration.policy.callers import Caller
from tests.rules import put_in_force
from tests.scene import sign_in
from vault.models import TenantKey


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
        put_in_force(other_rules)
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
        put_in_force(other_rules)
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

    def test_the_admin_announces_a_signing_key_and_signs_by_it(self, agent: Caller) -> None:
        sign_in(agent.client, agent.cast.ada)
        keys, tenant = "/admin/vault/tenantkey/", agent.cast.tenant.pk
        with tenant_scope(tenant):
            old = signer().key_id(tenant)
            row = str(TenantKey.objects.first().pk)  # type: ignore[union-attr]

        def act(name: str) -> str:
            form = {"action": name, "_selected_action": [row]}
            return str(agent.client.post(keys, form, follow=True).content.decode())

        assert "Announce the next signing key first." in act("sign_by_announced")
        assert "is announced" in act("announce")
        with tenant_scope(tenant):
            [signs, announced] = signer().public_keys(tenant)
        assert signs == old
        etag = agent.get()["ETag"]
        assert f"{announced} signs from now on" in act("sign_by_announced")
        answer = agent.get(**{"if-none-match": etag})
        assert answer.status_code == 200  # the same rules, signed anew
        assert agent.get(f"/opa/v1/keys/{announced}.pem").status_code == 200
        assert agent.get(f"/opa/v1/keys/{old}.pem").status_code == 404
