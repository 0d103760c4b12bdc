"""python3-saml's settings and requests for one provider."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from identity.discovery import ProviderDown
from identity.errors import DomainError
from identity.providers import Provider
from identity.saml.addresses import url_of
from identity.saml.idp import BadMetadata, IdP, idp_of
from identity.saml.keys import KeyPair, unpacked


def described(provider: Provider) -> IdP:
    """What the provider's metadata says.

    Raises:
        ProviderDown: it cannot be used any more.
    """
    try:
        return idp_of(provider.metadata)
    except BadMetadata as error:
        raise ProviderDown(f"metadata: {error}") from error


def pairs_of(provider: Provider) -> list[KeyPair]:
    """The portal's keys at this provider, the one that signs first.

    Raises:
        ProviderDown: the vault does not give them.
    """
    try:
        return unpacked(provider.secret())
    except DomainError as error:
        raise ProviderDown(f"keys: {error.code}") from error


def settings_of(
    provider: Provider, pair: KeyPair | None, *, contexts: Sequence[str] = ()
) -> OneLogin_Saml2_Settings:
    """The toolkit's settings, as strict as it has them. Without `pair` nothing can be signed or decrypted.

    The toolkit writes values into XML as they are, hence they are escaped here.

    Raises:
        ProviderDown: the metadata cannot be used, or not by the toolkit.
    """
    idp = described(provider)
    config: dict[str, Any] = {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": url_of(provider, "metadata"),
            "assertionConsumerService": {
                "url": url_of(provider, "acs"),
                "binding": Constants.BINDING_HTTP_POST,
            },
            "singleLogoutService": {
                "url": url_of(provider, "slo"),
                "binding": Constants.BINDING_HTTP_REDIRECT,
            },
            "NameIDFormat": Constants.NAMEID_UNSPECIFIED,
        },
        "idp": {
            "entityId": idp.entity_id,
            "singleSignOnService": {
                "url": escape(idp.sso_url),
                "binding": Constants.BINDING_HTTP_REDIRECT,
            },
            "x509certMulti": {"signing": [one.pem for one in idp.certificates]},
        },
        "security": _security(contexts, signs=pair is not None),
    }
    if idp.slo_url:
        config["idp"]["singleLogoutService"] = {
            "url": escape(idp.slo_url),
            "responseUrl": escape(idp.slo_response_url),
            "binding": Constants.BINDING_HTTP_REDIRECT,
        }
    if pair:
        config["sp"] |= {"x509cert": pair.certificate, "privateKey": pair.key}
    try:
        return OneLogin_Saml2_Settings(config)
    except OneLogin_Saml2_Error as error:
        raise ProviderDown(f"SAML settings: {error}") from error


def _security(contexts: Sequence[str], *, signs: bool) -> dict[str, Any]:
    return {
        "authnRequestsSigned": signs,
        "logoutRequestSigned": signs,
        "logoutResponseSigned": signs,
        "wantMessagesSigned": False,  # the assertion is; a signature of the response is checked as well
        "wantAssertionsSigned": True,
        "wantNameId": True,
        "wantAttributeStatement": False,
        "rejectDeprecatedAlgorithm": True,
        "allowRepeatAttributeName": True,
        "allowSingleLabelDomains": True,  # hosts inside a company are often called so
        "signatureAlgorithm": Constants.RSA_SHA256,
        "digestAlgorithm": Constants.SHA256,
        "requestedAuthnContext": [escape(context) for context in contexts] or False,
        "requestedAuthnContextComparison": "exact",
    }


def request_data(url: str, get: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A request to `url` in the toolkit's terms."""
    parts = urlsplit(url)
    return {
        "https": "on" if parts.scheme == "https" else "off",
        "http_host": parts.netloc,
        "script_name": parts.path,
        "get_data": dict(get or {}),
        "post_data": {},
    }


def signed_url(
    url: str, settings: OneLogin_Saml2_Settings, what: str, message: str, relay_state: str | None = None
) -> str:
    """`url` with `message` by HTTP-Redirect, signed (SAML 2.0 Bindings, 3.4.4.1)."""
    query = {what: message}
    if relay_state is not None:
        query["RelayState"] = relay_state
    auth = OneLogin_Saml2_Auth(request_data(url), settings)
    sign = auth.add_request_signature if what == "SAMLRequest" else auth.add_response_signature
    sign(query)
    order = (what, "RelayState", "SigAlg", "Signature")
    encoded = urlencode([(name, query[name]) for name in order if name in query])
    return f"{url}{'&' if '?' in url else '?'}{encoded}"
