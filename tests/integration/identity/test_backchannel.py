"""Back-channel logout: a provider's word ends its own sessions at once, and nobody else's does."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from jwcrypto.jwk import JWK

from identity.models import LoginSession, User
from tests.hostile import HostileProvider
from tests.provider import LENA, OMAR, answer_of

pytestmark = pytest.mark.django_db
URL = "/sign-in/backchannel-logout/"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def idp(settings: Any, provisioned: dict[str, User]) -> Iterator[HostileProvider]:
    """The deployment's provider."""
    started = HostileProvider()
    settings.OIDC = {**settings.OIDC, "issuer": started.issuer, "client_id": "portal"}
    settings.SECRETS = {**settings.SECRETS, "oidc-client": "secret"}
    cache.clear()
    yield started
    started.close()


def signed_in(idp: HostileProvider, sub: str = LENA, sid: str = "s1") -> Client:
    client = Client()
    idp.begin(answer_of(client.post("/sign-in/")["Location"]), sub)
    idp.claims["sid"] = sid
    idp.spent.clear()
    assert client.get(idp.callback_url).status_code == 302
    return client


def is_open(client: Client) -> bool:
    return client.get("/sign-out/").status_code == 200


def tell(token: str, url: str = URL) -> Any:
    return Client(enforce_csrf_checks=True).post(url, {"logout_token": token})


def test_a_session_ends_at_once_and_others_go_on(idp) -> None:
    first, second, omar = signed_in(idp), signed_in(idp, sid="s2"), signed_in(idp, OMAR, "s3")
    answer = tell(idp.logout_token(sub=LENA, sid="s1"))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert [is_open(one) for one in (first, second, omar)] == [False, True, True]
    assert LoginSession.objects.get(sid="s1").end == LoginSession.End.PROVIDER


def test_without_a_session_id_all_of_the_person_s_end(idp) -> None:
    first, second, omar = signed_in(idp), signed_in(idp, sid="s2"), signed_in(idp, OMAR, "s3")
    assert tell(idp.logout_token(sub=LENA, sid=None)).status_code == 200
    assert [is_open(one) for one in (first, second, omar)] == [False, False, True]


def test_without_a_subject_the_session_s_id_will_do(idp) -> None:
    client = signed_in(idp)
    assert tell(idp.logout_token(sub=None, sid="s1")).status_code == 200
    assert not is_open(client)


@pytest.mark.parametrize("named", [{"sid": "s9"}, {"sub": OMAR}, {"sub": "nobody", "sid": None}])
def test_what_is_not_open_is_ended_already(idp, named: dict[str, Any]) -> None:
    client = signed_in(idp)
    assert tell(idp.logout_token(**({"sub": LENA, "sid": "s1"} | named))).status_code == 200
    assert is_open(client)


@pytest.mark.parametrize("kind", ["logout+jwt", "JWT", None, "application/logout+jwt"])
def test_types_that_providers_send(idp, kind: str | None) -> None:
    client = signed_in(idp)
    idp.header = {k: v for k, v in (idp.header | {"typ": kind}).items() if v}
    assert tell(idp.logout_token()).status_code == 200
    assert not is_open(client)


def test_a_token_counts_once(idp) -> None:
    signed_in(idp)
    token = idp.logout_token(sub=LENA, sid=None)
    assert tell(token).status_code == 200
    again = signed_in(idp)
    assert tell(token).status_code == 400
    assert is_open(again)


def now() -> int:
    return int(time.time())


FORGED: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "other"},
    "no audience": {"aud": None},
    "issued long ago": {"iat": now() - 7200},
    "issued in the future": {"iat": now() + 7200},
    "issued nowhere in time": {"iat": None},
    "expired": {"exp": now() - 3600},
    "never expires": {"exp": None},
    "no id of its own": {"jti": None},
    "id is no text": {"jti": 7},
    "no event": {"events": None},
    "another event": {"events": {"https://schemas.example/other": {}}},
    "event is no object": {"events": {LOGOUT: "yes"}},
    "events is a list": {"events": [LOGOUT]},
    "a nonce: an ID token": {"nonce": "n"},
    "nobody": {"sub": None, "sid": None},
    "subject is no text": {"sub": ["x"]},
    "empty session id": {"sid": ""},
}


@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED)
def test_a_forged_token_ends_nothing(idp, changes: dict[str, Any]) -> None:
    client = signed_in(idp)
    answer = tell(idp.logout_token(**changes))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert answer["Cache-Control"] == "no-store"
    assert is_open(client)


HEADERS: dict[str, dict[str, Any]] = {
    "unsigned": {"alg": "none"},
    "another type": {"typ": "at+jwt"},
    "unknown key": {"kid": "k2"},
    "names where its key lies": {"jku": "https://evil.example/"},
}


@pytest.mark.parametrize("changes", HEADERS.values(), ids=HEADERS)
def test_a_forged_header_ends_nothing(idp, changes: dict[str, Any]) -> None:
    client = signed_in(idp)
    idp.header |= changes
    assert tell(idp.logout_token()).status_code == 400
    assert is_open(client)


def test_another_key_ends_nothing(idp) -> None:
    client = signed_in(idp)
    idp.key = JWK.generate(kty="RSA", size=2048, kid="k1")
    assert tell(idp.logout_token()).status_code == 400
    assert is_open(client)


@pytest.mark.parametrize("raw", ["", "x", "a.b.c", "x" * 20_000, "\x00"])
def test_no_token_at_all(idp, raw: str) -> None:
    assert tell(raw).status_code == 400


def test_the_id_token_of_the_session_does_not_pass(idp) -> None:
    client = signed_in(idp)
    assert tell(client.session["sso_id_token"]).status_code == 400
    assert is_open(client)


def test_only_a_post_counts(idp) -> None:
    assert Client().get(URL, {"logout_token": idp.logout_token()}).status_code == 405
    assert tell(idp.logout_token(), "/sign-in/nowhere/backchannel-logout/").status_code == 400


def test_a_provider_that_is_down_is_asked_to_try_again(idp, settings: Any) -> None:
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    assert tell("x.y.z").status_code == 503
