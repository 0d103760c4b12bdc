"""An OpenID Connect provider that says whatever a test wants, over real HTTP."""

import base64
import hashlib
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

from jwcrypto.common import JWSEHeaderParameter
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

# This provider signs headers that an honest library would refuse to.
UNKNOWING = {"b": JWSEHeaderParameter("Unheard of", False, True, None)}
KEY = JWK.generate(kty="RSA", size=2048, kid="k1", use="sig", alg="RS256")


class HostileProvider:
    """Honest until a test changes `claims`, `header`, `key`, `tokens` or `metadata`."""

    client_id, client_secret = "portal", "secret"

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.published = KEY
        self.key = self.published
        self.more_keys: list[JWK] = []
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
        self.claims: dict[str, Any] = {}
        self.tokens: dict[str, Any] = {"access_token": "at", "token_type": "Bearer"}
        self.extra_metadata: dict[str, Any] = {}
        self.callback: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        self.spent: set[str] = set()
        self.token_error = ""  # what the token endpoint says to everything
        self.redeemed: dict[str, str] = {}
        self.userinfo: dict[str, Any] = {}
        self.slug = ""  # of the tenant's provider that this one is; empty: the deployment's
        self.fetches: list[str] = []
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def begin(self, asked: dict[str, str], sub: str) -> None:
        """Take an authorization request and prepare the honest answer to it."""
        now = int(time.time())
        self.asked = asked
        self.claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": sub,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked["nonce"],
            "sid": "s1",
            "acr": asked.get("acr_values", "low").split()[0],
            "amr": ["pwd"],
        }
        self.callback = {"code": "c1", "state": asked["state"], "iss": self.issuer}

    @property
    def callback_url(self) -> str:
        place = f"/sign-in/{self.slug}/callback/" if self.slug else "/sign-in/callback/"
        return f"{place}?{urlencode(self.callback)}"

    def logout_token(self, **changes: Any) -> str:
        """A logout token for the session of the last sign-in, signed by `key`; None removes a claim."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(8),
            "sub": self.claims.get("sub"),
            "sid": self.claims.get("sid"),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        } | changes
        header = self.header | {"typ": "logout+jwt"} if self.header.get("typ") == "JWT" else self.header
        return self._signed(header, {k: v for k, v in claims.items() if v is not None})

    def id_token(self) -> str:
        """The claims signed by `key` under `header`."""
        return self._signed(self.header, self.claims)

    def _signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        payload = json.dumps(claims)
        if header["alg"].lower() == "none":
            return f"{_b64(json.dumps(header))}.{_b64(payload)}."
        token = JWS(payload, header_registry=UNKNOWING)
        token.allowed_algs = [header["alg"]]
        token.add_signature(self.key, protected=json.dumps(header))
        return token.serialize(compact=True)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        } | self.extra_metadata

    def redeem(self, form: dict[str, str]) -> dict[str, Any] | None:
        """What the token endpoint answers; None refuses."""
        self.redeemed = form
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if _b64(digest) != self.asked["code_challenge"] or form["code"] in self.spent:
            return None
        self.spent.add(form["code"])
        return {"id_token": self.id_token()} | self.tokens

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.fetches.append(self.path)
                if self.path == "/jwks":
                    keys = [provider.published, *provider.more_keys]
                    self._json({"keys": [key.export_public(as_dict=True) for key in keys]})
                elif self.path == "/userinfo":
                    self._json(provider.userinfo)
                else:
                    self._json(provider.metadata())

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"])).decode()
                if provider.token_error:
                    self._json({"error": provider.token_error}, 400)
                    return
                answer = provider.redeem({key: values[0] for key, values in parse_qs(raw).items()})
                self._json(answer or {"error": "invalid_grant"}, 200 if answer else 400)

            def _json(self, content: dict[str, Any], status: int = 200) -> None:
                body = json.dumps({k: v for k, v in content.items() if v is not None}).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None: ...

        return Handler


def _b64(value: str | bytes) -> str:
    raw = value.encode() if isinstance(value, str) else value
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
