"""Answers of a provider that are forged, stale, mixed up or weaker than asked: none opens a session."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from jwcrypto.jwk import JWK

from identity.models import User
from identity.step_up import require_step_up
from portal import urls as site
from tests.hostile import HostileProvider
from tests.provider import LENA, OMAR, answer_of

pytestmark = pytest.mark.django_db


def protected(request):
    """A page that needs a second factor, at most a minute old."""
    return require_step_up(request, acr="high", max_age=60) or HttpResponse("inside")


def admitted(request):
    """A page that needs what the provider is set up for."""
    return require_step_up(request) or HttpResponse("inside")


urlpatterns = [*site.urlpatterns, path("safe/", protected), path("admitted/", admitted)]
handler403 = site.handler403


@pytest.fixture
def hostile(settings: Any, provisioned: dict[str, User]) -> Iterator[HostileProvider]:
    """The provider that the portal trusts turns against it."""
    started = HostileProvider()
    settings.OIDC = {
        **settings.OIDC,
        "issuer": started.issuer,
        "client_id": started.client_id,
    }
    settings.SECRETS = {**settings.SECRETS, "oidc-client": started.client_secret}
    settings.ROOT_URLCONF = __name__
    cache.clear()
    yield started
    started.close()


def begin(hostile: HostileProvider, client: Client, url: str = "/sign-in/", sub: str = LENA) -> None:
    answer = client.post(url) if url == "/sign-in/" else client.get(url)
    hostile.begin(answer_of(answer["Location"]), sub)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def claims(**changes: Any) -> Callable[[HostileProvider], None]:
    """Change claims; None removes one."""

    def tamper(hostile: HostileProvider) -> None:
        hostile.claims = {k: v for k, v in (hostile.claims | changes).items() if v is not None}

    return tamper


def header(**changes: Any) -> Callable[[HostileProvider], None]:
    def tamper(hostile: HostileProvider) -> None:
        hostile.header = {k: v for k, v in (hostile.header | changes).items() if v is not None}

    return tamper


def other_key(hostile: HostileProvider) -> None:
    hostile.key = JWK.generate(kty="RSA", size=2048, kid="k1")


def secret_as_key(hostile: HostileProvider) -> None:
    """HS256 under the client's secret, which others may know."""
    hostile.header = {"alg": "HS256", "typ": "JWT"}
    hostile.key = JWK.from_password(hostile.client_secret.ljust(32, "x"))


def public_key_as_secret(hostile: HostileProvider) -> None:
    """Algorithm confusion: HS256 under the provider's public key."""
    hostile.header = {"alg": "HS256", "kid": "k1", "typ": "JWT"}
    hostile.key = JWK.from_password(hostile.published.export_to_pem().decode())


def tokens(**changes: Any) -> Callable[[HostileProvider], None]:
    def tamper(hostile: HostileProvider) -> None:
        hostile.tokens |= changes

    return tamper


def callback(**changes: str) -> Callable[[HostileProvider], None]:
    def tamper(hostile: HostileProvider) -> None:
        hostile.callback = {k: v for k, v in (hostile.callback | changes).items() if v}

    return tamper


def now() -> int:
    return int(time.time())


def twins(hostile: HostileProvider) -> None:
    """Two published keys go by one name: which one signs is not for the token to say."""
    hostile.more_keys = [JWK.generate(kty="RSA", size=2048, kid="k1", use="sig", alg="RS256")]


def encryption_key(hostile: HostileProvider) -> None:
    """A published key that is not for signatures."""
    hostile.key = JWK.generate(kty="RSA", size=2048, kid="k1")
    hostile.published = JWK(**{**hostile.key.export(as_dict=True), "use": "enc"})


def own_key(hostile: HostileProvider) -> None:
    """The token brings the key that it is checked with."""
    other_key(hostile)
    hostile.header["jwk"] = hostile.key.export_public(as_dict=True)


