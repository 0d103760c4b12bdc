"""Checks a response to a sign-in by every rule that applies to a service provider of the Web Browser SSO
profile (SAML 2.0 Profiles, 4.1.4), python3-saml's and what it leaves open.

Knows no request and no database: the message, keys and expectations come in, a statement or a refusal
goes out.
"""

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.dateparse import parse_datetime
from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from xmlsec import Error as XmlSecError

from identity.id_token import LEEWAY_SECONDS
from identity.saml.documents import NAMES, Hostile, parse_message
from identity.saml.structure import check_assertion, check_envelope
from identity.saml.toolkit import request_data

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MAX_LENGTH = 255
# What python3-saml raises on content that nobody foresaw; each is a refusal, never a server error.
LIBRARY = (OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError, XmlSecError, etree.LxmlError)
CONTENT = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError)
_CLOCK = {
    OneLogin_Saml2_ValidationError.ASSERTION_EXPIRED,
    OneLogin_Saml2_ValidationError.ASSERTION_TOO_EARLY,
    OneLogin_Saml2_ValidationError.SESSION_EXPIRED,
}


class WrongTime(Hostile):
    """A time that does not fit: one of the two clocks may be wrong."""


@dataclass(frozen=True)
class Expected:
    """What this sign-in asked for, and by whom it may be answered."""

    issuer: str
    audience: str
    acs: str
    request_id: str


@dataclass(frozen=True)
class NameID:
    """What the provider calls the person (SAML 2.0 Core, 2.2.3); logout names him so again."""

    value: str
    format: str = ""
    name_qualifier: str = ""
    sp_name_qualifier: str = ""


@dataclass(frozen=True)
class Statement:
    """What a checked assertion says; times in epoch seconds."""

    assertion_id: str
    name_id: NameID
    session_index: str
    context: str  # AuthnContextClassRef
    authenticated_at: int
    attributes: Mapping[str, tuple[str, ...]]


def in_response_to(root: etree._Element) -> str:
    """Which request this answers, as it says itself; empty for what nobody asked for."""
    return str(root.get("InResponseTo", ""))


def failure_of(root: etree._Element) -> tuple[str, ...]:
    """Why the provider did not sign in: its status codes, without their prefix. Empty after success."""
    codes = [str(item.get("Value", "")) for item in root.iterfind("samlp:Status//samlp:StatusCode", NAMES)]
    if codes[:1] == [STATUS + "Success"]:
        return ()
    return tuple(code.removeprefix(STATUS) for code in codes) or ("none",)


def check(
    raw: bytes, settings: Sequence[OneLogin_Saml2_Settings], expected: Expected, now: float | None = None
) -> Statement:
    """What the one signed assertion in `raw` says.

    `settings` differ in the portal's own key; an encrypted assertion is opened by whichever fits.

    Raises:
        WrongTime: it is expired or not yet valid.
        Hostile: for any other failed check.
    """
    root = parse_message(raw)
    check_envelope(root)
    now = time.time() if now is None else now
    document = _verified(base64.b64encode(raw).decode(), settings, expected)
    assertion = check_assertion(document)
    _check_parties(document, assertion, expected)
    _check_times(assertion, now)
    return _statement(assertion, now)


def _verified(
    encoded: str, settings: Sequence[OneLogin_Saml2_Settings], expected: Expected
) -> etree._Element:
    """The response in clear, after python3-saml's checks and before them those of the clear text."""
    try:
        response = _opened(encoded, settings)
        document: etree._Element = response.get_xml_document()
        parse_message(etree.tostring(document))  # what was encrypted may hide what is refused outside
        check_assertion(document)
        data = request_data(expected.acs)
        response.is_valid(data, expected.request_id, raise_exceptions=True)
    except Hostile:
        raise
    except OneLogin_Saml2_ValidationError as error:
        if error.code in _CLOCK:
            raise WrongTime(f"python3-saml {error.code}") from error
        raise Hostile(f"python3-saml {error.code}") from error
    except (*LIBRARY, *CONTENT) as error:
        raise Hostile(type(error).__name__) from error
    return document


def _opened(encoded: str, settings: Sequence[OneLogin_Saml2_Settings]) -> OneLogin_Saml2_Response:
    for one in settings[:-1]:
        try:
            return OneLogin_Saml2_Response(one, encoded)
        except (*LIBRARY, *CONTENT):
            continue
    return OneLogin_Saml2_Response(settings[-1], encoded)


