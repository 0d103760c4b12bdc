"""A SAML identity provider that says whatever a test wants, signed with `xmlsec` itself: needs no binary."""

import base64
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs, urlencode, urlsplit

import xmlsec
from lxml import etree

from identity.saml.keys import KeyPair, new_pair

NS = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
}
ENTITY = "https://idp.contoso.example/saml"
LOW = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
HIGH = "https://refeds.org/profile/mfa"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
Change = Callable[[etree._Element], None]


@cache
def pair(name: str) -> KeyPair:
    """One key a name for the whole run: making one takes a while."""
    return new_pair(name)


def when(seconds: float = 0) -> str:
    """That many seconds from now, as SAML writes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def metadata(entity: str = ENTITY, *, keys: tuple[str, ...] = ("idp",), slo: bool = True) -> str:
    """What the provider publishes."""
    bare = ["".join(pair(name).certificate.splitlines()[1:-1]) for name in keys]
    descriptors = "".join(
        f'<KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{text}'
        "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
        for text in bare
    )
    redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    out = (
        f'<SingleLogoutService Binding="{redirect}" Location="https://idp.contoso.example/slo"/>'
        if slo
        else ""
    )
    return (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="{NS["ds"]}" '
        f'entityID="{entity}"><IDPSSODescriptor protocolSupportEnumeration="{NS["samlp"]}">{descriptors}{out}'
        f'<SingleSignOnService Binding="{redirect}" Location="https://idp.contoso.example/sso?a=1&amp;b=2"/>'
        "</IDPSSODescriptor></EntityDescriptor>"
    )


def request_of(location: str, what: str = "SAMLRequest") -> etree._Element:
    """The message by HTTP-Redirect in `location`."""
    raw = base64.b64decode(parse_qs(urlsplit(location).query)[what][0])
    return etree.fromstring(zlib.decompress(raw, -15))


@dataclass(frozen=True)
class Honest:
    """An honest answer to one AuthnRequest; tests replace what they want another."""

    request_id: str
    acs: str
    audience: str
    name_id: str
    destination: str | None = None
    recipient: str | None = None
    issuer: str = ENTITY
    response_issuer: str | None = None
    in_response_to: str | None = None
    confirmed: str | None = None
    begins: float = -10
    ends: float = 300
    confirmed_until: float = 300
    authenticated: float = -5
    context: str = LOW
    status: str = SUCCESS
    sub_status: str = ""
    session_index: str = "s1"
    assertion_id: str = field(default_factory=lambda: f"_a{datetime.now(UTC).timestamp()}".replace(".", "x"))
    attributes: tuple[tuple[str, str], ...] = (("department", "Marketing"),)

    @classmethod
    def to(cls, location: str, name_id: str, **changes: object) -> "Honest":
        """The answer to the request that a browser was sent away with."""
        request = request_of(location)
        issuer = request.findtext("saml:Issuer", "", NS)
        made = cls(request.get("ID"), request.get("AssertionConsumerServiceURL"), issuer, name_id)
        return replace(made, **changes)

    def assertion(self) -> str:
        attributes = "".join(
            f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue>'
            "</saml:Attribute>"
            for name, value in self.attributes
        )
        recipient = self.acs if self.recipient is None else self.recipient
        confirmed = self.request_id if self.confirmed is None else self.confirmed
        return f"""<saml:Assertion xmlns:saml="{NS["saml"]}" ID="{self.assertion_id}" Version="2.0"
 IssueInstant="{when()}"><saml:Issuer>{self.issuer}</saml:Issuer><saml:Subject>
<saml:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">{self.name_id}</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 InResponseTo="{confirmed}" Recipient="{recipient}" NotOnOrAfter="{when(self.confirmed_until)}"/>
</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{when(self.begins)}"
 NotOnOrAfter="{when(self.ends)}"><saml:AudienceRestriction><saml:Audience>{self.audience}</saml:Audience>
</saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{when(self.authenticated)}"
 SessionIndex="{self.session_index}"><saml:AuthnContext><saml:AuthnContextClassRef>{self.context}
</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>{attributes}
</saml:AttributeStatement></saml:Assertion>"""

    def document(self, assertions: str | None = None) -> etree._Element:
        """The response, nothing signed yet."""
        destination = self.acs if self.destination is None else self.destination
        answers = self.request_id if self.in_response_to is None else self.in_response_to
        attribute = f'InResponseTo="{answers}"' if answers else ""
        below = f'<samlp:StatusCode Value="{self.sub_status}"/>' if self.sub_status else ""
        return etree.fromstring(
            f"""<samlp:Response xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" ID="_r{
                self.assertion_id
            }"
 Version="2.0" IssueInstant="{when()}" Destination="{destination}" {attribute}>
