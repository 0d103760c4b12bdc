"""An admin connects a SAML provider by its metadata: pasted, as a file, or from its address."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from identity.models import EmailDomain, IdentityProvider
from identity.saml.keys import certificate_of
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.identity.saml_site import PAGE as SIGN_IN
from tests.saml import ENTITY, Honest, metadata, pair, posted, request_of
from tests.scene import sign_in
from tests.tampering import BOMB
from vault.services import provision

pytestmark = pytest.mark.django_db
PAGE = "/admin/identity/samlprovider/"


@pytest.fixture
def ada(cast: Cast, client: Client) -> Client:
    cache.clear()
    with tenant_scope(cast.tenant.pk):
        provision(by=None, tenant=cast.tenant.pk)
    sign_in(client, cast.ada)
    return client


@pytest.fixture
def publisher() -> Iterator[Any]:
    """Somebody who publishes `content` over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(self.server.status)  # type: ignore[attr-defined]
            self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(self.server.content)  # type: ignore[attr-defined]

        def log_message(self, *_arguments: object) -> None: ...

    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.content = 200, metadata().encode()
    server.url = f"http://127.0.0.1:{server.server_port}/metadata"
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Contoso SAML",
        "slug": "contoso-saml",
        "metadata": metadata(),
        "metadata_url": "",
        "match": "external_id",
        "subject": "",
        "step_up_contexts": "",
        "domains": "contoso.example",
    } | changes


@pytest.fixture
def row(ada: Client) -> IdentityProvider:
    answer = ada.post(f"{PAGE}add/", form())
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return IdentityProvider.objects.get()


def test_connected_with_what_to_paste(ada: Client, row: IdentityProvider, cast: Cast) -> None:
    assert (row.tenant_id, row.kind, row.issuer, row.is_enabled) == (cast.tenant.pk, "saml", ENTITY, False)
    assert EmailDomain.objects.get().domain == "contoso.example"
    page = ada.get(f"{PAGE}{row.pk}/change/").content.decode()
    for last in ("metadata", "acs", "slo"):
        assert f"http://testserver{SIGN_IN}{last}/" in page
    assert "https://idp.contoso.example/sso?a=1&amp;b=2" in page
    assert certificate_of(pair("idp").certificate).fingerprint in page
    assert certificate_of(row.certificates).fingerprint in page
    assert "PRIVATE" not in page


def test_one_list_and_one_page_a_protocol(ada: Client, row: IdentityProvider) -> None:
    assert b"Contoso SAML" in ada.get("/admin/identity/identityprovider/").content
    moved = ada.get(f"/admin/identity/identityprovider/{row.pk}/change/")
    assert (moved.status_code, moved["Location"]) == (302, f"{PAGE}{row.pk}/change/")


def test_metadata_by_file_and_by_address(ada: Client, publisher: Any) -> None:
    upload = SimpleUploadedFile("idp.xml", metadata().encode())
    assert ada.post(f"{PAGE}add/", form(metadata="", metadata_file=upload)).status_code == 302
    IdentityProvider.objects.all().delete()
    assert ada.post(f"{PAGE}add/", form(metadata="", metadata_url=publisher.url)).status_code == 302
    assert IdentityProvider.objects.get().issuer == ENTITY


