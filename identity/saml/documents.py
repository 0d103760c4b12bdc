"""Takes XML from outside: what could harm is refused before it is parsed, and nothing is ever fetched."""

import base64
import binascii
import re
import zlib

from lxml import etree

MAX_MESSAGE_BYTES = 256 * 1024  # a response with a thousand groups has about 120 kB
MAX_METADATA_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 10_000
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
NAMES = {"saml": SAML, "samlp": SAMLP, "ds": DS, "xenc": XENC, "md": "urn:oasis:names:tc:SAML:2.0:metadata"}
_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(r"encoding\s*=\s*[\"']([^\"']*)[\"']")


class Hostile(Exception):
    """The message fails a check; `reason` names it for the log, without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def parse_message(raw: bytes) -> etree._Element:
    """The root of a protocol message.

    Messages are made by programs: one with a document type, comment, CDATA section or processing
    instruction is an attack (on entities, or on how text around a comment is read) and never parsed.

    Raises:
        Hostile: it is too large or too deep, not UTF-8, or not plain XML.
    """
    text = _text(raw, MAX_MESSAGE_BYTES)
    if "<!" in text:
        raise Hostile("doctype, comment or CDATA")
    return _parse(text)


def parse_metadata(raw: bytes) -> etree._Element:
    """The root of a metadata document, which people write comments into. Raises as parse_message does."""
    text = _text(raw, MAX_METADATA_BYTES)
    if re.search(r"<!(?!--|\[CDATA\[)", text):
        raise Hostile("doctype")
    return _parse(text)


def from_post(value: str) -> bytes:
    """The XML of a message by HTTP-POST (SAML 2.0 Bindings, 3.5.4); raises Hostile."""
    return _base64(value)


def from_redirect(value: str) -> bytes:
    """The XML of a message by HTTP-Redirect (3.4.4.1), inflated within limits; raises Hostile."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        raw = inflater.decompress(_base64(value), MAX_MESSAGE_BYTES + 1)
    except zlib.error as error:
        raise Hostile("deflate") from error
    if len(raw) > MAX_MESSAGE_BYTES or not inflater.eof or inflater.unused_data:
        raise Hostile("deflate")
    return raw


def _base64(value: str) -> bytes:
    if len(value) > 2 * MAX_MESSAGE_BYTES:
        raise Hostile("size")
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Hostile("base64") from error


def _text(raw: bytes, most: int) -> str:
    if not raw or len(raw) > most:
        raise Hostile("size")
    try:
        text = raw.decode("utf-8-sig")  # another encoding could hide a document type from this check
    except UnicodeDecodeError as error:
        raise Hostile("encoding") from error
    declared = _DECLARATION.match(text)
    if declared:
        named = _ENCODING.search(declared[0])
        if named and named[1].lower() != "utf-8":
            raise Hostile("encoding")
        text = text[declared.end() :]
    if "\0" in text or "<?" in text:
        raise Hostile("NUL or processing instruction")
    if text.count("<") > 2 * MAX_ELEMENTS:
        raise Hostile("size")
    return text


def _parse(text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise Hostile("XML") from error
    _check_depth(root)
    return root


def _check_depth(root: etree._Element) -> None:
    depth = 0
    for event, _element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise Hostile("depth")
