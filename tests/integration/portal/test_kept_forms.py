"""A form that was sent when the sign-in had become too old comes back filled in, and nothing is sent."""

import json
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import App
from identity.models import KeptForm
from identity.services import forget_forms
from identity.tenancy import tenant_scope
from policy.inputs import Action
from portal import kept_forms
from tests.cast import Cast
from tests.conditions import FORM, FRESH, OLD, PASSWORD, TYPED, age, browser, key_of, leads_away, rule
from tests.live_apps import CANARIES, COMPANY, EMAIL, SECRET, VALUES, add
from tests.provider import DevelopmentProvider
from vault import keys
from vault.sealing import NO_APP

pytestmark = pytest.mark.usefixtures("trusted")


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