<saml:Issuer>{self.response_issuer or self.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode
 Value="{self.status}">{below}</samlp:StatusCode></samlp:Status>{
                self.assertion() if assertions is None else assertions
            }</samlp:Response>"""
        )

    def signed(
        self,
        key: str = "idp",
        *,
        method: str = xmlsec.Transform.RSA_SHA256,
        digest: str = xmlsec.Transform.SHA256,
        before: Change | None = None,
        transforms: tuple[str, ...] = (xmlsec.Transform.ENVELOPED, xmlsec.Transform.EXCL_C14N),
    ) -> etree._Element:
        """The response with its assertion signed; `before` changes it beforehand."""
        root = self.document()
        if before:
            before(root)
        sign(root.find("saml:Assertion", NS), key, method=method, digest=digest, transforms=transforms)
        return root


def sign(
    element: etree._Element,
    key: str = "idp",
    *,
    method: str = xmlsec.Transform.RSA_SHA256,
    digest: str = xmlsec.Transform.SHA256,
    transforms: tuple[str, ...] = (xmlsec.Transform.ENVELOPED, xmlsec.Transform.EXCL_C14N),
) -> None:
    """Put a signature over `element` where SAML has it: behind the issuer."""
    signature = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, method, ns="ds")
    element.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=f"#{element.get('ID')}")
    for transform in transforms:
        xmlsec.template.add_transform(reference, transform)
    xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(signature))
    context = xmlsec.SignatureContext()
    context.key = _key(key)
    xmlsec.tree.add_ids(element.getroottree().getroot(), ["ID"])
    context.sign(signature)


def encrypt(
    root: etree._Element,
    certificate: str,
    *,
    data: str = xmlsec.Transform.AES256_GCM,
    wrap: str = xmlsec.Transform.RSA_OAEP,
) -> etree._Element:
    """Encrypt the response's assertion for the holder of `certificate`."""
    assertion = root.find("saml:Assertion", NS)
    encrypted = xmlsec.template.encrypted_data_create(
        root, data, type=xmlsec.EncryptionType.ELEMENT, ns="xenc"
    )
    xmlsec.template.encrypted_data_ensure_cipher_value(encrypted)
    info = xmlsec.template.encrypted_data_ensure_key_info(encrypted, ns="ds")
    wrapped = xmlsec.template.add_encrypted_key(info, wrap)
    xmlsec.template.encrypted_data_ensure_cipher_value(wrapped)
    manager = xmlsec.KeysManager()
    manager.add_key(xmlsec.Key.from_memory(certificate, xmlsec.KeyFormat.CERT_PEM, None))
    context = xmlsec.EncryptionContext(manager)
    bits = 128 if "128" in str(data.name) else 256
    context.key = xmlsec.Key.generate(xmlsec.KeyData.AES, bits, xmlsec.KeyDataType.SESSION)
    holder = etree.Element(f"{{{NS['saml']}}}EncryptedAssertion", nsmap={"saml": NS["saml"]})
    result = context.encrypt_xml(encrypted, assertion)
    parent = result.getparent()
    parent.replace(result, holder)
    holder.append(result)
    return root


def posted(root: etree._Element | bytes) -> str:
    """As the provider's form carries it."""
    raw = root if isinstance(root, bytes) else etree.tostring(root)
    return base64.b64encode(raw).decode()


def redirected(xml: str, what: str, key: str = "idp", *, relay_state: str = "", sha1: bool = False) -> str:
    """The signed query of a message by HTTP-Redirect."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(xml.encode()) + packer.flush()
    algorithm = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    transform = xmlsec.Transform.RSA_SHA256
    if sha1:
        algorithm, transform = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", xmlsec.Transform.RSA_SHA1
    pairs = [(what, base64.b64encode(packed).decode())]
    pairs += [("RelayState", relay_state)] if relay_state else []
    query = urlencode([*pairs, ("SigAlg", algorithm)])
    context = xmlsec.SignatureContext()
    context.key = _key(key)
    signature = context.sign_binary(query.encode(), transform)
    return query + "&" + urlencode({"Signature": base64.b64encode(signature).decode()})


def logout_request(slo: str, name_id: str, *indexes: str, issuer: str = ENTITY, **changes: str) -> str:
    """The XML of a LogoutRequest for sessions of `name_id`."""
    named = "".join(f"<samlp:SessionIndex>{index}</samlp:SessionIndex>" for index in indexes)
    values = {"ID": f"_l{datetime.now(UTC).timestamp()}".replace(".", "x"), "IssueInstant": when()}
    values |= {"Destination": slo} | changes
    attributes = " ".join(f'{name}="{value}"' for name, value in values.items())
    return (
        f'<samlp:LogoutRequest xmlns:samlp="{NS["samlp"]}" xmlns:saml="{NS["saml"]}" Version="2.0" '
        f"{attributes}>"
        f"<saml:Issuer>{issuer}</saml:Issuer><saml:NameID>{name_id}</saml:NameID>{named}</samlp:LogoutRequest>"
    )


def _key(name: str) -> xmlsec.Key:
    key = xmlsec.Key.from_memory(pair(name).key, xmlsec.KeyFormat.PEM, None)
    key.load_cert_from_memory(pair(name).certificate, xmlsec.KeyFormat.PEM)
    return key
