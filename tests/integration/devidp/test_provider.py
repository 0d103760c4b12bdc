"""The development provider against the protocol: what it grants, says and refuses."""

import base64
import hashlib
import json
import os
import secrets
import stat
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import jwt
import pytest

from tests.ports import free_port
from tests.provider import (
    CALLBACK,
    CLIENT_ID,
    LENA,
    OMAR,
    SIGNED_OUT,
    Browser,
    DevelopmentProvider,
    answer_of,
)

LOW, HIGH = "urn:devidp:loa:1", "urn:devidp:loa:2"


class Request:
    """One authorization request and what comes of it."""

    def __init__(self, provider: DevelopmentProvider, **more: str) -> None:
        self.provider = provider
        self.verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest())
        self.query = {
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile email groups",
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": challenge.decode().rstrip("="),
            "code_challenge_method": "S256",
        } | more

    @property
    def url(self) -> str:
        kept = {key: value for key, value in self.query.items() if value != ""}
        return f"{self.provider.issuer}/authorize/?{urlencode(kept)}"

    def token(self, code: str, **more: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": self.verifier,
        } | more
        secret = (CLIENT_ID, self.provider.client_secret)
        return httpx.post(f"{self.provider.issuer}/token/", data=form, auth=secret)

    def claims(self, answer: httpx.Response) -> dict[str, Any]:
        """The verified claims of the ID token."""
        keys = jwt.PyJWKClient(f"{self.provider.issuer}/.well-known/jwks.json")
        raw = answer.json()["id_token"]
        return jwt.decode(
            raw,
            keys.get_signing_key_from_jwt(raw).key,
            algorithms=["RS256"],
            audience=CLIENT_ID,
            issuer=self.provider.issuer,
        )


def signed_in(
    provider: DevelopmentProvider, browser: Browser, person: str = LENA, **more: str
) -> dict[str, Any]:
    request = Request(provider, **more)
    answer = answer_of(browser.sign_in(request.url, person))
    assert answer["state"] == request.query["state"]
    assert answer["iss"] == provider.issuer
    claims = request.claims(request.token(answer["code"]))
    assert claims["nonce"] == request.query["nonce"]
    return claims


def test_signs_in_with_claims_of_the_person(provider: DevelopmentProvider) -> None:
    claims = signed_in(provider, Browser())
    assert claims["sub"] == LENA
    assert claims["preferred_username"] == "lena.marsh@contoso.example"
    assert claims["groups"] == ["Marketing", "Builders"]
    assert (claims["acr"], claims["amr"]) == (LOW, ["user"])
    assert abs(claims["auth_time"] - time.time()) < 30


def test_discovery_is_complete_and_true(provider: DevelopmentProvider) -> None:
    found = httpx.get(f"{provider.issuer}/.well-known/openid-configuration").json()
    assert found["issuer"] == provider.issuer
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["grant_types_supported"] == ["authorization_code"]
    assert found["acr_values_supported"] == [LOW, HIGH]
    assert found["backchannel_logout_supported"] is True
    assert found["request_uri_parameter_supported"] is False
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
        "jwks_uri",
    ):
        assert httpx.get(found[name]).status_code != 404, name
    claims = signed_in(provider, Browser())
    assert set(claims) <= set(found["claims_supported"]) | {"at_hash"}


def test_code_works_once_and_only_with_its_verifier(provider: DevelopmentProvider) -> None:
    request, browser = Request(provider), Browser()
    code = answer_of(browser.sign_in(request.url, LENA))["code"]
    assert request.token(code, code_verifier=secrets.token_urlsafe(48)).status_code == 400
    code = answer_of(browser.sign_in(request.url, LENA))["code"]
    first = request.token(code)
    assert "refresh_token" not in first.json()
    assert request.token(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "change",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"response_type": "id_token token"},
        {"response_type": "token"},
        {"scope": "openid offline_access"},
    ],
)
def test_refuses_what_discovery_does_not_name(provider: DevelopmentProvider, change: dict[str, str]) -> None:
    browser = Browser()
    signed_in(provider, browser)
    answer = browser.http.get(Request(provider, **change).url)
    assert answer.is_redirect
    assert "error=" in answer.headers["location"]
    assert "code=" not in answer.headers["location"]