TAMPERED = {
    "two keys of one name": twins,
    "signed by a key for encryption": encryption_key,
    "brings its own key": own_key,
    "names where its key lies": header(jku="https://evil.example/jwks"),
    "names where its certificate lies": header(x5u="https://evil.example/cert"),
    "an extension that must be understood": header(crit=["b"], b=True),
    "another type": header(typ="logout+jwt"),
    "an access token": header(typ="at+jwt"),
    "a wrapped token": header(cty="JWT"),
    "audience is a mix": claims(aud=["portal", "portal"]),
    "subject of 300 letters": claims(sub="x" * 300),
    "acrs is no list": claims(acrs="c1"),
    "unauthorized client": callback(error="unauthorized_client", code=""),
    "unsigned": header(alg="none"),
    "unsigned, other spelling": header(alg="None"),
    "signed by another key": other_key,
    "signed with the client secret": secret_as_key,
    "signed with the public key as secret": public_key_as_secret,
    "unknown key id": header(kid="k2"),
    "another algorithm than the key's": header(alg="RS512"),
    "another issuer": claims(iss="https://evil.example"),
    "no issuer": claims(iss=None),
    "another audience": claims(aud="other"),
    "no audience": claims(aud=None),
    "a further audience": claims(aud=["portal", "other"], azp="portal"),
    "another authorized party": claims(azp="other"),
    "no subject": claims(sub=None),
    "empty subject": claims(sub=""),
    "subject is no text": claims(sub=17),
    "unknown subject": claims(sub="00u-nobody"),
    "another nonce": claims(nonce="other"),
    "no nonce": claims(nonce=None),
    "nonce is no text": claims(nonce=["x"]),
    "expired": claims(exp=now() - 3600),
    "never expires": claims(exp=None),
    "issued long ago": claims(iat=now() - 7200),
    "issued nowhere in time": claims(iat=None),
    "issued in the future": claims(iat=now() + 7200),
    "not valid yet": claims(nbf=now() + 7200),
    "signed in in the future": claims(auth_time=now() + 7200),
    "hash of another access token": claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
    "acr is no text": claims(acr=["high"]),
    "no ID token": tokens(id_token=None),
    "ID token is no text": tokens(id_token={"sub": LENA}),
    "ID token is no token": tokens(id_token="garbage"),
    "no access token": tokens(access_token=None),
    "another state": callback(state="other"),
    "no state": callback(state=""),
    "no code": callback(code=""),
    "another issuer in the answer": callback(iss="https://evil.example"),
    "no issuer in the answer": callback(iss=""),
    "an error with a code": callback(error="access_denied"),
}


@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_answer_opens_no_session(hostile, client: Client, tamper: Any) -> None:
    begin(hostile, client)
    tamper(hostile)
    answer = client.get(hostile.callback_url)
    assert answer.status_code == 403, answer.content
    assert b"<h1>" in answer.content
    assert not is_signed_in(client)


def test_the_same_answer_untampered_does(hostile, client: Client) -> None:
    begin(hostile, client)
    assert client.get(hostile.callback_url).status_code == 302
    assert is_signed_in(client)


def test_a_code_works_once_even_under_a_new_state(hostile, client: Client) -> None:
    begin(hostile, client)
    client.get(hostile.callback_url)
    client.logout()
    begin(hostile, client)
    assert client.get(hostile.callback_url).status_code == 403
    assert not is_signed_in(client)


def test_an_answer_to_another_request_is_refused(hostile, client: Client) -> None:
    """Code injection: the code of one sign-in with the state of another fails on the verifier."""
    begin(hostile, client)
    stolen = hostile.asked
    begin(hostile, client)
    hostile.asked = stolen
    assert client.get(hostile.callback_url).status_code == 403
    assert not is_signed_in(client)


def test_a_rotated_key_is_read_again(hostile, client: Client) -> None:
    begin(hostile, client)
    client.get(hostile.callback_url)
    client.logout()
    hostile.published = hostile.key = JWK.generate(kty="RSA", size=2048, kid="k9", use="sig", alg="RS256")
    hostile.header["kid"] = "k9"
    hostile.spent.clear()
    begin(hostile, client)
    assert client.get(hostile.callback_url).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": ""},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_a_discovery_document_that_cannot_be_trusted(hostile, client: Client, change: dict[str, str]) -> None:
    hostile.extra_metadata = change
    assert client.post("/sign-in/").status_code == 503


