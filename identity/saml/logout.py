"""Single logout (SAML 2.0 Profiles, 4.4) by HTTP-Redirect: asked for here, or by the provider."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request
from onelogin.saml2.logout_response import OneLogin_Saml2_Logout_Response

from identity.id_token import LEEWAY_SECONDS
from identity.providers import Provider
from identity.saml.addresses import url_of
from identity.saml.documents import NAMES, SAMLP, Hostile, from_redirect, parse_message
from identity.saml.response import CONTENT, LIBRARY, NameID, name_id_of, seconds_of
from identity.saml.toolkit import described, pairs_of, request_data, settings_of, signed_url

MAX_AGE_SECONDS = 300
ANSWER_SECONDS = 600  # a logout that asks other services on its way takes its time
SIGNING = {f"http://www.w3.org/2001/04/xmldsig-more#rsa-sha{bits}" for bits in (256, 384, 512)}
_SALT = "identity.saml.logout"


@dataclass(frozen=True)
class Ending:
    """Whose sessions a provider ends; without indexes all that it calls so."""

    request_id: str
    name_id: NameID
    session_indexes: tuple[str, ...]


class _Request(OneLogin_Saml2_Logout_Request):  # type: ignore[misc]
    def _generate_request_id(self) -> str:
        return _own_id()


def request_url(provider: Provider, name: NameID, session_index: str) -> str:
    """Where the browser goes to end the provider's session too.

    Raises:
        ProviderDown: the metadata or the portal's key cannot be used.
    """
    settings = settings_of(provider, pairs_of(provider)[0])
    made = _Request(
        settings,
        name_id=name.value,
        session_index=escape(session_index) or None,
        nq=name.name_qualifier or None,
        name_id_format=name.format or None,
        spnq=name.sp_name_qualifier or None,
    )
    return signed_url(described(provider).slo_url, settings, "SAMLRequest", made.get_request())


def message_of(query: str) -> dict[str, str]:
    """The parameters of a signed message, from the raw `query`: the signature covers the letters as sent.

    Raises:
        Hostile: a parameter stands there twice, under a disguised name, or none of these.
    """
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, _equals, value = part.partition("=")
        if name in found or name not in {"SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature"}:
            raise Hostile("query")
        found[name] = unquote_plus(value)
    if ("SAMLRequest" in found) == ("SAMLResponse" in found):
        raise Hostile("query")
    return found


def check_request(provider: Provider, query: str) -> Ending:
    """Whose sessions the provider's signed LogoutRequest ends.

    Raises:
        Hostile: it fails a check, or was seen before.
    """
    message = message_of(query)
    root = _signed(provider, query, message, "SAMLRequest")
    if root.tag != f"{{{SAMLP}}}LogoutRequest":
        raise Hostile("no LogoutRequest")
    _check_common(provider, root)
    try:
        request = OneLogin_Saml2_Logout_Request(settings_of(provider, None), message["SAMLRequest"])
        request.is_valid(request_data(url_of(provider, "slo"), message), raise_exceptions=True)
    except (*LIBRARY, *CONTENT) as error:
        raise Hostile(type(error).__name__) from error
    names = root.findall("saml:NameID", NAMES)
    if len(names) != 1:
        raise Hostile("no name")
    _check_first_time(provider, str(root.get("ID", "")))
    indexes = [(item.text or "").strip() for item in root.iterfind("samlp:SessionIndex", NAMES)]
    return Ending(str(root.get("ID", "")), name_id_of(names[0]), tuple(indexes))


def check_response(provider: Provider, query: str) -> bool:
    """Whether the provider says that its session ended, in answer to a request of ours.

    Raises:
        Hostile: it fails a check.
    """
    message = message_of(query)
    root = _signed(provider, query, message, "SAMLResponse")
    if root.tag != f"{{{SAMLP}}}LogoutResponse" or not _is_own_id(str(root.get("InResponseTo", ""))):
        raise Hostile("no answer to us")
    _check_common(provider, root)
    try:
        response = OneLogin_Saml2_Logout_Response(settings_of(provider, None), message["SAMLResponse"])
        response.is_valid(request_data(url_of(provider, "slo"), message), raise_exceptions=True)
        return str(response.get_status()).endswith(":Success")
    except (*LIBRARY, *CONTENT) as error:
        raise Hostile(type(error).__name__) from error


def response_url(provider: Provider, request_id: str, relay_state: str | None) -> str:
    """Where the browser goes back to with our signed LogoutResponse; empty where there is no such address.

    Raises:
        ProviderDown: the metadata or the portal's key cannot be used.
    """
    target = described(provider).slo_response_url
    if not target:
        return ""
    settings = settings_of(provider, pairs_of(provider)[0])
    made = OneLogin_Saml2_Logout_Response(settings)
    made.build(escape(request_id, {'"': "&quot;"}))
    return signed_url(target, settings, "SAMLResponse", made.get_response(), relay_state)


def _signed(provider: Provider, query: str, message: Mapping[str, str], what: str) -> etree._Element:
    """The message, once its signature over the raw query is checked (SAML 2.0 Bindings, 3.4.4.1)."""
    if what not in message or not message.get("Signature") or message.get("SigAlg") not in SIGNING:
        raise Hostile("not signed")
    data = request_data(url_of(provider, "slo"), message)
    data |= {"query_string": query, "validate_signature_from_qs": True}
    auth = OneLogin_Saml2_Auth(data, settings_of(provider, None))
    check = auth.validate_request_signature if what == "SAMLRequest" else auth.validate_response_signature
    root = parse_message(from_redirect(message[what]))
    if not check(dict(message)):
        raise Hostile("signature")
    return root


def _check_common(provider: Provider, root: etree._Element) -> None:
    if root.get("Destination") != url_of(provider, "slo"):
        raise Hostile("destination")
    issuers = [(item.text or "").strip() for item in root.iterfind("saml:Issuer", NAMES)]
    if issuers != [provider.issuer]:
        raise Hostile("issuer")
    now = time.time()
    issued = seconds_of(root.get("IssueInstant"), 0)
    if not now - MAX_AGE_SECONDS - LEEWAY_SECONDS < issued <= now + LEEWAY_SECONDS:
        raise Hostile("time")


def _check_first_time(provider: Provider, message_id: str) -> None:
    """A second time it would end sessions begun since."""
    seen = hashlib.sha256(f"{provider.key} {message_id}".encode()).hexdigest()
    if not cache.add(f"saml-logout:{seen}", True, MAX_AGE_SECONDS + 2 * LEEWAY_SECONDS):
        raise Hostile("seen before")


def _own_id() -> str:
    """An id that we know again without a session, which has ended by then, or a row."""
    body = f"{int(time.time()):x}.{secrets.token_hex(12)}"
    return f"_{body}.{_mac(body)}"


def _is_own_id(value: str) -> bool:
    body, _dot, mac = value.removeprefix("_").rpartition(".")
    if not hmac.compare_digest(_mac(body).encode(), mac.encode()):
        return False
    return time.time() - int(body.partition(".")[0], 16) < ANSWER_SECONDS


def _mac(body: str) -> str:
    return salted_hmac(_SALT, body, algorithm="sha256").hexdigest()[:32]
