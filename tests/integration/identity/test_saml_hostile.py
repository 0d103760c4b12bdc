"""Responses that no honest provider sends: each is a 400, opens nothing and stores no session."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import xmlsec
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from lxml import etree

from identity.models import IdentityProvider, LoginSession, SamlRequest
from tests.cast import Cast
from tests.integration.identity.saml_site import PAGE, begun, come_back, is_open, saml_row
from tests.saml import NS, Honest, encrypt, pair, posted, sign
from tests.tampering import BOMB, DEEP, DOCTYPE, XSLT, xsw

pytestmark = pytest.mark.django_db
Make = Callable[[Honest, IdentityProvider], etree._Element | bytes | str]


@pytest.fixture
def row(cast: Cast) -> IdentityProvider:
    return saml_row(cast)


def changed(**changes: Any) -> Make:
    """Signed by the provider, but not what was asked for."""

    def make(honest: Honest, row: IdentityProvider) -> etree._Element:
        return Honest(**{**vars(honest), **changes}).signed()

    return make


def edited(edit: Callable[[bytes], bytes]) -> Make:
    """The honest response, its bytes changed afterwards."""
    return lambda honest, row: edit(etree.tostring(honest.signed()))


def around(text: str) -> Make:
    """The honest response behind `text`."""
    return edited(lambda raw: text.encode() + raw)


def sealed(honest: Honest, row: IdentityProvider, **how: Any) -> etree._Element:
    return encrypt(honest.signed(), row.certificates, **how)


def unsigned_inside(honest: Honest, row: IdentityProvider) -> etree._Element:
    root = honest.document()
    encrypt(root, row.certificates)
    sign(root)
    return root


def garbage_inside(honest: Honest, row: IdentityProvider) -> etree._Element:
    root = sealed(honest, row)
    values = root.findall(".//xenc:CipherValue", NS)
    values[-1].text = "AAAA" * 60
    return root


def response_signed_only(honest: Honest, row: IdentityProvider) -> etree._Element:
    root = honest.document()
    sign(root)
    return root


def two(honest: Honest, row: IdentityProvider) -> etree._Element:
    root = honest.signed()
    other = deepcopy(root.find("saml:Assertion", NS))
    other.set("ID", "_other")
    root.append(other)
    return root


def signature_lent(honest: Honest, row: IdentityProvider) -> etree._Element:
    """The signature of one assertion in another."""
    root, other = honest.signed(), Honest(**{**vars(honest), "name_id": "other"}).document()
    other.find("saml:Assertion", NS).insert(1, root.find("saml:Assertion/ds:Signature", NS))
    return other


def filtered(honest: Honest, row: IdentityProvider) -> etree._Element:
    root = etree.fromstring(etree.tostring(honest.signed()))
    root.find(".//ds:Transforms", NS).append(etree.fromstring(XSLT))
    return root


def short_key(honest: Honest, row: IdentityProvider) -> etree._Element:
    """HMAC under what everybody knows: the certificate."""
    root = honest.document()
    assertion = root.find("saml:Assertion", NS)
    signature = xmlsec.template.create(assertion, xmlsec.Transform.EXCL_C14N, xmlsec.Transform.HMAC_SHA256)
    assertion.insert(1, signature)
    reference = xmlsec.template.add_reference(
        signature, xmlsec.Transform.SHA256, uri=f"#{honest.assertion_id}"
    )
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_binary_data(xmlsec.KeyData.HMAC, b"known to everybody")
    xmlsec.tree.add_ids(root, ["ID"])
    context.sign(signature)
    return root


HOSTILE: dict[str, Make] = {
    "unsigned": lambda honest, row: honest.document(),
    "response signed only": response_signed_only,
    **{f"wrapped XSW{kind}": (lambda honest, row, kind=kind: xsw(honest, kind)) for kind in range(1, 9)},
    "two assertions": two,
    "a lent signature": signature_lent,
    "another key": lambda honest, row: honest.signed("mallory"),
    "HMAC": short_key,
    "SHA-1 signature": lambda honest, row: honest.signed(method=xmlsec.Transform.RSA_SHA1),
    "SHA-1 digest": lambda honest, row: honest.signed(digest=xmlsec.Transform.SHA1),
    "XSLT transform": filtered,
    "inclusive canonicalization": lambda honest, row: honest.signed(
        transforms=(xmlsec.Transform.ENVELOPED, xmlsec.Transform.C14N)
    ),
    "DTD": around(DOCTYPE),
    "billion laughs": edited(lambda raw: BOMB + raw.replace(b">Marketing<", b">&i;<")),
    "external entity": edited(
        lambda raw: (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + raw.replace(b">Marketing<", b">&e;<")
        )
    ),
    "processing instruction": edited(lambda raw: raw.replace(b"<saml:Subject>", b"<?x y?><saml:Subject>")),
    "UTF-16": edited(lambda raw: raw.decode().encode("utf-16")),
    "UTF-7": edited(lambda raw: b'<?xml version="1.0" encoding="UTF-7"?>' + raw),
    "cut off": edited(lambda raw: raw[:-40]),
    "NUL": edited(lambda raw: raw.replace(b"Marketing", b"Market\0ing")),
    "deep": edited(lambda raw: raw.replace(b">Marketing<", DEEP)),
    "wide": edited(lambda raw: raw.replace(b">Marketing<", b">" + b"<a/>" * 30_000 + b"<")),
    "wrong audience": changed(audience="https://another.example/"),
    "wrong recipient": changed(recipient="https://another.example/acs/"),
    "recipient with a tail": lambda honest, row: changed(recipient=honest.acs + "x")(honest, row),
    "wrong destination": changed(destination="https://another.example/acs/"),
    "destination with a tail": lambda honest, row: changed(destination=honest.acs + "x")(honest, row),
    "no destination": changed(destination=""),
    "wrong issuer": changed(issuer="https://another.example/"),
    "wrong issuer of the response": changed(response_issuer="https://another.example/"),
    "expired": changed(ends=-90),
    "confirmation expired": changed(confirmed_until=-90),
    "not yet valid": changed(begins=90),
    "authenticated tomorrow": changed(authenticated=86_400),
    "nobody asked": changed(in_response_to=""),
    "another request": changed(in_response_to="_0000"),
    "confirmation of another request": changed(confirmed="_0000"),
    "no name": changed(name_id=" "),
    "a name in parts": lambda honest, row: changed(name_id=f"{honest.name_id}<x/>")(honest, row),
    "a long name": changed(name_id="x" * 10_000),
    "hostile times": lambda honest, row: etree.tostring(honest.document()).replace(
        b"NotOnOrAfter=", b'NotOnOrAfter="9999999999-99-99T99:99:99Z" x='
    ),
    "encrypted garbage": garbage_inside,
    "encrypted, unsigned inside": unsigned_inside,
    "encrypted for another": lambda honest, row: encrypt(honest.signed(), pair("mallory").certificate),
    "encrypted with PKCS #1 v1.5": lambda honest, row: sealed(honest, row, wrap=xmlsec.Transform.RSA_PKCS1),
    "encrypted with triple DES": lambda honest, row: etree.tostring(sealed(honest, row)).replace(
        b"http://www.w3.org/2009/xmlenc11#aes256-gcm", b"http://www.w3.org/2001/04/xmlenc#tripledes-cbc"
    ),
    "encrypted elsewhere": lambda honest, row: etree.tostring(sealed(honest, row)).replace(
        b"<xenc:CipherValue>", b'<xenc:CipherReference URI="https://evil.example/"/><xenc:CipherValue>', 1
    ),
    "another document": lambda honest, row: b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
    "no XML": lambda honest, row: b"hello",
    "binary": lambda honest, row: bytes(range(256)),
    "empty": lambda honest, row: b"",
    "not Base64": lambda honest, row: "%%%",
    "5 MB": lambda honest, row: b"<a>" + b"x" * 5_000_000 + b"</a>",
    "just too large": lambda honest, row: b"<a>" + b"x" * 300_000 + b"</a>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_refused(row: IdentityProvider, cast: Cast, name: str) -> None:
    client = Client()
    honest = Honest.to(begun(client), cast.lena.external_id)
    made = HOSTILE[name](honest, row)
    message = made if isinstance(made, str) else posted(made)
    done = client.post(f"{PAGE}acs/", {"SAMLResponse": message})
    assert done.status_code == 400, done.headers
    assert not is_open(client)
    assert not LoginSession.objects.exists()
    assert not Session.objects.exists()
    assert cast.lena.external_id.encode() not in done.content


def test_the_honest_one_is_taken(row: IdentityProvider, cast: Cast) -> None:
    """Without this the refusals above would prove nothing."""
    client = Client()
    assert come_back(client, Honest.to(begun(client), cast.lena.external_id)).status_code == 302
    assert is_open(client)


@pytest.mark.parametrize("leeway", [{"ends": -30}, {"begins": 45}, {"authenticated": 45}], ids=str)
def test_clocks_may_differ_by_a_minute(row, cast: Cast, leeway: dict[str, float]) -> None:
    client = Client()
    assert come_back(client, Honest.to(begun(client), cast.lena.external_id, **leeway)).status_code == 302


@pytest.mark.parametrize("comment", ["<!---->", "<!-- x -->"])
def test_a_comment_does_not_cut_a_name_short(row, cast: Cast, comment: str) -> None:
    """CVE-2017-11427: `lena<!---->.evil` would be read as `lena`, with the signature intact."""
    client = Client()
    honest = Honest.to(begun(client), cast.lena.external_id + ".evil")
    raw = etree.tostring(honest.signed()).replace(b".evil", comment.encode() + b".evil")
    assert come_back(client, honest, root=raw).status_code == 400
    assert not is_open(client)


def test_a_replay_is_refused(row: IdentityProvider, cast: Cast) -> None:
    client = Client()
    honest = Honest.to(begun(client), cast.lena.external_id)
    root = honest.signed()
    assert come_back(client, honest, root=root).status_code == 302
    again = client.post(f"{PAGE}acs/", {"SAMLResponse": posted(root)})
    assert again.status_code == 400
    assert LoginSession.objects.count() == 1


def test_an_assertion_is_used_once_whatever_it_answers(row: IdentityProvider, cast: Cast) -> None:
    """A provider that repeats an assertion's id repeats the assertion."""
    first, second = Client(), Client()
    honest = Honest.to(begun(first), cast.lena.external_id, assertion_id="_same")
    assert come_back(first, honest).status_code == 302
    again = Honest.to(begun(second), cast.lena.external_id, assertion_id="_same")
    assert come_back(second, again).status_code == 400


