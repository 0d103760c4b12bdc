"""Answers of a provider that are forged, stale, mixed up or weaker than asked: none opens a session."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
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


urlpatterns = [*site.urlpatterns, path("safe/", protected)]
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


TAMPERED = {
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
