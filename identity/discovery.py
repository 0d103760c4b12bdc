"""What a provider publishes about itself, read over HTTPS, checked and kept for a few minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache

KEPT_SECONDS = 300
WELL_KNOWN = "/.well-known/openid-configuration"
_REQUIRED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderDown(Exception):
    """The provider does not answer, or answers something that cannot be used."""


@dataclass(frozen=True)
class Metadata:
    """A provider's discovery document (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    content: Mapping[str, Any]

    @property
    def end_session_endpoint(self) -> str:
        """Where RP-initiated logout goes; empty when the provider has none."""
        return str(self.content.get("end_session_endpoint", ""))

    @property
    def sends_iss(self) -> bool:
        """Whether every authorization response names its issuer (RFC 9207)."""
        return self.content.get("authorization_response_iss_parameter_supported") is True

    @property
    def origins(self) -> list[str]:
        """Where forms of ours may end by redirects: for the page's `form-action`."""
        urls = [str(self.content["authorization_endpoint"]), self.end_session_endpoint]
        return sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, urls) if parts.netloc})


def metadata_of(issuer: str) -> Metadata:
    """The discovery document of `issuer`.

    Raises:
        ProviderDown: no answer, another issuer's document, or endpoints that are not HTTPS.
    """
    key = f"oidc:metadata:{issuer}"
    content = cache.get(key)
    if content is None:
        content = _fetch(issuer.rstrip("/") + WELL_KNOWN)
        if content.get("issuer") != issuer:
            raise ProviderDown("the discovery document names another issuer")
        for name in (*_REQUIRED, "end_session_endpoint"):
            _check_url(name, content.get(name, "" if name in _REQUIRED else "https://-"))
        cache.set(key, content, KEPT_SECONDS)
    return Metadata(issuer, content)


def keys_of(metadata: Metadata, *, again: bool = False) -> list[dict[str, Any]]:
    """The provider's public keys as JWKs; `again` reads them anew, for a key that was just rotated in.

    Raises:
        ProviderDown: no answer, or not a key set.
    """
    key = f"oidc:keys:{metadata.issuer}"
    kept = None if again else cache.get(key)
    if kept is None:
        kept = _fetch(str(metadata.content["jwks_uri"])).get("keys")
        if not isinstance(kept, list) or not all(isinstance(item, dict) for item in kept):
            raise ProviderDown("the key set cannot be read")
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _fetch(url: str) -> dict[str, Any]:
    try:
        with get_adapter().get_requests_session() as session:
            answer = session.get(url, allow_redirects=False)
            answer.raise_for_status()
            content = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderDown(type(error).__name__) from error
    if not isinstance(content, dict):
        raise ProviderDown("not a JSON object")
    return content


def _check_url(name: str, url: object) -> None:
    parts = urlsplit(str(url))
    loopback = settings.DEVELOPMENT and parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.netloc or (parts.scheme != "https" and not loopback):
        raise ProviderDown(f"{name} is not an HTTPS address")
