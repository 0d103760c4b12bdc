"""The one shape that a signed response may have, whatever its content says.

Signature wrapping lives on a second assertion that is read while the first is verified. Here there is no
second one: one assertion, in its place, with one signature of its own, over itself, in one way.
"""

from lxml import etree

from identity.saml.documents import DS, NAMES, SAML, SAMLP, XENC, Hostile

ENVELOPED = DS + "enveloped-signature"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
CANONICAL = {EXCLUSIVE, EXCLUSIVE + "WithComments"}  # there are no comments
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNING = {f"{_MORE}{kind}-sha{bits}" for kind in ("rsa", "ecdsa") for bits in (256, 384, 512)}
DIGESTS = {XENC + "sha256", _MORE + "sha384", XENC + "sha512"}
_GCM = "http://www.w3.org/2009/xmlenc11#"
ENCRYPTING = {f"{_GCM}aes{bits}-gcm" for bits in (128, 192, 256)}
ENCRYPTING |= {f"{XENC}aes{bits}-cbc" for bits in (128, 192, 256)}  # ADR 0069 says why CBC is safe here
WRAPPING = {XENC + "rsa-oaep-mgf1p", _GCM + "rsa-oaep"}  # never PKCS #1 v1.5
_IDS = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")


def check_envelope(root: etree._Element) -> None:
    """The response as it came; its assertion may still be encrypted.

    Raises:
        Hostile: it has another shape.
    """
    if root.tag != f"{{{SAMLP}}}Response":
        raise Hostile("no Response")
    _check_ids(root)
    _check_signatures(root)
    _check_encryption(root)
    found = [item for item in root.iter() if _local(item) in {"Assertion", "EncryptedAssertion"}]
    if len(found) != 1 or found[0].getparent() is not root or _namespace(found[0]) != SAML:
        raise Hostile("not one assertion")
    if any(_local(item) == "Response" for item in root.iterdescendants()):
        raise Hostile("a response inside")


def check_assertion(root: etree._Element) -> etree._Element:
    """The one assertion of the response, in clear and signed itself; see check_envelope.

    Raises:
        Hostile: it has another shape, or no signature.
    """
    check_envelope(root)
    assertion = root.find("saml:Assertion", NAMES)
    if assertion is None:
        raise Hostile("not in clear")
    if assertion.find("ds:Signature", NAMES) is None:
        raise Hostile("assertion not signed")
    if any(_namespace(item) == XENC for item in assertion.iter()):
        raise Hostile("encrypted parts")
    return assertion


def _check_ids(root: etree._Element) -> None:
    ids = [item.get(name) for item in root.iter() for name in _IDS if item.get(name) is not None]
    if len(ids) != len(set(ids)) or not all(ids):
        raise Hostile("ids")


def _check_signatures(root: etree._Element) -> None:
    """Each stands in what it signs, and says so; only the response and its assertion are signed."""
    for signature in root.iter(f"{{{DS}}}Signature"):
        parent = signature.getparent()
        if parent is None or not (parent is root or _is_assertion_of(parent, root)):
            raise Hostile("signature out of place")
        if len(parent.findall("ds:Signature", NAMES)) != 1:
            raise Hostile("two signatures")
        if [_local(child) for child in signature] not in (
            ["SignedInfo", "SignatureValue"],
            ["SignedInfo", "SignatureValue", "KeyInfo"],
        ):
            raise Hostile("signature's parts")
        _check_signed_info(signature[0], parent)


def _is_assertion_of(item: etree._Element, root: etree._Element) -> bool:
    return item.tag == f"{{{SAML}}}Assertion" and item.getparent() is root


def _check_signed_info(info: etree._Element, signed: etree._Element) -> None:
    if [_local(child) for child in info] != ["CanonicalizationMethod", "SignatureMethod", "Reference"]:
        raise Hostile("not one reference")
    if info[0].get("Algorithm") not in CANONICAL or info[1].get("Algorithm") not in SIGNING:
        raise Hostile("signature's algorithm")
    reference = info[2]
    if not signed.get("ID") or reference.get("URI") != f"#{signed.get('ID')}":
        raise Hostile("reference to another element")
    digest = reference.find("ds:DigestMethod", NAMES)
    if digest is None or digest.get("Algorithm") not in DIGESTS:
        raise Hostile("digest's algorithm")
    ways = [item.get("Algorithm") for item in reference.iterfind("ds:Transforms/ds:Transform", NAMES)]
    if not ways or ways[0] != ENVELOPED or len(ways) > 2 or not set(ways[1:]) <= CANONICAL:
        raise Hostile("transforms")
    inside = {item.tag for way in reference.iter(f"{{{DS}}}Transform") for item in way.iterdescendants()}
    if not inside <= {f"{{{EXCLUSIVE}}}InclusiveNamespaces"}:
        raise Hostile("transforms")


def _check_encryption(root: etree._Element) -> None:
    for item in root.iter():
        if _local(item) in {"CipherReference", "RetrievalMethod", "EncryptedID", "EncryptedAttribute"}:
            raise Hostile(_local(item))
        if item.tag == f"{{{XENC}}}EncryptionMethod":
            parent = item.getparent()
            keys = parent is not None and _local(parent) == "EncryptedKey"
            if item.get("Algorithm") not in (WRAPPING if keys else ENCRYPTING):
                raise Hostile("encryption's algorithm")


def _local(item: etree._Element) -> str:
    return etree.QName(item).localname


def _namespace(item: etree._Element) -> str | None:
    return etree.QName(item).namespace
