"""Single logout: here and at the provider, whoever begins; only on the provider's signed word."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.models import IdentityProvider, LoginSession
from tests.cast import Cast
from tests.integration.identity.saml_site import PAGE, begun, come_back, is_open, saml_row
from tests.saml import ENTITY, NS, Honest, logout_request, metadata, redirected, request_of, when

pytestmark = pytest.mark.django_db
SLO = f"http://testserver{PAGE}slo/"


@pytest.fixture
def row(cast: Cast) -> IdentityProvider:
    return saml_row(cast)


def arrived(user: Any, index: str = "s1") -> Client:
    client = Client()
    answer = Honest.to(begun(client), user.external_id, session_index=index)
    assert come_back(client, answer).status_code == 302
    return client


def told(xml: str, **how: Any) -> Any:
    return Client().get(f"{PAGE}slo/?{redirected(xml, 'SAMLRequest', **how)}")


def answer_to(location: str, **changes: str) -> str:
    """The provider's LogoutResponse to our LogoutRequest."""
    request = request_of(location)
    values = {
        "ID": "_x", "IssueInstant": when(), "Destination": SLO, "InResponseTo": request.get("ID"),
    } | changes  # fmt: skip
    attributes = " ".join(f'{name}="{value}"' for name, value in values.items())
    return (
        f'<samlp:LogoutResponse xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" Version="2.0" '
        f"{attributes}><saml:Issuer>{ENTITY}</saml:Issuer><samlp:Status><samlp:StatusCode "
        'Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>'
    )


def test_signing_out_here_ends_the_session_there(row: IdentityProvider, cast: Cast) -> None:
    client = arrived(cast.lena)
    location = client.post("/sign-out/")["Location"]
    assert location.startswith("https://idp.contoso.example/slo?SAMLRequest=")
    assert "&Signature=" in location
    request = request_of(location)
    assert request.findtext("saml:NameID", "", NS) == cast.lena.external_id
    assert request.findtext("samlp:SessionIndex", "", NS) == "s1"
    assert not is_open(client)
    back = client.get(f"{PAGE}slo/?{redirected(answer_to(location), 'SAMLResponse')}")
    assert (back.status_code, back["Location"]) == (302, "/sign-in/")


def test_a_provider_without_logout_ends_it_here_alone(row: IdentityProvider, cast: Cast) -> None:
    client = arrived(cast.lena)
    IdentityProvider.objects.update(metadata=metadata(slo=False))
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not is_open(client)


@pytest.mark.parametrize(
    "changes",
    [
        {"InResponseTo": "_1.aa.bb"},
        {"InResponseTo": ""},
        {"Destination": "https://evil.example/"},
        {"IssueInstant": when(-4000)},
    ],
    ids=["not ours", "none", "destination", "old"],
)
def test_an_answer_that_we_did_not_ask_for_is_refused(row, cast: Cast, changes: dict[str, str]) -> None:
    location = arrived(cast.lena).post("/sign-out/")["Location"]
    query = redirected(answer_to(location, **changes), "SAMLResponse")
    assert Client().get(f"{PAGE}slo/?{query}").status_code == 400


def test_the_provider_ends_one_session(row: IdentityProvider, cast: Cast) -> None:
    first, second, omar = arrived(cast.lena), arrived(cast.lena, "s2"), arrived(cast.omar, "s3")
    done = told(logout_request(SLO, cast.lena.external_id, "s1"), relay_state="r&1")
    assert [is_open(one) for one in (first, second, omar)] == [False, True, True]
    assert LoginSession.objects.get(sid="s1").end == LoginSession.End.PROVIDER
    location = done["Location"]
    assert location.startswith("https://idp.contoso.example/slo?SAMLResponse=")
    assert "&RelayState=r%261&SigAlg=" in location
    assert "&Signature=" in location
    answer = request_of(location, "SAMLResponse")
    assert answer.get("InResponseTo").startswith("_l")
    assert answer.find("samlp:Status/samlp:StatusCode", NS).get("Value").endswith(":Success")