UNUSABLE = {
    "nothing": "",
    "no XML": "hello",
    "no metadata": "<a/>",
    "bomb": BOMB.decode() + metadata(),
    "two": f"<x>{metadata()}{metadata()}</x>",
    "no key": metadata(keys=()),
    "plain HTTP": metadata().replace("https://idp", "http://idp"),
    "script": metadata().replace("https://idp.contoso.example/sso", "javascript:alert(1)//"),
    "no redirect": metadata().replace("bindings:HTTP-Redirect", "bindings:SOAP"),
    "a bad certificate": metadata().replace("<ds:X509Certificate>", "<ds:X509Certificate>AAAA"),
    "a long entity id": metadata("https://x.example/" + "x" * 600),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_metadata_that_cannot_be_used_is_refused(ada: Client, name: str) -> None:
    answer = ada.post(f"{PAGE}add/", form(metadata=UNUSABLE[name]))
    assert (answer.status_code, list(answer.context["adminform"].form.errors)) == (200, ["metadata"])
    assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize("status", [302, 404])
def test_an_address_that_does_not_publish_is_refused(ada: Client, publisher: Any, status: int) -> None:
    publisher.status = status
    answer = ada.post(f"{PAGE}add/", form(metadata="", metadata_url=publisher.url))
    assert list(answer.context["adminform"].form.errors) == ["metadata_url"]


@pytest.mark.parametrize("url", ["http://idp.example/", "file:///etc/passwd", "x", "https://127.0.0.1:9/"])
def test_addresses_that_are_none(ada: Client, url: str) -> None:
    answer = ada.post(f"{PAGE}add/", form(metadata="", metadata_url=url))
    assert list(answer.context["adminform"].form.errors) == ["metadata_url"]


def test_too_much_from_an_address(ada: Client, publisher: Any) -> None:
    publisher.content = b"<a>" + b" " * 3_000_000
    answer = ada.post(f"{PAGE}add/", form(metadata="", metadata_url=publisher.url))
    assert list(answer.context["adminform"].form.errors) == ["metadata_url"]


def test_new_metadata_renews_the_certificates_of_the_same_provider_alone(ada: Client, row) -> None:
    IdentityProvider.objects.update(tested_at="2026-01-01T00:00Z")
    newer = metadata(keys=("idp", "next"))
    assert ada.post(f"{PAGE}{row.pk}/change/", form(metadata=newer)).status_code == 302
    page = ada.get(f"{PAGE}{row.pk}/change/").content.decode()
    assert certificate_of(pair("next").certificate).fingerprint in page
    row.refresh_from_db()
    assert row.tested_at is None, "it needs a new test"
    answer = ada.post(f"{PAGE}{row.pk}/change/", form(metadata=metadata("https://other.example/")))
    assert list(answer.context["adminform"].form.errors) == ["metadata"]


def test_check(ada: Client, row: IdentityProvider) -> None:
    page = ada.post(f"{PAGE}{row.pk}/check/").content.decode()
    assert "The metadata can be read and names one identity provider." in page
    assert "signing certificate is good until" in page
    assert "asks for signed assertions and takes no others" in page


def test_a_test_sign_in_opens_nothing_and_then_it_can_be_enabled(ada: Client, row, cast: Cast) -> None:
    assert b"Test the sign-in first" in ada.post(f"{PAGE}{row.pk}/enable/", follow=True).content
    location = ada.post(f"{PAGE}{row.pk}/test/")["Location"]
    assert request_of(location).get("ForceAuthn") == "true"
    session = ada.session.session_key
    honest = Honest.to(location, cast.ada.external_id)
    on = ada.post(f"{SIGN_IN}acs/", {"SAMLResponse": posted(honest.signed())})
    page = ada.get(on["Location"])
    assert (page.status_code, b"an admin, would be signed in" in page.content) == (200, True)
    assert b"AuthnContextClassRef" in page.content
    assert ada.session.session_key == session
    ada.post(f"{PAGE}{row.pk}/enable/")
    row.refresh_from_db()
    assert row.is_enabled


def test_the_portal_s_key_is_rotated_by_buttons(ada: Client, row: IdentityProvider) -> None:
    for step, left in (("key-add", 2), ("key-use", 2), ("key-remove", 1), ("key-remove", 1)):
        ada.post(f"{PAGE}{row.pk}/{step}/")
        row.refresh_from_db()
        assert row.certificates.count("BEGIN") == left


def test_others_tenants_do_not_see_it(ada: Client, row: IdentityProvider, cast: Cast) -> None:
    IdentityProvider.objects.update(tenant=cast.other)
    assert ada.post(f"{PAGE}{row.pk}/key-add/").status_code == 404
    assert b"Contoso SAML" not in ada.get(PAGE).content