def test_a_request_is_answered_once_even_wrongly(row: IdentityProvider, cast: Cast) -> None:
    """Nobody can try a second time: neither forgeries nor a padding oracle."""
    client = Client()
    honest = Honest.to(begun(client), cast.lena.external_id)
    assert come_back(client, honest, root=honest.signed("mallory")).status_code == 400
    assert come_back(client, honest).status_code == 400


def test_another_browser_s_answer_is_refused(row: IdentityProvider, cast: Cast) -> None:
    """Sign-in CSRF: the attacker's own answer, posted by the victim's browser."""
    attacker, victim = Client(), Client()
    honest = Honest.to(begun(attacker), cast.mia.external_id)
    assert come_back(victim, honest).status_code == 400
    begun(victim)
    assert come_back(victim, honest).status_code == 400, "a sign-in of its own does not help"
    assert not is_open(victim)


def test_another_browser_cannot_finish(row: IdentityProvider, cast: Cast) -> None:
    client = Client()
    honest = Honest.to(begun(client), cast.lena.external_id)
    on = client.post(f"{PAGE}acs/", {"SAMLResponse": posted(honest.signed())})
    assert Client().get(on["Location"]).status_code == 400
    assert client.get(on["Location"]).status_code == 302
    assert client.get(on["Location"]).status_code == 400, "nor the same one twice"