@pytest.mark.parametrize("change", [{"redirect_uri": "http://evil.example/"}, {"client_id": "other"}])
def test_never_redirects_to_a_stranger(provider: DevelopmentProvider, change: dict[str, str]) -> None:
    answer = Browser().http.get(Request(provider, **change).url)
    assert answer.status_code == 400


def test_prompt_none_asks_nothing(provider: DevelopmentProvider) -> None:
    browser = Browser()
    silent = Request(provider, prompt="none")
    answer = answer_of(browser.http.get(silent.url).headers["location"])
    assert answer == {"error": "login_required", "state": silent.query["state"], "iss": provider.issuer}
    signed_in(provider, browser)
    assert signed_in(provider, browser, prompt="none")["sub"] == LENA
    high = browser.http.get(Request(provider, prompt="none", acr_values=HIGH).url)
    assert answer_of(high.headers["location"])["error"] == "interaction_required"
    both = browser.http.get(Request(provider, prompt="none login").url)
    assert answer_of(both.headers["location"])["error"] == "invalid_request"


def test_prompt_login_and_max_age_ask_again(provider: DevelopmentProvider) -> None:
    browser = Browser()
    first = signed_in(provider, browser)
    time.sleep(1.1)
    assert signed_in(provider, browser)["auth_time"] == first["auth_time"]
    assert signed_in(provider, browser, max_age="600")["auth_time"] == first["auth_time"]
    assert signed_in(provider, browser, prompt="login")["auth_time"] > first["auth_time"]
    time.sleep(1.1)
    again = signed_in(provider, browser, OMAR, max_age="0")
    assert again["sub"] == OMAR
    assert again["auth_time"] > first["auth_time"] + 1
    bad = browser.http.get(Request(provider, max_age="soon").url)
    assert answer_of(bad.headers["location"])["error"] == "invalid_request"


def test_acr_values_step_up_once(provider: DevelopmentProvider) -> None:
    browser = Browser()
    signed_in(provider, browser)
    browser.pages.clear()
    high = signed_in(provider, browser, acr_values=HIGH)
    assert browser.pages == ["/step-up/"]
    assert (high["acr"], high["amr"]) == (HIGH, ["user", "otp", "mfa"])
    browser.pages.clear()
    assert signed_in(provider, browser, acr_values=f"{HIGH} urn:unknown")["acr"] == HIGH
    assert browser.pages == []


def test_step_up_refuses_a_wrong_code(provider: DevelopmentProvider) -> None:
    browser = Browser()
    signed_in(provider, browser)
    url = f"{provider.issuer}/step-up/"
    token = browser.http.cookies["devidp_csrf"]
    browser.http.get(url)
    answer = browser.http.post(url, data={"code": "nonsense", "csrfmiddlewaretoken": token})
    assert answer.status_code == 400
    assert signed_in(provider, browser)["acr"] == LOW


def test_two_browsers_keep_their_own_context(provider: DevelopmentProvider) -> None:
    """`auth_time` is the session's, not that of the account's last sign-in anywhere."""
    early, late = Browser(), Browser()
    first = signed_in(provider, early, acr_values=HIGH)
    time.sleep(1.1)
    signed_in(provider, late)
    again = signed_in(provider, early)
    assert (again["auth_time"], again["acr"], again["sid"]) == (first["auth_time"], HIGH, first["sid"])


def test_userinfo_follows_scope(provider: DevelopmentProvider) -> None:
    request = Request(provider, scope="openid groups")
    code = answer_of(Browser().sign_in(request.url, LENA))["code"]
    token = request.token(code).json()["access_token"]
    told = httpx.get(f"{provider.issuer}/userinfo/", headers={"Authorization": f"Bearer {token}"}).json()
    assert told == {"sub": LENA, "groups": ["Marketing", "Builders"]}
    assert httpx.get(f"{provider.issuer}/userinfo/").status_code == 401
    assert httpx.get(f"{provider.issuer}/userinfo/?access_token={token}").status_code == 401


def test_sign_out_by_the_client_ends_the_session(provider: DevelopmentProvider) -> None:
    request, browser = Request(provider), Browser()
    code = answer_of(browser.sign_in(request.url, LENA))["code"]
    raw = request.token(code).json()["id_token"]
    query = {"id_token_hint": raw, "post_logout_redirect_uri": SIGNED_OUT, "state": "s1"}
    answer = browser.http.get(f"{provider.issuer}/end-session/?{urlencode(query)}")
    assert answer.headers["location"] == f"{SIGNED_OUT}?state=s1"
    silent = browser.http.get(Request(provider, prompt="none").url)
    assert answer_of(silent.headers["location"])["error"] == "login_required"
    stranger = query | {"post_logout_redirect_uri": "http://evil.example/"}
    assert browser.http.get(f"{provider.issuer}/end-session/?{urlencode(stranger)}").status_code == 400


