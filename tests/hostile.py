"""An OpenID Connect provider that says whatever a test wants, over real HTTP."""

import base64
import hashlib
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

KEY = JWK.generate(kty="RSA", size=2048, kid="k1", use="sig", alg="RS256")


class HostileProvider:
    """Honest until a test changes `claims`, `header`, `key`, `tokens` or `metadata`."""

    client_id, client_secret = "portal", "secret"

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.published = KEY
        self.key = self.published
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
        self.claims: dict[str, Any] = {}
        self.tokens: dict[str, Any] = {"access_token": "at", "token_type": "Bearer"}
        self.extra_metadata: dict[str, Any] = {}
        self.callback: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        self.spent: set[str] = set()
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
            "acr": asked.get("acr_values", "low").split()[0],
            "amr": ["pwd"],
        }
        self.callback = {"code": "c1", "state": asked["state"], "iss": self.issuer}

    @property
    def callback_url(self) -> str:
        return "/sign-in/callback/?" + urlencode(self.callback)

    def id_token(self) -> str:
        """The claims signed by `key` under `header`."""
        payload = json.dumps(self.claims)
        if self.header["alg"].lower() == "none":
            return f"{_b64(json.dumps(self.header))}.{_b64(payload)}."
        token = JWS(payload)
        token.allowed_algs = [self.header["alg"]]
        token.add_signature(self.key, protected=json.dumps(self.header))
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
                    self._json({"keys": [provider.published.export_public(as_dict=True)]})
                else:
                    self._json(provider.metadata())

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"])).decode()
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