WEAK = {
    "low acr": claims(acr="low"),
    "no acr": claims(acr=None),
    "old sign-in": claims(auth_time=now() - 3600),
    "no time of sign-in": claims(auth_time=None),
    "another person": claims(sub=OMAR),
}


@pytest.mark.parametrize("tamper", WEAK.values(), ids=WEAK)
def test_an_unmet_step_up_is_refused_not_asked_for_ever(hostile, client: Client, tamper: Any) -> None:
    begin(hostile, client)
    client.get(hostile.callback_url)
    hostile.spent.clear()
    before = client.session["sso"]
    begin(hostile, client, "/safe/")
    assert hostile.asked["acr_values"] == "high"
    tamper(hostile)
    answer = client.get(hostile.callback_url)
    assert answer.status_code == 403
    assert b"Location" not in answer.headers
    assert client.session["sso"] == before


def test_a_met_step_up_lets_in(hostile, client: Client) -> None:
    begin(hostile, client)
    client.get(hostile.callback_url)
    hostile.spent.clear()
    begin(hostile, client, "/safe/")
    assert client.get(hostile.callback_url)["Location"] == "/safe/"
    assert client.get("/safe/").content == b"inside"


def test_an_entra_context_is_asked_for_by_claim(hostile, client: Client, settings: Any) -> None:
    """`acrs` must hold the context that was asked for; one that was not counts for nothing."""
    settings.OIDC = {**settings.OIDC, "step_up_acr": "c1"}
    begin(hostile, client)
    client.get(hostile.callback_url)
    for acrs, expected in ((["c2"], 403), (["c2", "c1"], 302)):
        hostile.spent.clear()
        begin(hostile, client, "/admitted/")
        assert json.loads(hostile.asked["claims"]) == {
            "id_token": {"acrs": {"essential": True, "value": "c1"}}
        }
        hostile.claims |= {"acrs": acrs, "acr": "1"}
        assert client.get(hostile.callback_url).status_code == expected
    assert client.get("/admitted/").content == b"inside"


CLEAR = {
    "expired": (claims(exp=now() - 3600), b"The clocks disagree"),
    "from the future": (claims(iat=now() + 7200), b"The clocks disagree"),
    "a device that is not compliant": (
        callback(error="access_denied", error_description="AADSTS53000: Device is not in required state"),
        b"This device is not allowed",
    ),
    "cancelled": (callback(error="access_denied"), b"You are not signed in"),
    "not registered": (callback(error="unauthorized_client"), b"does not accept this portal"),
    "no second factor": (
        callback(error="unmet_authentication_requirements"),
        b"The stronger sign-in did not happen",
    ),
    "forged": (other_key, b"The sign-in could not be trusted"),
}


@pytest.mark.parametrize(("tamper", "title"), CLEAR.values(), ids=CLEAR)
def test_each_kind_of_refusal_has_its_page(hostile, client: Client, tamper: Any, title: bytes) -> None:
    begin(hostile, client)
    tamper(hostile)
    answer = client.get(hostile.callback_url)
    assert answer.status_code == 403
    assert title in answer.content
    assert b"AADSTS" not in answer.content


def test_a_provider_that_says_it_is_down(hostile, client: Client) -> None:
    begin(hostile, client)
    hostile.callback |= {"error": "temporarily_unavailable"}
    assert client.get(hostile.callback_url).status_code == 503


def test_unknown_keys_are_looked_for_once_in_a_while(hostile, client: Client) -> None:
    """Anyone who can begin a sign-in could otherwise make the portal ask the provider again and again."""
    for _turn in range(4):
        begin(hostile, client)
        hostile.header["kid"] = "k2"
        client.get(hostile.callback_url)
        hostile.spent.clear()
    assert hostile.fetches.count("/jwks") == 2


def test_sign_ins_from_one_address_are_limited(hostile, client: Client, settings: Any) -> None:
    """Each stores a session."""
    settings.SIGN_INS_PER_MINUTE = 3
    statuses = [Client().post("/sign-in/").status_code for _turn in range(5)]
    assert statuses == [302, 302, 302, 429, 429]
    assert Session.objects.count() == 3


def test_answers_out_of_nothing_store_nothing(hostile, client: Client) -> None:
    assert client.get("/sign-in/callback/?state=x&code=y").status_code == 403
    assert Session.objects.count() == 0