def _check_parties(root: etree._Element, assertion: etree._Element, expected: Expected) -> None:
    """Exact where python3-saml compares beginnings or lets absent values pass."""
    if root.get("Destination") != expected.acs:
        raise Hostile("destination")
    if in_response_to(root) != expected.request_id:
        raise Hostile("request")
    for place, least in ((root, 0), (assertion, 1)):
        issuers = [_text(item) for item in place.iterfind("saml:Issuer", NAMES)]
        if len(issuers) < least or any(issuer != expected.issuer for issuer in issuers):
            raise Hostile("issuer")
    _check_audience(assertion, expected)
    _check_confirmation(assertion, expected)


def _check_audience(assertion: etree._Element, expected: Expected) -> None:
    restrictions = assertion.findall("saml:Conditions/saml:AudienceRestriction", NAMES)
    for restriction in restrictions:
        if expected.audience not in [_text(item) for item in restriction.iterfind("saml:Audience", NAMES)]:
            raise Hostile("audience")
    if not restrictions:
        raise Hostile("audience")


def _check_confirmation(assertion: etree._Element, expected: Expected) -> None:
    """One, by whoever bears the assertion to the place and in answer to the request that it names."""
    confirmations = assertion.findall("saml:Subject/saml:SubjectConfirmation", NAMES)
    if len(confirmations) != 1 or confirmations[0].get("Method") != BEARER:
        raise Hostile("confirmation")
    data = confirmations[0].find("saml:SubjectConfirmationData", NAMES)
    if data is None or data.get("Recipient") != expected.acs:
        raise Hostile("recipient")
    if data.get("InResponseTo") != expected.request_id or data.get("NotBefore"):
        raise Hostile("confirmation")


def _check_times(assertion: etree._Element, now: float) -> None:
    """At most LEEWAY_SECONDS out, where python3-saml allows five minutes; an end must be named."""
    conditions = assertion.find("saml:Conditions", NAMES)
    data = assertion.find("saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData", NAMES)
    if conditions is None or data is None or not data.get("NotOnOrAfter"):
        raise Hostile("no end")
    for place in (conditions, data):
        if seconds_of(place.get("NotOnOrAfter"), now) <= now - LEEWAY_SECONDS:
            raise WrongTime("expired")
        if seconds_of(place.get("NotBefore"), now) > now + LEEWAY_SECONDS:
            raise WrongTime("not yet valid")
    if seconds_of(assertion.get("IssueInstant"), now) > now + LEEWAY_SECONDS:
        raise WrongTime("issued in the future")


def _statement(assertion: etree._Element, now: float) -> Statement:
    authn = assertion.find("saml:AuthnStatement", NAMES)
    named = assertion.findall("saml:Subject/saml:NameID", NAMES)
    if authn is None or len(named) != 1 or not authn.get("AuthnInstant"):
        raise Hostile("no statement")
    authenticated_at = seconds_of(authn.get("AuthnInstant"), now)
    if authenticated_at > now + LEEWAY_SECONDS:
        raise WrongTime("authenticated in the future")
    contexts = [_text(item) for item in authn.iterfind("saml:AuthnContext/saml:AuthnContextClassRef", NAMES)]
    return Statement(
        assertion_id=_short(assertion.get("ID")),
        name_id=name_id_of(named[0]),
        session_index=_short(authn.get("SessionIndex", "")),
        context=_short(contexts[0]) if len(contexts) == 1 else "",
        authenticated_at=int(authenticated_at),
        attributes=_attributes(assertion),
    )


def name_id_of(element: etree._Element) -> NameID:
    """The name that `element` holds.

    Raises:
        Hostile: it is empty, too long, or holds more than text.
    """
    value = _text(element)
    if not value:
        raise Hostile("no name")
    return NameID(
        value=_short(value),
        format=_short(element.get("Format", "")),
        name_qualifier=_short(element.get("NameQualifier", ""), 1024),
        sp_name_qualifier=_short(element.get("SPNameQualifier", ""), 1024),
    )


def _attributes(assertion: etree._Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for item in assertion.iterfind("saml:AttributeStatement/saml:Attribute", NAMES):
        values = tuple(
            "".join(map(str, one.itertext())) for one in item.iterfind("saml:AttributeValue", NAMES)
        )
        name = str(item.get("Name", ""))
        found[name] = found.get(name, ()) + values
    return found


def seconds_of(value: str | None, otherwise: float) -> float:
    """Epoch seconds of an xs:dateTime in UTC (SAML 2.0 Core, 1.3.3)."""
    if value is None:
        return otherwise
    try:
        read = parse_datetime(value)
        if read is None or read.tzinfo is None:
            raise Hostile("time")
        return read.timestamp()
    except (ValueError, OverflowError) as error:
        raise Hostile("time") from error


def _text(element: etree._Element) -> str:
    if len(element):
        raise Hostile("more than text")
    return (element.text or "").strip()


def _short(value: str | None, most: int = MAX_LENGTH) -> str:
    if value is None or len(value) > most:
        raise Hostile("length")
    return value
