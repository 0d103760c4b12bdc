"""A transmitter of security events (OpenID SSF 1.0) over real HTTP: its keys, its tokens, its queue."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import override_settings

from identity.models import SignalStream, User
from identity.services.signals import save_stream
from identity.tenancy import tenant_scope

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
AUDIENCE = "https://portal.example/signals"
MEDIA_TYPE = "application/secevent+jwt"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Transmitter:
    """`queue` holds what a poll gives; `acked` and `errors` what the receiver said of it."""

    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    kid: str = "k1"
    port: int = 0
    queue: dict[str, str] = field(default_factory=dict)
    acked: list[str] = field(default_factory=list)
    errors: dict[str, Any] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def jwks(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}

    def answer(self, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        if path == "/.well-known/ssf-configuration":
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        if path == "/jwks":
            return self.jwks()
        assert body is not None
        self.acked += body.get("ack", [])
        self.errors |= body.get("setErrs", {})
        for jti in (*body.get("ack", []), *body.get("setErrs", {})):
            self.queue.pop(jti, None)
        return {"sets": dict(self.queue), "moreAvailable": False}

    def claims(self, kind: str, subject: Any, **event: Any) -> dict[str, Any]:
        now = int(time.time())
        return {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "iat": now,
            "jti": uuid.uuid4().hex,
            "sub_id": subject,
            "events": {kind: {"event_timestamp": now, **event}},
        }

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        headers = {"typ": "secevent+jwt", "kid": self.kid} | header
        return jwt.encode(claims, self.key, algorithm="RS256", headers=headers)

    def tell(self, kind: str, subject: Any, **event: Any) -> str:
        return self.sign(self.claims(kind, subject, **event))

    def about(self, user: User) -> dict[str, str]:
        return {"format": "iss_sub", "iss": self.issuer, "sub": user.external_id}

    def stream(self, by: User, **more: Any) -> tuple[SignalStream, str]:
        """A stream of `by`'s tenant, and the token to push with."""
        values = {
            "name": "Provider",
            "issuer": self.issuer,
            "audience": AUDIENCE,
            "delivery": SignalStream.Delivery.PUSH,
        }
        stream = SignalStream(**{**values, **more})
        with tenant_scope(by.tenant_id):
            return stream, save_stream(by=by, stream=stream)


@pytest.fixture
def transmitter() -> Iterator[Transmitter]:
    """One on a free port."""
    made = Transmitter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(made.answer(self.path, None))

        def do_POST(self) -> None:
            made.tokens.append(self.headers.get("Authorization", ""))
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._say(made.answer(self.path, body))

        def _say(self, content: dict[str, Any]) -> None:
            raw = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base
            """Failures show in the test itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with override_settings(DEVELOPMENT=True):  # plain HTTP on loopback
        yield made
    server.shutdown()
    server.server_close()
    thread.join()
