"""The eight ways of XML signature wrapping (Somorovsky et al., "On Breaking SAML", 2012), and bombs."""

from copy import deepcopy

from lxml import etree

from tests.saml import NS, Honest, sign

DOCTYPE = "<!DOCTYPE Response>"
BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + place, b"&%c;" % (97 + place) * 10) for place in range(8))
    + b"]>"
)
DEEP = b">" + b"<a>" * 5000 + b"</a>" * 5000 + b"<"
XSLT = (
    f'<ds:Transform xmlns:ds="{NS["ds"]}" Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
    '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"/></ds:Transform>'
)


def xsw(honest: Honest, kind: int) -> etree._Element:
    """The honest, signed response with a forged assertion for `victim`, placed in the way of `kind`.

    1 and 2 wrap a signed response, 3 to 8 a signed assertion.
    """
    if kind < 3:
        return _around_response(honest, kind)
    root = honest.signed()
    signed = root.find("saml:Assertion", NS)
    signature = signed.find("ds:Signature", NS)
    forged = _forged(signed)
    clean = deepcopy(signed)
    clean.remove(clean.find("ds:Signature", NS))
    place = root.index(signed)
    if kind == 3:
        root.insert(place, forged)
    elif kind == 4:
        root.replace(signed, forged)
        forged.append(signed)
    elif kind == 5:
        signed.remove(signature)
        forged.insert(1, signature)
        root.replace(signed, forged)
        root.append(clean)
    elif kind == 6:
        signed.remove(signature)
        forged.insert(1, signature)
        root.replace(signed, forged)
        signature.append(clean)
    elif kind == 7:
        extensions = etree.Element(f"{{{NS['samlp']}}}Extensions")
        extensions.append(forged)
        root.insert(1, extensions)
    elif kind == 8:
        signed.remove(signature)
        forged.insert(1, signature)
        root.replace(signed, forged)
        holder = etree.SubElement(signature, f"{{{NS['ds']}}}Object")
        holder.append(clean)
    return root


def _around_response(honest: Honest, kind: int) -> etree._Element:
    root = honest.document()
    sign(root)
    signature = root.find("ds:Signature", NS)
    outer = deepcopy(root)
    outer.remove(outer.find("ds:Signature", NS))
    outer.set("ID", "_evil")
    outer.replace(outer.find("saml:Assertion", NS), _forged(outer.find("saml:Assertion", NS)))
    root.remove(signature)
    outer.insert(1, signature)
    if kind == 1:
        signature.append(root)
    else:
        outer.append(root)
    return outer


def _forged(assertion: etree._Element) -> etree._Element:
    forged = deepcopy(assertion)
    forged.set("ID", "_forged")
    signature = forged.find("ds:Signature", NS)
    if signature is not None:
        forged.remove(signature)
    forged.find("saml:Subject/saml:NameID", NS).text = "victim"
    return forged
