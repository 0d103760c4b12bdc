"""What a provider publishes about itself, read over HTTPS, checked and kept for a few minutes."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from urllib3.exceptions import HTTPError

KEPT_SECONDS = 300
REREAD_SECONDS = 30  # at most so often are keys read anew on the word of a token that nobody checked yet
MAX_BYTES = 1024 * 1024
WELL_KNOWN = "/.well-known/openid-configuration"
_OPTIONAL = frozenset({"end_session_endpoint", "userinfo_endpoint"})
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
    def userinfo_endpoint(self) -> str:
        """Where claims that the ID token leaves out can be read; empty when the provider has none."""
        return str(self.content.get("userinfo_endpoint", ""))

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
        for name in _REQUIRED:
            _check_url(name, content.get(name, ""))
        for name in _OPTIONAL & content.keys():
            _check_url(name, content[name])
        cache.set(key, content, KEPT_SECONDS)
    return Metadata(issuer, content)


def forget(issuer: str) -> None:
    """Read everything of `issuer` anew when it is next needed."""
    cache.delete_many([f"oidc:metadata:{issuer}", f"oidc:keys:{issuer}", f"oidc:reread:{issuer}"])


def keys_of(metadata: Metadata, *, again: bool = False) -> list[dict[str, Any]]:
    """The provider's public keys as JWKs; `again` reads them anew, for a key that was just rotated in,
    but not more often than every REREAD_SECONDS.

    Raises:
        ProviderDown: no answer, or not a key set.
    """
    return key_set_of(metadata, again=again).keys


@dataclass(frozen=True)
class KeySet:
    """A provider's keys (RFC 7517) and when they were read, in epoch seconds."""

    keys: list[dict[str, Any]]
    read_at: float


def key_set_of(metadata: Metadata, *, again: bool = False) -> KeySet:
    """As keys_of, with the time."""
    key = f"oidc:keys:{metadata.issuer}"
    kept: KeySet | None = cache.get(key)
    due = again and cache.add(f"oidc:reread:{metadata.issuer}", True, REREAD_SECONDS)
    if kept is None or due:
        found = _fetch(str(metadata.content["jwks_uri"])).get("keys")
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise ProviderDown("the key set cannot be read")
        kept = KeySet(found, time.time())
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def userinfo_of(metadata: Metadata, access_token: str) -> Mapping[str, Any]:
    """What the provider says of the bearer of `access_token`; the caller compares its `sub`.

    Raises:
        ProviderDown: no answer, or not a JSON object (a signed one is not asked for).
    """
    return _fetch(metadata.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})


def _fetch(url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        with (
            get_adapter().get_requests_session() as session,
            session.get(url, allow_redirects=False, stream=True, headers=headers) as answer,
        ):
            answer.raise_for_status()
            raw = answer.raw.read(MAX_BYTES + 1, decode_content=True)
        if answer.status_code != HTTPStatus.OK or len(raw) > MAX_BYTES:
            raise ProviderDown("not a document")
        content = json.loads(raw)
    except (requests.RequestException, HTTPError, ValueError, RecursionError) as error:
        raise ProviderDown(type(error).__name__) from error
    if not isinstance(content, dict):
        raise ProviderDown("not a JSON object")
    return content


def _check_url(name: str, url: object) -> None:
    parts = urlsplit(str(url))
    loopback = settings.DEVELOPMENT and parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.netloc or (parts.scheme != "https" and not loopback):
        raise ProviderDown(f"{name} is not an HTTPS address")
