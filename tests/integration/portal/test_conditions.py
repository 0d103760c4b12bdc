"""Conditional access over HTTP: at every door, with the form kept, the refusals, and the challenge."""

import json
import time
import uuid
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import Request, Vote
from catalog.models import App, Draft
from identity.models import KeptForm, User
from identity.services import forget_forms
from identity.tenancy import tenant_scope
from policy import services
from policy.inputs import Action
from policy.models import AccessRule, Network, StoredDecision
from portal import kept_forms
from tests import apps
from tests.cast import Cast
from tests.live_apps import CANARIES, COMPANY, EMAIL, FIELDS, NOTES, SECRET, VALUES, add, make_app
from tests.provider import CLIENT_ID, DevelopmentProvider
from tests.scene import sign_in
from vault import keys
from vault import services as vault
from vault.sealing import NO_APP

OLD = int(time.time()) - 3 * 3600
FORM = "/apps/leads/leads/new"
PASSWORD = "f_test0010"
TYPED = {
    EMAIL: VALUES[EMAIL],
    COMPANY: "Fabrikam & Söhne",
    NOTES: 'Two lines\n"quoted" <b>',
    PASSWORD: "hunter2",
}
FRESH = {"second_factor": True, "max_age_minutes": 15}


@pytest.fixture(autouse=True)
def trusted(settings: Any, provider: DevelopmentProvider) -> None:
    """A portal whose provider answers."""
    settings.OIDC = {**settings.OIDC, "issuer": provider.issuer, "client_id": CLIENT_ID}
    settings.SECRETS = {**settings.SECRETS, "oidc-client": provider.client_secret}


@pytest.fixture
def app(committed_cast: Cast) -> App:
    fields = [
        *FIELDS,
        {"id": PASSWORD, "name": "wifi", "label": "Wi-Fi", "type": "text", "classification": "credential"},
    ]
    return make_app(committed_cast.lena, fields=fields)


def browser(person: User, **claims: Any) -> Client:
    client = Client()
    sign_in(client, person, **claims)
    return client


def rule(cast: Cast, *actions: str, **said: Any) -> AccessRule:
    with tenant_scope(cast.tenant.pk):
        made = AccessRule(**{"name": "House rule", "actions": list(actions), **said})
        return services.save_access_rule(by=cast.ada, rule=made)


def key_of(client: Client, address: str) -> str:
    content = client.get(address).content.decode()
    return str(content.partition('name="key" value="')[2].partition('"')[0])


def leads_away(response: HttpResponse, provider: DevelopmentProvider, **asked: str) -> bool:
    """To the provider: by a redirect, or after a form by a page that goes on by itself."""
    url = response.get("Location", "")
    if not url:
        start = '<meta http-equiv="refresh" content="0; url='
        url = unescape(response.content.decode().partition(start)[2].partition('"')[0])
    query = parse_qs(urlsplit(url).query)
    return url.startswith(f"{provider.issuer}/") and all(
        query[name] == [value] for name, value in asked.items()
    )


def age(client: Client, **claims: Any) -> None:
    """The same session, later, or after the step-up that brought `claims`."""
    session = client.session
    session["sso"] = {**session["sso"], **claims}
    session.save()


