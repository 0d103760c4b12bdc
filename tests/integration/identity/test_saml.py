"""SAML 2.0 sign-in: begun here, answered once, in the browser that it left from."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from identity.models import EmailDomain, IdentityProvider, LoginSession, SamlRequest
from identity.saml.keys import certificates_of
from identity.saml.services import add_saml_key, remove_saml_key, use_saml_key
from identity.tenancy import tenant_scope
from tests.cast import Cast
from tests.integration.identity.saml_site import PAGE, begun, come_back, is_open, saml_row, signed_in, step_up
from tests.saml import ENTITY, HIGH, LOW, NS, Honest, encrypt, metadata, posted, request_of, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(cast: Cast) -> IdentityProvider:
    """Contoso's provider, enabled."""
    return saml_row(cast)


def test_a_person_signs_in_and_is_where_he_was_going(row: IdentityProvider, cast: Cast) -> None:
    client = Client()
    location = begun(client, "/notices/")
    done = come_back(client, Honest.to(location, cast.lena.external_id))
    assert (done.status_code, done["Location"]) == (302, "/notices/")
    assert is_open(client)
    login = LoginSession.objects.get()
    assert (login.user, login.issuer, login.sub, login.sid) == (
        cast.lena, ENTITY, cast.lena.external_id, "s1",
    )  # fmt: skip
    assert SamlRequest.objects.get().answer is None, "nothing personal is kept"


def test_the_request_is_signed_and_asks_for_nothing_else(row: IdentityProvider, cast: Cast) -> None:
    location = begun(Client())
    assert location.startswith("https://idp.contoso.example/sso?a=1&b=2&SAMLRequest=")
    assert "&SigAlg=" in location
    assert "&Signature=" in location
    assert "RelayState" not in location
    request = request_of(location)
    assert request.get("Destination") == "https://idp.contoso.example/sso?a=1&b=2"
    assert request.get("ForceAuthn") is None
    assert request.find("samlp:RequestedAuthnContext", NS) is None


