"""Conditional access over HTTP: at every door, the refusals, and the challenge."""

import time
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import Request, Vote
from catalog.models import App, Draft
from identity.models import User
from identity.tenancy import tenant_scope
from policy import services
from policy.inputs import Action
from policy.models import AccessRule, Network, StoredDecision
from tests import apps
from tests.cast import Cast
from tests.conditions import FRESH, OLD, age, browser, key_of, leads_away, rule
from tests.provider import DevelopmentProvider
from tests.tokens import caller, make_token, proof
from vault import services as vault

pytestmark = pytest.mark.usefixtures("trusted")


class TestRefused:
    """What no sign-in cures is a page with the reason and the way out."""

    @pytest.mark.parametrize(
        ("demand", "claims", "title"),
        [
            ({"device": True}, {"device_compliant": False}, "This device is not accepted here"),
            ({"device": True}, {}, "This device is not accepted here"),
            ({"second_factor": True, "effect": "deny"}, {"acr": "low"}, "This takes another sign-in"),
        ],
    )
    def test_device_and_sign_in(
        self, app: App, committed_cast: Cast, demand: dict[str, Any], claims: dict[str, Any], title: str
    ) -> None:
        rule(committed_cast, Action.RECORD_LIST, name="Managed only", **demand)
        answer = browser(committed_cast.mia, **claims).get("/apps/leads/leads/")
        content = answer.content.decode()
        assert answer.status_code == 403
        assert f"<h1>{title}</h1>" in content
        assert "Managed only" in content
        assert "access.conditions" in content
        with tenant_scope(committed_cast.tenant.pk):
            assert StoredDecision.objects.filter(allowed=False, action="record.list").count() == 1

    def test_network_and_risk(self, app: App, committed_cast: Cast) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            office = services.save_network(
                by=committed_cast.ada, network=Network(name="Office", blocks=["192.0.2.0/24"])
            )
        made = rule(committed_cast, Action.RECORD_LIST, networks=[str(office.pk)], max_risk="low")
        mia = browser(committed_cast.mia)
        address = "/apps/leads/leads/"
        assert mia.get(address, REMOTE_ADDR="192.0.2.9").status_code == 200
        refused = mia.get(address, REMOTE_ADDR="198.51.100.9", HTTP_X_FORWARDED_FOR="192.0.2.9")
        assert "Not from this network" in refused.content.decode()
        assert "Office" in refused.content.decode()
        User.objects.filter(pk=committed_cast.mia.pk).update(risk="high", risk_at=timezone.now())
        refused = mia.get(address, REMOTE_ADDR="192.0.2.9")
        assert "reported to be at risk" in refused.content.decode()
        with tenant_scope(committed_cast.tenant.pk):
            services.remove_access_rule(by=committed_cast.ada, rule=made)
        assert mia.get(address).status_code == 200, "at the next request"

    def test_a_method_that_the_provider_did_not_use_is_not_asked_for_for_ever(
        self, app: App, committed_cast: Cast, provider: DevelopmentProvider
    ) -> None:
        rule(committed_cast, Action.RECORD_LIST, amr="hwk")
        older = browser(committed_cast.mia, auth_time=int(time.time()) - 600).get("/apps/leads/leads/")
        assert leads_away(older, provider, max_age="0")
        fresh = browser(committed_cast.mia).get("/apps/leads/leads/")
        assert fresh.status_code == 403
        assert "another method" in fresh.content.decode()