class TestKeptForm:
    """A record's form that was sent when the sign-in had become too old."""

    @pytest.fixture
    def mia(self, app: App, committed_cast: Cast, provider: DevelopmentProvider) -> Client:
        rule(committed_cast, Action.RECORD_CREATE, **FRESH)
        client = browser(committed_cast.mia)
        sent = {"key": key_of(client, FORM), **TYPED}
        age(client, auth_time=OLD)
        answer = client.post(FORM, sent, headers={"referer": f"http://testserver{FORM}"})
        assert leads_away(answer, provider, max_age="900", acr_values="urn:devidp:loa:2")
        client.sent = sent  # type: ignore[attr-defined]
        return client

    def test_it_comes_back_filled_and_nothing_was_sent(self, mia: Client, app: App) -> None:
        age(mia, auth_time=int(time.time()))
        content = mia.get(FORM).content.decode()
        assert content.count("check the form and send it again") == 1
        assert f'value="{VALUES[EMAIL]}"' in content
        assert 'value="Fabrikam &amp; Söhne"' in content
        assert 'Two lines\n"quoted" &lt;b&gt;</textarea>' in content
        assert mia.sent["key"] in content  # type: ignore[attr-defined]
        assert "hunter2" not in content
        assert "Fabrikam" not in mia.get(FORM).content.decode(), "once"
        answer = mia.post(FORM, mia.sent)  # type: ignore[attr-defined]
        assert "/new" not in answer["Location"]

    def test_what_is_kept_is_sealed_and_holds_no_credential(self, mia: Client, committed_cast: Cast) -> None:
        with tenant_scope(committed_cast.tenant.pk):
            row = KeptForm.objects.get()
            text = keys.decrypt(row.tenant_id, NO_APP, kept_forms.FIELD, row.pk, bytes(row.sealed))
        assert row.expires_at - timezone.now() <= timedelta(minutes=15)
        values = json.loads(text)["values"]
        assert values[COMPANY] == [TYPED[COMPANY]]
        assert PASSWORD not in values
        for canary in (*CANARIES, "Fabrikam", "hunter2"):
            assert canary.encode() not in bytes(row.sealed)
            assert canary not in json.dumps(dict(mia.session))

    def test_it_is_for_its_page_and_its_person_alone(self, mia: Client, committed_cast: Cast) -> None:
        age(mia, auth_time=int(time.time()))
        assert "check the form" not in mia.get("/apps/").content.decode()
        omar = browser(committed_cast.omar)
        session = omar.session
        session[kept_forms.SESSION_KEY] = mia.session[kept_forms.SESSION_KEY]
        session.save()
        assert "Fabrikam" not in omar.get(FORM).content.decode()
        assert "Fabrikam" in mia.get(FORM).content.decode()

    def test_it_is_gone_after_a_while(self, mia: Client, committed_cast: Cast) -> None:
        age(mia, auth_time=int(time.time()))
        with tenant_scope(committed_cast.tenant.pk):
            KeptForm.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert forget_forms() == 1
        with tenant_scope(committed_cast.tenant.pk):
            assert not KeptForm.objects.exists()
        assert "Fabrikam" not in mia.get(FORM).content.decode()

    def test_nothing_comes_back_after_its_time(self, mia: Client, committed_cast: Cast) -> None:
        age(mia, auth_time=int(time.time()))
        with tenant_scope(committed_cast.tenant.pk):
            KeptForm.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert "Fabrikam" not in mia.get(FORM).content.decode()

    def test_one_that_is_too_large_is_said_to_be_lost(
        self, app: App, committed_cast: Cast, provider: DevelopmentProvider
    ) -> None:
        rule(committed_cast, Action.RECORD_CREATE, **FRESH)
        client = browser(committed_cast.mia)
        sent = {"key": key_of(client, FORM), **TYPED, "junk": "x" * kept_forms.MOST_BYTES}
        age(client, auth_time=OLD)
        assert leads_away(client.post(FORM, sent, headers={"referer": f"http://testserver{FORM}"}), provider)
        age(client, auth_time=int(time.time()))
        content = client.get(FORM).content.decode()
        assert "could not be kept" in content
        assert "Fabrikam" not in content

    def test_a_person_keeps_five_at_most(self, app: App, committed_cast: Cast) -> None:
        rule(committed_cast, Action.RECORD_CREATE, **FRESH)
        client = browser(committed_cast.mia)
        sent = {"key": key_of(client, FORM), **TYPED}
        age(client, auth_time=OLD)
        for number in range(7):
            client.post(FORM, sent, headers={"referer": f"http://testserver{FORM}?n={number}"})
        with tenant_scope(committed_cast.tenant.pk):
            assert KeptForm.objects.count() == 5
        assert len(client.session[kept_forms.SESSION_KEY]) == 5


def test_a_form_that_is_asked_for_too_late_leads_away_before_it_is_filled_in(
    app: App, committed_cast: Cast, provider: DevelopmentProvider
) -> None:
    rule(committed_cast, Action.RECORD_CREATE, **FRESH)
    assert leads_away(browser(committed_cast.mia, auth_time=OLD).get(FORM), provider)


def test_a_reveal_by_htmx_leads_the_whole_page_away(
    app: App, committed_cast: Cast, provider: DevelopmentProvider
) -> None:
    record = add(app, committed_cast.mia)
    omar = browser(committed_cast.omar, auth_time=OLD)
    page = f"/apps/leads/leads/{record}"
    headers = {"hx-request": "true", "hx-current-url": f"http://testserver{page}"}
    answer = omar.post(f"{page}/reveal/{SECRET}", headers=headers)
    assert answer["HX-Redirect"].startswith(provider.issuer)
    age(omar, auth_time=int(time.time()))
    assert "check the form and send it again" in omar.get(page).content.decode()


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
    ada = browser(committed_cast.ada, auth_time=OLD)
    answer = ada.get("/api/v1/thing")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == (
        'Bearer error="insufficient_user_authentication", '
        'error_description="A different authentication level is required", '
        'acr_values="urn:devidp:loa:2", max_age="3600"'
    )
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:microapps:error:insufficient_user_authentication"
    age(ada, auth_time=int(time.time()))
    assert ada.get("/api/v1/thing").status_code == 200


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