def test_the_provider_s_post_comes_without_the_session_s_cookie(row: IdentityProvider, cast: Cast) -> None:
    """SameSite=Lax keeps it back; the step-up finds the session all the same, on the page after."""
    client = signed_in(cast)
    session = client.cookies.pop("portal_session")
    location = step_up(client, session)
    request = request_of(location)
    assert request.get("ForceAuthn") == "true"
    asked = request.findall("samlp:RequestedAuthnContext/saml:AuthnContextClassRef", NS)
    assert [item.text for item in asked] == [HIGH]
    done = come_back(client, Honest.to(location, cast.ada.external_id, context=HIGH), session)
    assert (done.status_code, done["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200
    assert LoginSession.objects.count() == 1, "the step-up keeps its row"


@pytest.mark.parametrize(
    "changes",
    [{"context": LOW}, {"context": HIGH, "authenticated": -200_000}],
    ids=["another context", "long ago"],
)
def test_a_step_up_that_was_not_done_is_refused(row, cast: Cast, changes: dict[str, Any]) -> None:
    client = signed_in(cast)
    location = step_up(client)
    done = come_back(client, Honest.to(location, cast.ada.external_id, **changes))
    assert (done.status_code, b"stronger sign-in did not happen" in done.content) == (403, True)


def test_a_provider_that_cannot_says_so(row: IdentityProvider, cast: Cast) -> None:
    client = signed_in(cast)
    status = "urn:oasis:names:tc:SAML:2.0:status:"
    answer = Honest.to(
        step_up(client), "x", status=f"{status}Responder", sub_status=f"{status}NoAuthnContext"
    )
    done = client.post(f"{PAGE}acs/", {"SAMLResponse": posted(answer.document(assertions=""))})
    assert (done.status_code, b"stronger sign-in did not happen" in done.content) == (403, True)


def test_another_person_s_second_factor_does_not_count(row: IdentityProvider, cast: Cast) -> None:
    client = signed_in(cast)
    done = come_back(client, Honest.to(step_up(client), cast.omar.external_id, context=HIGH))
    assert done.status_code == 403


@pytest.mark.parametrize("who", ["nobody", "nils", "inactive"])
def test_only_the_tenant_s_own_active_people_come_in(row, cast: Cast, who: str) -> None:
    cast.mia.is_active = False
    cast.mia.save()
    name = {"nobody": "user", "nils": cast.nils.external_id, "inactive": cast.mia.external_id}[who]
    client = Client()
    done = come_back(client, Honest.to(begun(client), name))
    assert done.status_code == 403
    assert not is_open(client)
    assert not LoginSession.objects.exists()


def test_an_attribute_names_the_person_where_the_admin_says_so(row: IdentityProvider, cast: Cast) -> None:
    IdentityProvider.objects.update(subject="uid", match="username")
    client = Client()
    named = (("uid", cast.lena.username.upper()),)
    assert come_back(client, Honest.to(begun(client), "opaque", attributes=named)).status_code == 302
    assert LoginSession.objects.get().user == cast.lena
    other = Client()
    assert come_back(other, Honest.to(begun(other), cast.lena.username)).status_code == 400


def test_encrypted_assertions_are_read_with_the_old_key_and_the_new(row, cast: Cast) -> None:
    """Rotation with overlap: published, then used, then the old one removed."""

    def sent(certificate: str) -> int:
        client = Client()
        location = begun(client)
        sealed = encrypt(Honest.to(location, cast.lena.external_id).signed(), certificate)
        return come_back(client, Honest.to(location, "x"), root=sealed).status_code

    def certificates() -> list[str]:
        row.refresh_from_db()
        return [one.pem for one in certificates_of(row.certificates)]

    [old] = certificates()
    assert sent(old) == 302
    with tenant_scope(cast.tenant.pk):
        add_saml_key(by=cast.ada, provider=row)
    assert certificates()[0] == old, "the old one goes on signing"
    assert Client().get(f"{PAGE}metadata/").content.count(b"<ds:X509Certificate>") == 4
    new = certificates()[1]
    assert (sent(old), sent(new)) == (302, 302)
    with tenant_scope(cast.tenant.pk):
        use_saml_key(by=cast.ada, provider=row)
    assert certificates()[0] == new
    assert (sent(old), sent(new)) == (302, 302)
    with tenant_scope(cast.tenant.pk):
        remove_saml_key(by=cast.ada, provider=row)
    assert (sent(old), sent(new)) == (400, 302)


def test_a_new_certificate_of_the_provider_replaces_the_old(row: IdentityProvider, cast: Cast) -> None:
    IdentityProvider.objects.update(metadata=metadata(keys=("idp", "next")))

    def sent(key: str) -> int:
        client = Client()
        answer = Honest.to(begun(client), cast.lena.external_id)
        return come_back(client, answer, root=answer.signed(key)).status_code

    assert (sent("idp"), sent("next")) == (302, 302)
    IdentityProvider.objects.update(metadata=metadata(keys=("next",)))
    assert (sent("idp"), sent("next")) == (400, 302)


def test_a_response_that_is_signed_too_is_fine(row: IdentityProvider, cast: Cast) -> None:
    client = Client()
    answer = Honest.to(begun(client), cast.lena.external_id)
    root = answer.signed()
    sign(root)
    assert come_back(client, answer, root=root).status_code == 302


def test_what_the_portal_says_of_itself(row: IdentityProvider) -> None:
    told = Client().get(f"{PAGE}metadata/")
    assert (told.status_code, told["Content-Type"]) == (200, "application/samlmetadata+xml")
    root = etree.fromstring(told.content)
    sp = root[0] if root[0].tag.endswith("SPSSODescriptor") else root[1]
    assert root.get("entityID") == f"http://testserver{PAGE}metadata/"
    assert (sp.get("AuthnRequestsSigned"), sp.get("WantAssertionsSigned")) == ("true", "true")
    assert f'Location="http://testserver{PAGE}acs/"'.encode() in told.content
    assert f'Location="http://testserver{PAGE}slo/"'.encode() in told.content
    assert b"PRIVATE" not in told.content


def test_two_tabs_do_not_disturb_each_other(row: IdentityProvider, cast: Cast) -> None:
    client = Client()
    first, second = begun(client), begun(client)
    assert come_back(client, Honest.to(first, cast.lena.external_id)).status_code == 302
    assert come_back(client, Honest.to(second, cast.lena.external_id)).status_code == 302


def test_relay_state_leads_nowhere(row: IdentityProvider, cast: Cast) -> None:
    client = Client()
    answer = Honest.to(begun(client), cast.lena.external_id)
    data = {"SAMLResponse": posted(answer.signed()), "RelayState": "https://evil.example/"}
    on = client.post(f"{PAGE}acs/", data)
    assert (on.status_code, on["Location"].partition("?")[0]) == (303, f"{PAGE}finish/")
    assert client.get(on["Location"])["Location"] == "/"


def test_by_the_domain_of_an_address(row: IdentityProvider, cast: Cast) -> None:
    """The page in between carries the request's cookie on."""
    EmailDomain.objects.create(provider=row, domain="contoso.example")
    IdentityProvider.objects.create(
        tenant=cast.other,
        slug="other",
        name="Other",
        kind="oidc",
        issuer="https://o.example",
        is_enabled=True,
    )
    client = Client()
    page = client.post("/sign-in/", {"email": "lena@contoso.example", "next": "/notices/"})
    location = html.unescape(re.search(r"url=([^\"]+)", page.content.decode())[1])
    done = come_back(client, Honest.to(location, cast.lena.external_id))
    assert (done.status_code, done["Location"]) == (302, "/notices/")


def test_a_step_up_from_a_fragment_goes_whole_and_keeps_its_cookie(row, cast: Cast) -> None:
    client = signed_in(cast)
    sent = client.get(
        "/admin/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/notices/"}
    )
    done = come_back(client, Honest.to(sent["HX-Redirect"], cast.ada.external_id, context=HIGH))
    assert (done.status_code, done["Location"]) == (302, "/notices/")