def test_sign_out_tells_by_the_back_channel(tmp_path: Path) -> None:
    told: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None: ...

    listener = HTTPServer(("127.0.0.1", free_port()), Listener)
    Thread(target=listener.serve_forever, daemon=True).start()
    uri = f"http://127.0.0.1:{listener.server_port}/"
    started = DevelopmentProvider(tmp_path / "data", backchannel_uri=uri).start()
    try:
        browser = Browser()
        claims = signed_in(started, browser)
        token = browser.http.cookies["devidp_csrf"]
        browser.http.post(f"{started.issuer}/sign-out/", data={"csrfmiddlewaretoken": token})
        raw = parse_qs(told[0])["logout_token"][0]
        keys = jwt.PyJWKClient(f"{started.issuer}/.well-known/jwks.json")
        key = keys.get_signing_key_from_jwt(raw).key
        sent = jwt.decode(raw, key, algorithms=["RS256"], audience=CLIENT_ID, issuer=started.issuer)
        assert (sent["sub"], sent["sid"]) == (LENA, claims["sid"])
        assert sent["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
        assert "nonce" not in sent
    finally:
        started.stop()
        listener.shutdown()


def test_secrets_are_private_and_kept_across_restarts(tmp_path: Path) -> None:
    started = DevelopmentProvider(tmp_path / "data").start()
    keys = httpx.get(f"{started.issuer}/.well-known/jwks.json").json()
    secret = started.client_secret
    assert started.stop() == 0
    for file in (tmp_path / "data").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name
    started.start()
    assert httpx.get(f"{started.issuer}/.well-known/jwks.json").json() == keys
    assert started.client_secret == secret
    started.stop()


def test_starts_in_development_alone(tmp_path: Path) -> None:
    words = DevelopmentProvider(tmp_path).arguments()
    for flag in ("", "0", "true"):
        environment = {**os.environ, "PORTAL_DEVELOPMENT": flag}
        ended = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 2
        assert "PORTAL_DEVELOPMENT=1" in ended.stderr
    direct = {**os.environ, "PORTAL_DEVELOPMENT": "", "DJANGO_SETTINGS_MODULE": "devidp.settings"}
    ended = subprocess.run(
        [sys.executable, "-m", "django", "check"], env=direct, capture_output=True, text=True, check=False
    )
    assert "PORTAL_DEVELOPMENT=1" in ended.stderr


def test_listens_on_loopback_alone(provider: DevelopmentProvider) -> None:
    addresses = Path("/proc/net/tcp").read_text().splitlines()
    mine = [line.split()[1] for line in addresses if line.split()[1].endswith(f":{provider.port:04X}")]
    listening = {address.split(":")[0] for address in mine}
    assert listening == {"0100007F"}
    strange = httpx.get(f"{provider.issuer}/", headers={"Host": "portal.example"})
    assert strange.status_code == 400


def test_pages_run_no_script_and_name_their_forms_targets(provider: DevelopmentProvider) -> None:
    policy = httpx.get(f"{provider.issuer}/sign-in/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'self' http://testserver" in policy


def test_next_never_leaves_the_provider(provider: DevelopmentProvider) -> None:
    browser = Browser()
    for wish in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"):
        page = browser.http.get(f"{provider.issuer}/sign-in/", params={"next": wish})
        form = {"person": LENA, "next": wish, "csrfmiddlewaretoken": browser.http.cookies["devidp_csrf"]}
        assert page.status_code == 200
        assert browser.http.post(f"{provider.issuer}/sign-in/", data=form).headers["location"] == "/"


def test_id_token_is_signed_by_rs256_with_a_known_key(provider: DevelopmentProvider) -> None:
    request = Request(provider)
    raw = request.token(answer_of(Browser().sign_in(request.url, LENA))["code"]).json()["id_token"]
    header = json.loads(base64.urlsafe_b64decode(raw.split(".")[0] + "=="))
    known = httpx.get(f"{provider.issuer}/.well-known/jwks.json").json()["keys"]
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in known}