class TestDoors:
    """The other places at which rules are asked."""

    def test_a_vote(self, committed_cast: Cast, provider: DevelopmentProvider) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            vault.provision(by=None, tenant=committed_cast.tenant.pk)
            apps.seed(committed_cast.lena)
            version = apps.submitted(committed_cast.lena)
            request = Request.objects.get(pk=version.request)
        rule(committed_cast, Action.APPROVAL_VOTE, classifications=["pii"], **FRESH)
        page = request.get_absolute_url()
        omar = browser(committed_cast.omar, auth_time=OLD)
        sent = {
            "verdict": "reject",
            "digest": request.digest,
            "key": str(uuid.uuid4()),
            "comment": "Too dear",
        }
        answer = omar.post(f"{page}decide/", sent, headers={"referer": f"http://testserver{page}"})
        assert leads_away(answer, provider)
        age(omar, auth_time=int(time.time()))
        content = omar.get(page).content.decode()
        assert "Too dear</textarea>" in content
        with tenant_scope(committed_cast.tenant.pk):
            assert not Vote.objects.exists()
        assert omar.post(f"{page}decide/", sent).status_code == 302
        with tenant_scope(committed_cast.tenant.pk):
            kept = StoredDecision.objects.filter(action="approval.vote").order_by("id")
            assert [(one.allowed, one.obligations["step_up"]) for one in kept] == [
                (True, True),
                (True, False),
            ]
            assert Vote.objects.get().comment == "Too dear"

    def test_a_vote_is_free_where_its_data_is_not_meant(self, committed_cast: Cast) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            apps.seed(committed_cast.lena)
            version = apps.submitted(committed_cast.lena)
            request = Request.objects.get(pk=version.request)
        rule(committed_cast, Action.APPROVAL_VOTE, classifications=["health"], device=True)
        sent = {"verdict": "approve", "digest": request.digest, "key": str(uuid.uuid4())}
        answer = browser(committed_cast.omar).post(f"{request.get_absolute_url()}decide/", sent)
        assert answer.status_code == 302

    def test_a_submission_and_the_launch_that_follows_from_it(
        self, committed_cast: Cast, provider: DevelopmentProvider
    ) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            apps.seed(committed_cast.lena)
            draft = apps.drafted(committed_cast.lena, apps.LOW_RISK)
        rule(committed_cast, Action.APP_GO_LIVE, **FRESH)
        address = f"/build/{draft.pk}/submit/"
        lena = browser(committed_cast.lena, auth_time=OLD)
        assert lena.get(address).status_code == 200
        sent = {"do": "submit", "revision": draft.revision}
        answer = lena.post(address, sent, headers={"referer": f"http://testserver{address}"})
        assert leads_away(answer, provider)
        with tenant_scope(committed_cast.tenant.pk):
            assert Draft.objects.get().version is None, "all of it was rolled back"
        age(lena, auth_time=int(time.time()))
        assert lena.post(address, sent).status_code == 302
        with tenant_scope(committed_cast.tenant.pk):
            assert not Draft.objects.exists()

    def test_an_export(self, app: App, committed_cast: Cast, provider: DevelopmentProvider) -> None:
        rule(committed_cast, Action.RECORD_EXPORT, min_level=3, **FRESH)
        mia = browser(committed_cast.mia, auth_time=OLD)
        address = "/apps/leads/leads/export"
        sent = {"key": key_of(mia, address), "purpose": "Hand over", "target": "eu"}
        # people have to agree first: presence is asked for when the file is taken
        assert "/exports/" in mia.post(address, sent)["Location"]

    def test_the_admin_pages(self, committed_cast: Cast, provider: DevelopmentProvider) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            vault.provision(by=None, tenant=committed_cast.tenant.pk)
        ada = browser(committed_cast.ada, auth_time=int(time.time()) - 1800)
        address = "/admin/policy/network/add/"
        assert ada.get(address).status_code == 200
        sent = {"name": "Harbour", "blocks": "192.0.2.0/24"}
        age(ada, auth_time=OLD)
        assert leads_away(
            ada.post(address, sent, headers={"referer": f"http://testserver{address}"}), provider
        )
        age(ada, auth_time=int(time.time()))
        content = ada.get(address).content.decode()
        assert 'value="Harbour"' in content
        assert "192.0.2.0/24</textarea>" in content
        assert "check the form and send it again" in content
        assert ada.post(address, sent).status_code == 302
        with tenant_scope(committed_cast.tenant.pk):
            assert Network.objects.get().blocks == ["192.0.2.0/24"]


