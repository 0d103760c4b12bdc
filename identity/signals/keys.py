"""A transmitter's signing keys, from its configuration (SSF 1.0, section 7) or from the address given."""

from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.core.cache import cache

from identity.models import SignalStream

KEPT_SECONDS = 300
TIMEOUT_SECONDS = 5


class TransmitterDown(Exception):
    """The transmitter does not answer, or answers something that cannot be used."""


def keys_of(stream: SignalStream, *, again: bool = False) -> list[dict[str, Any]]:
    """The public keys as JWKs; `again` reads them anew, for a key that was just rotated in.

    Raises:
        TransmitterDown: no answer, or not a key set.
    """
    key = f"ssf:keys:{stream.pk}"
    kept: list[dict[str, Any]] | None = None if again else cache.get(key)
    if kept is None:
        found = fetch(stream.jwks_uri or str(_configuration(stream.issuer).get("jwks_uri", ""))).get("keys")
        if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
            raise TransmitterDown("the key set cannot be read")
        kept = found
        cache.set(key, kept, KEPT_SECONDS)
    return kept


def _configuration(issuer: str) -> dict[str, Any]:
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    found = fetch(f"{parts.scheme}://{parts.netloc}/.well-known/ssf-configuration{path}")
    if found.get("issuer") != issuer:
        raise TransmitterDown("the configuration names another issuer")
    return found


def is_safe(url: str) -> bool:
    """Whether `url` may be asked: HTTPS, or for the demo this very host."""
    parts = urlsplit(url)
    loopback = settings.DEVELOPMENT and parts.hostname in {"127.0.0.1", "localhost"}
    return bool(parts.netloc) and (parts.scheme == "https" or bool(loopback))


def fetch(url: str, *, json: Any = None, token: str = "") -> dict[str, Any]:
    """The JSON object at `url`; a POST where `json` is given.

    Raises:
        TransmitterDown: no answer, an error, or something else than an object.
    """
    if not is_safe(url):
        raise TransmitterDown("not an HTTPS address")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, headers=headers, follow_redirects=False) as client:
            answer = client.get(url) if json is None else client.post(url, json=json)
        answer.raise_for_status()
        content = answer.json() if answer.content else {}
    except (httpx.HTTPError, ValueError) as error:
        raise TransmitterDown(type(error).__name__) from error
    if not isinstance(content, dict):
        raise TransmitterDown("not a JSON object")
    return content
