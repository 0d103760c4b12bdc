"""Sign-in end to end: the portal here, the provider in its own process, the browser over HTTP."""

import html
import re
import time

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from identity import services
from identity.models import LoginSession, Tenant, User
from identity.step_up import require_step_up
from identity.tenancy import tenant_scope
from portal import urls as site
from tests.integration.identity.conftest import sign_in
from tests.provider import LENA, OMAR, Browser, answer_of

pytestmark = pytest.mark.django_db
LOW, HIGH = "urn:devidp:loa:1", "urn:devidp:loa:2"


def protected(request):
    """A page that needs a second factor, at most a minute old."""
    return require_step_up(request, acr=HIGH, max_age=60) or HttpResponse("inside")


def at_once(request):
    """A page that needs a sign-in made for it."""
    return require_step_up(request, acr=HIGH, max_age=0) or HttpResponse("inside")


urlpatterns = [*site.urlpatterns, path("safe/", protected), path("now/", at_once)]
handler403 = site.handler403


def test_button_leads_to_the_provider_and_back(trusted, provisioned, client: Client) -> None:
    page = client.get("/sign-in/?next=/admin/")
    assert b"Continue with Development provider" in page.content
    assert trusted.issuer in page["Content-Security-Policy"]
    answer = sign_in(client, Browser(), LENA, "/health/live")
    assert (answer.status_code, answer["Location"]) == (302, "/health/live")
    assert client.session["_auth_user_id"] == str(provisioned[LENA].pk)
    context = client.session["sso"]
    assert (context["sub"], context["acr"]) == (LENA, LOW)
    assert abs(context["auth_time"] - time.time()) < 120


def test_request_carries_pkce_nonce_and_state(trusted, client: Client) -> None:
    first = answer_of(client.post("/sign-in/")["Location"])
    second = answer_of(client.post("/sign-in/")["Location"])
    assert first["code_challenge_method"] == "S256"
    assert first["redirect_uri"] == "http://testserver/sign-in/callback/"
    for name in ("code_challenge", "nonce", "state"):
        assert first[name] != second[name]


def test_nothing_of_the_query_reaches_the_provider(trusted, client: Client) -> None:
    hostile = (
        "?process=connect&scope=offline_access&auth_params=prompt%3Dnone%26acr_values%3Dx&action=rerequest"
    )
    asked = answer_of(client.post(f"/sign-in/{hostile}", headers={"host": "testserver"})["Location"])
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert not {"prompt", "acr_values", "process"} & set(asked)