@pytest.mark.parametrize("query", ["", "?request=", "?request=%00", "?request=" + "x" * 5000, "?request='--"])
def test_nothing_to_finish(row: IdentityProvider, query: str) -> None:
    assert Client().get(f"{PAGE}finish/{query}").status_code == 400


def test_too_late(row: IdentityProvider, cast: Cast, settings: Any) -> None:
    client = Client()
    honest = Honest.to(begun(client), cast.lena.external_id)
    SamlRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert come_back(client, honest).status_code == 400


def test_a_provider_that_is_off_signs_nobody_in(row: IdentityProvider, cast: Cast) -> None:
    client = Client()
    honest = Honest.to(begun(client), cast.lena.external_id)
    IdentityProvider.objects.update(is_enabled=False)
    assert come_back(client, honest).status_code == 400


def test_anonymous_rubbish_is_limited(row: IdentityProvider, settings: Any) -> None:
    settings.SIGN_INS_PER_MINUTE = 3
    statuses = [
        Client().post(f"{PAGE}acs/", {"SAMLResponse": posted(b"<x/>")}).status_code for _turn in range(5)
    ]
    assert statuses == [400, 400, 400, 429, 429]


@pytest.mark.parametrize(
    "body", [{}, {"SAMLResponse": ["a", "b"]}, {"SAMLArt": "x"}], ids=["nothing", "twice", "artifact"]
)
def test_forms_that_are_none(row: IdentityProvider, body: dict[str, Any]) -> None:
    assert Client().post(f"{PAGE}acs/", body).status_code == 400
