"""A real SAML identity provider, pysaml2's, in a process of its own: `python -m tests.saml_idp PORT FOLDER`.

It lives on localhost and the portal on 127.0.0.1, which are different sites to a browser: what it posts
comes to the portal cross-site, as from a provider on the internet. In FOLDER lie its key and certificate
(idp.key, idp.crt) and, once the portal knows it, the portal's metadata (sp.xml).
"""

import html
import sys
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_UNSPECIFIED, NameID
from saml2.server import Server
from saml2.sigver import get_xmlsec_binary
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

PORT, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
BASE = f"http://localhost:{PORT}"
PEOPLE = {"Ada Kern": "ada", "Lena Marsh": "lena"}
LOW = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
started: dict[str, tuple[NameID, str]] = {}  # person -> the name and index of the session here


def config(sp: bool) -> IdPConfig:
    """The provider's; with the portal's metadata once it is there."""
    service = {
        "endpoints": {
            "single_sign_on_service": [(f"{BASE}/sso", BINDING_HTTP_REDIRECT)],
            "single_logout_service": [(f"{BASE}/slo", BINDING_HTTP_REDIRECT)],
        },
        "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
        "want_authn_requests_signed": True,
        "sign_assertion": True,
        "sign_response": False,
    }
    made: dict[str, object] = {
        "entityid": f"{BASE}/metadata",
        "xmlsec_binary": get_xmlsec_binary(["/usr/bin", "/opt/local/bin"]),
        "service": {"idp": service},
        "key_file": str(FOLDER / "idp.key"),
        "cert_file": str(FOLDER / "idp.crt"),
        "signing_algorithm": SIG_RSA_SHA256,
        "digest_algorithm": DIGEST_SHA256,
    }
    if sp:
        made["metadata"] = {"local": [str(FOLDER / "sp.xml")]}
    return IdPConfig().load(made)


@cache
def server() -> Server:
    return Server(config=config(sp=True))


def choose(query: dict[str, str]) -> str:
    """Who are you? The signed request is checked first."""
    asked = _asked(query)
    wanted = asked.message.requested_authn_context
    step_up = wanted.authn_context_class_ref[0].text if wanted else ""
    buttons = "".join(
        f'<button name="person" value="{name}">{who}{" with a second factor" if step_up else ""}</button>'
        for who, name in PEOPLE.items()
    )
    return f'<form method="post" action="/sso?{html.escape(urlencode(query))}">{buttons}</form>'


def answer(query: dict[str, str], person: str) -> str:
    """A page that posts the signed assertion to the portal by itself."""
    message = _asked(query).message
    wanted = message.requested_authn_context
    context = wanted.authn_context_class_ref[0].text if wanted else LOW
    name = NameID(format=NAMEID_FORMAT_UNSPECIFIED, text=(FOLDER / f"{person}.name").read_text())
    to = server().response_args(message, [BINDING_HTTP_POST])
    index = f"{person}-{time.monotonic_ns()}"
    made = server().create_authn_response(
        {"givenName": [person.title()]},
        to["in_response_to"],
        to["destination"],
        to["sp_entity_id"],
        name_id=name,
        authn={"class_ref": context, "authn_auth": BASE, "authn_instant": int(time.time())},
        sign_assertion=True,
        sign_response=False,
        sign_alg=SIG_RSA_SHA256,
        digest_alg=DIGEST_SHA256,
        session_index=index,
    )
    told = str(made)
    index = told.partition('SessionIndex="')[2].partition('"')[0]
    started[person] = (name, index)
    sent = server().apply_binding(BINDING_HTTP_POST, told, to["destination"], "", response=True)
    return str(sent["data"])


def end(person: str) -> str:
    """Where a person's browser goes who signs out here."""
    name, index = started.pop(person)
    [entity] = server().metadata.service_providers()
    [service] = server().metadata.single_logout_service(entity, BINDING_HTTP_REDIRECT, "spsso")
    _id, made = server().create_logout_request(
        service["location"], entity, name_id=name, session_indexes=[index], sign=False
    )
    sent = server().apply_binding(
        BINDING_HTTP_REDIRECT, str(made), service["location"], "back", sign=True, sigalg=SIG_RSA_SHA256
    )
    return dict(sent["headers"])["Location"]


def logged_out(query: dict[str, str]) -> str:
    """Where the browser goes back to after the portal asked to end the session here; empty: it stays."""
    if "SAMLResponse" in query:
        server().parse_logout_request_response(query["SAMLResponse"], BINDING_HTTP_REDIRECT)
        return ""
    request = server().parse_logout_request(
        query["SAMLRequest"],
        BINDING_HTTP_REDIRECT,
        relay_state=query.get("RelayState"),
        sigalg=query["SigAlg"],
        signature=query["Signature"],
    )
    for person, (name, _index) in list(started.items()):
        if name.text == request.message.name_id.text:
            del started[person]
    made = server().create_logout_response(request.message, [BINDING_HTTP_REDIRECT], sign=False)
    sent = server().apply_binding(
        BINDING_HTTP_REDIRECT,
        str(made),
        made.destination,
        query.get("RelayState", ""),
        response=True,
        sign=True,
        sigalg=SIG_RSA_SHA256,
    )
    return dict(sent["headers"])["Location"]


def _asked(query: dict[str, str]):
    return server().parse_authn_request(
        query["SAMLRequest"],
        BINDING_HTTP_REDIRECT,
        relay_state=query.get("RelayState"),
        sigalg=query["SigAlg"],
        signature=query["Signature"],
    )


class Handler(BaseHTTPRequestHandler):
    """/metadata, /sso, /slo, /end and /sessions."""

    def do_GET(self) -> None:
        path, query = self._asked()
        if path == "/favicon.ico":
            self._say("", "image/x-icon")
        elif path == "/metadata":
            self._say(str(entity_descriptor(config(sp=False))), "application/samlmetadata+xml")
        elif path == "/sso":
            self._say(choose(query))
        elif path == "/sessions":
            self._say(",".join(sorted(started)))
        elif path == "/end":
            self._go(end(query["person"]))
        elif location := logged_out(query):
            self._go(location)
        else:
            self._say("<p>Signed out everywhere</p>")

    def do_POST(self) -> None:
        _path, query = self._asked()
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self._say(answer(query, form["person"][0]))

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    def _say(self, content: str, kind: str = "text/html; charset=utf-8") -> None:
        page = (
            f'<!doctype html><html lang="en"><title>Provider</title>{content}' if "html" in kind else content
        )
        self.send_response(200)
        self.send_header("content-type", kind)
        self.end_headers()
        self.wfile.write(page.encode())

    def _go(self, location: str) -> None:
        self.send_response(302)
        self.send_header("location", location)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None: ...


if __name__ == "__main__":
    listening = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    sys.stdout.write(f"{BASE}\n")
    sys.stdout.flush()
    listening.serve_forever()