def test_the_provider_ends_all_of_a_person(row: IdentityProvider, cast: Cast) -> None:
    first, second, omar = arrived(cast.lena), arrived(cast.lena, "s2"), arrived(cast.omar, "s3")
    assert told(logout_request(SLO, cast.lena.external_id)).status_code == 302
    assert [is_open(one) for one in (first, second, omar)] == [False, False, True]


def test_another_tenant_s_provider_of_the_same_name_ends_nothing(row, cast: Cast) -> None:
    """Anybody may call his own provider as he likes: its word reaches his tenant alone."""
    client = arrived(cast.lena)
    IdentityProvider.objects.create(
        tenant=cast.other, slug="northwind", name="N", kind="saml", issuer=ENTITY,
        metadata=metadata(keys=("mallory",)), is_enabled=True,
    )  # fmt: skip
    place = "/sign-in/saml/northwind/slo/"
    query = redirected(
        logout_request(f"http://testserver{place}", cast.lena.external_id), "SAMLRequest", "mallory"
    )
    Client().get(f"{place}?{query}")
    assert is_open(client)


def twice(query: str) -> str:
    return f"{query}&{query.partition('&')[0]}"


HOSTILE: dict[str, Callable[[str], str]] = {
    "unsigned": lambda name: redirected(logout_request(SLO, name), "SAMLRequest").partition("&SigAlg")[0],
    "no signature": lambda name: redirected(logout_request(SLO, name), "SAMLRequest").partition("&Signature")[
        0
    ],
    "another key": lambda name: redirected(logout_request(SLO, name), "SAMLRequest", "mallory"),
    "SHA-1": lambda name: redirected(logout_request(SLO, name), "SAMLRequest", sha1=True),
    "issuer": lambda name: redirected(logout_request(SLO, name, issuer="x"), "SAMLRequest"),
    "destination": lambda name: redirected(logout_request("https://x.example/", name), "SAMLRequest"),
    "old": lambda name: redirected(logout_request(SLO, name, IssueInstant=when(-900)), "SAMLRequest"),
    "future": lambda name: redirected(logout_request(SLO, name, IssueInstant=when(900)), "SAMLRequest"),
    "expired": lambda name: redirected(logout_request(SLO, name, NotOnOrAfter=when(-300)), "SAMLRequest"),
    "DTD": lambda name: redirected("<!DOCTYPE x>" + logout_request(SLO, name), "SAMLRequest"),
    "comment": lambda name: redirected(logout_request(SLO, name + "<!---->x"), "SAMLRequest"),
    "no name": lambda name: redirected(logout_request(SLO, ""), "SAMLRequest"),
    "wrong message": lambda name: redirected(f'<a xmlns="{NS["samlp"]}"/>', "SAMLRequest"),
    "swapped": lambda name: redirected(logout_request(SLO, name), "SAMLResponse"),
    "twice": lambda name: twice(redirected(logout_request(SLO, name), "SAMLRequest")),
    "disguised": lambda name: (
        redirected(logout_request(SLO, "x"), "SAMLRequest")
        + "&"
        + redirected(logout_request(SLO, name), "SAMLRequest").partition("&")[0].replace("SAML", "S%41ML", 1)
    ),
    "relay state changed": lambda name: redirected(
        logout_request(SLO, name), "SAMLRequest", relay_state="a"
    ).replace("RelayState=a", "RelayState=b"),
    "bomb": lambda name: redirected("<a>" + " " * 50_000_000 + "</a>", "SAMLRequest"),
    "not deflated": lambda name: "SAMLRequest=PGEvPg%3D%3D&SigAlg=x&Signature=x",
    "nothing": lambda name: "",
    "rubbish": lambda name: "SAMLRequest=%00&SigAlg=%ff&Signature=%%%",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_requests_are_refused(row: IdentityProvider, cast: Cast, name: str) -> None:
    client = arrived(cast.lena)
    assert Client().get(f"{PAGE}slo/?{HOSTILE[name](cast.lena.external_id)}").status_code == 400
    assert is_open(client)


def test_a_replay_ends_nothing_again(row: IdentityProvider, cast: Cast) -> None:
    arrived(cast.lena)
    xml = logout_request(SLO, cast.lena.external_id)
    assert told(xml).status_code == 302
    client = arrived(cast.lena)
    assert told(xml).status_code == 400
    assert is_open(client)