@pytest.mark.parametrize(
    "wish", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_next_stays_here(trusted, provisioned, client: Client, wish: str) -> None:
    assert sign_in(client, Browser(), LENA, wish)["Location"] == "/"


def test_a_link_alone_starts_nothing(trusted, client: Client) -> None:
    assert client.get("/sign-in/").status_code == 200
    assert Client(enforce_csrf_checks=True).post("/sign-in/").status_code == 403


def test_signing_in_changes_the_session_key(trusted, provisioned, client: Client) -> None:
    start = client.post("/sign-in/")
    before = client.session.session_key
    back = Browser().sign_in(start["Location"], LENA)
    client.get(back.removeprefix("http://testserver"))
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_somebody_else_s_answer_is_refused(trusted, provisioned) -> None:
    """Login CSRF: the state belongs to the browser that began."""
    attacker, victim = Client(), Client()
    back = Browser().sign_in(attacker.post("/sign-in/")["Location"], LENA)
    answer = victim.get(back.removeprefix("http://testserver"))
    assert answer.status_code == 403
    assert b"This sign-in has expired" in answer.content
    assert "_auth_user_id" not in victim.session


def test_an_answer_works_once(trusted, provisioned, client: Client) -> None:
    back = Browser().sign_in(client.post("/sign-in/")["Location"], LENA).removeprefix("http://testserver")
    assert client.get(back).status_code == 302
    client.logout()
    assert client.get(back).status_code == 403


def test_nobody_is_made_at_sign_in(trusted, client: Client) -> None:
    answer = sign_in(client, Browser(), LENA)
    assert answer.status_code == 403
    assert b"You have no account here yet" in answer.content
    assert not User.objects.exists()


def test_a_deactivated_person_is_told_so(trusted, provisioned, client: Client) -> None:
    User.objects.filter(external_id=LENA).update(is_active=False)
    answer = sign_in(client, Browser(), LENA)
    assert answer.status_code == 403
    assert b"deactivated" in answer.content
    assert "_auth_user_id" not in client.session


def test_a_sub_that_names_two_accounts_opens_neither(trusted, provisioned, client: Client) -> None:
    """Two tenants at one provider: its word alone does not say whose person this is."""
    other = Tenant.objects.get(slug="northwind-eu")
    User.objects.create(tenant=other, username="double", external_id=LENA, display_name="Double")
    assert sign_in(client, Browser(), LENA).status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_session_is_remembered_and_ends_alone(trusted, provisioned, client: Client) -> None:
    sign_in(client, Browser(), LENA)
    elsewhere = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/120 Safari/537.36"})
    sign_in(elsewhere, Browser(), LENA)
    first, second = LoginSession.objects.order_by("began_at")
    assert (first.issuer, first.sub, second.device) == (trusted.issuer, LENA, "Chrome · Linux")
    with tenant_scope(provisioned[LENA].tenant_id):
        ended = services.end_logins(
            by=None, logins=LoginSession.objects.filter(pk=first.pk), end=LoginSession.End.PROVIDER
        )
    assert ended == 1
    assert client.get("/sign-out/").status_code == 302
    assert elsewhere.get("/sign-out/").status_code == 200


def test_raising_the_epoch_ends_the_session_for_good(trusted, provisioned, client: Client) -> None:
    sign_in(client, Browser(), LENA)
    assert client.get("/sign-out/").status_code == 200
    user = provisioned[LENA]
    User.objects.filter(pk=user.pk).update(session_epoch=1, is_active=False)
    assert client.get("/sign-out/").status_code == 302
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert client.get("/sign-out/").status_code == 302


def test_sign_out_ends_both_sessions(trusted, provisioned, client: Client) -> None:
    browser = Browser()
    sign_in(client, browser, LENA)
    leave = client.post("/sign-out/")["Location"]
    assert leave.startswith(f"{trusted.issuer}/end-session/")
    assert "_auth_user_id" not in client.session
    assert browser.http.get(leave).headers["location"] == "http://testserver/"
    browser.pages.clear()
    browser.sign_in(client.post("/sign-in/")["Location"], OMAR)
    assert browser.pages == ["/sign-in/"], "the provider asked who it is again"


def test_provider_down_is_a_clear_page(trusted, settings, client: Client) -> None:
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    for answer in (client.get("/sign-in/"), client.post("/sign-in/")):
        assert answer.status_code == 503
        assert b"not available right now" in answer.content


class TestStepUp:
    """A page that needs more, the provider that gives it, and the way back."""

    @pytest.fixture(autouse=True)
    def _pages(self, settings) -> None:
        settings.ROOT_URLCONF = __name__

    def test_goes_and_comes_back_with_query(self, trusted, provisioned, client: Client) -> None:
        browser = Browser()
        sign_in(client, browser, LENA)
        asked = client.get("/safe/?page=2")
        wanted = answer_of(asked["Location"])
        assert (wanted["acr_values"], wanted["max_age"]) == (HIGH, "60")
        back = browser.sign_in(asked["Location"], LENA)
        answer = client.get(back.removeprefix("http://testserver"))
        assert answer["Location"] == "/safe/?page=2"
        assert client.get("/safe/").content == b"inside"
        assert client.session["sso"]["acr"] == HIGH

    def test_no_age_at_all_is_asked_for_once(self, trusted, provisioned, client: Client) -> None:
        """`max_age=0` is met by a sign-in that just happened, although a second has passed since."""
        browser = Browser()
        sign_in(client, browser, LENA)
        time.sleep(1.1)
        asked = client.get("/now/")
        client.get(browser.sign_in(asked["Location"], LENA).removeprefix("http://testserver"))
        time.sleep(1.1)
        assert client.get("/now/").content == b"inside"

    def test_after_a_post_the_way_back_is_the_forms_page(self, trusted, provisioned, client: Client) -> None:
        browser = Browser()
        sign_in(client, browser, LENA)
        asked = client.post("/safe/", {"a": "1"}, headers={"referer": "http://testserver/sign-out/?x=1"})
        [onward] = re.findall(r'content="0; url=([^"]+)"', asked.content.decode())
        back = browser.sign_in(html.unescape(onward), LENA)
        assert client.get(back.removeprefix("http://testserver"))["Location"] == "/sign-out/?x=1"

    def test_another_person_s_factor_does_not_count(self, trusted, provisioned, client: Client) -> None:
        sign_in(client, Browser(), LENA)
        asked = client.get("/safe/")
        answer = client.get(Browser().sign_in(asked["Location"], OMAR).removeprefix("http://testserver"))
        assert answer.status_code == 403
        assert client.session["_auth_user_id"] == str(provisioned[LENA].pk)
        assert client.session["sso"]["acr"] == LOW

    def test_htmx_is_sent_as_a_whole_page(self, trusted, provisioned, client: Client) -> None:
        sign_in(client, Browser(), LENA)
        asked = client.get("/safe/", headers={"HX-Request": "true"})
        assert asked.status_code == 200
        assert asked["HX-Redirect"].startswith(trusted.issuer)