class TestAdmin:
    """Rules as an admin writes them."""

    ADD = "/admin/policy/accessrule/add/"

    def test_a_preview_saves_nothing_and_says_what_is_touched(self, app: App, committed_cast: Cast) -> None:
        ada = browser(committed_cast.ada)
        sent = {"name": "Managed", "is_enabled": "on", "min_level": "3", "device": "on", "effect": "step_up"}
        sent["actions"] = "record.list"
        content = ada.post(self.ADD, {**sent, "_preview": "Preview"}).content.decode()
        assert "Spring leads" in content
        assert "3 people may use" in content
        assert "Personal" in content
        assert 'value="Managed"' in content
        with tenant_scope(committed_cast.tenant.pk):
            assert not AccessRule.objects.exists()
        assert ada.post(self.ADD, {**sent, "_save": "Save"}).status_code == 302
        with tenant_scope(committed_cast.tenant.pk):
            assert AccessRule.objects.get(name="Managed").min_level == 3

    def test_a_rule_that_shuts_its_admin_out_is_refused(self, committed_cast: Cast) -> None:
        sent = {
            "name": "Managed",
            "is_enabled": "on",
            "actions": "admin.use",
            "device": "on",
            "effect": "deny",
        }
        content = browser(committed_cast.ada).post(self.ADD, sent).content.decode()
        assert "would shut you out" in content
        with tenant_scope(committed_cast.tenant.pk):
            assert not AccessRule.objects.exists()
        assert browser(committed_cast.ada, device_compliant=True).post(self.ADD, sent).status_code == 302

    @pytest.mark.parametrize(
        "wrong", [{}, {"max_age_minutes": "0"}, {"actions": "record.fly", "device": "on"}]
    )
    def test_what_makes_no_sense_is_said_at_the_form(
        self, committed_cast: Cast, wrong: dict[str, str]
    ) -> None:
        answer = browser(committed_cast.ada).post(
            self.ADD, {"name": "x", "is_enabled": "on", "effect": "deny", **wrong}
        )
        assert answer.status_code == 200
        assert "errornote" in answer.content.decode()

    def test_a_risk_is_reported_and_cleared(self, committed_cast: Cast) -> None:
        ada = browser(committed_cast.ada)
        for action, level in (("report_high_risk", "high"), ("clear_risk", "low")):
            ada.post(
                "/admin/identity/user/", {"action": action, "_selected_action": str(committed_cast.mia.pk)}
            )
            assert User.objects.get(pk=committed_cast.mia.pk).risk == level


@pytest.mark.urls("tests.integration.portal.conditions_urls")
def test_an_api_is_told_what_token_to_bring(committed_cast: Cast) -> None:
    _row, stale = make_token(committed_cast.ada, proof=proof(committed_cast.ada, auth_time=OLD))
    _row, fresh = make_token(committed_cast.ada, proof=proof(committed_cast.ada))
    answer = caller(stale).get("/api/v1/thing")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == (
        'Bearer error="insufficient_user_authentication", '
        'error_description="A different authentication level is required", '
        'acr_values="urn:devidp:loa:2", max_age="3600"'
    )
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:microapps:error:insufficient_user_authentication"
    assert caller(fresh).get("/api/v1/thing").status_code == 200


def test_rules_cost_no_query(app: App, committed_cast: Cast) -> None:
    mia = browser(committed_cast.mia)

    def queries() -> int:
        mia.get("/apps/leads/leads/")
        with CaptureQueriesContext(connection) as captured:
            assert mia.get("/apps/leads/leads/").status_code == 200
        return len(captured)

    without = queries()
    rule(committed_cast, Action.RECORD_LIST, name="One", **FRESH)
    rule(committed_cast, Action.RECORD_LIST, name="Two", second_factor=True, min_level=1)
    assert queries() == without
