"""Checks a logout token (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6). Pure."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from identity.id_token import (
    ALGORITHMS,
    LEEWAY_SECONDS,
    MAX_SUB_LENGTH,
    MAX_TOKEN_AGE_SECONDS,
    TokenRefused,
    key_of,
)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
# "JWT" and none are what providers send that were written before the type was registered.
TYPES = frozenset({"LOGOUT+JWT", "APPLICATION/LOGOUT+JWT", "JWT"})
MAX_LENGTH = 16 * 1024


@dataclass(frozen=True)
class Logout:
    """Which sessions have ended: that of `sid`, or without one all of `sub`."""

    sub: str
    sid: str
    jti: str


def verify(raw: str, keys: Sequence[Mapping[str, Any]], issuer: str, client_id: str) -> Logout:
    """What `raw` ends, checked against the provider's `keys` (JWKs).

    Whether its `jti` was seen before is for the caller to know.

    Raises:
        UnknownKey: read the provider's keys again and retry once.
        TokenRefused: for any other failed check.
    """
    if len(raw) > MAX_LENGTH:
        raise TokenRefused("length")
    try:
        content = jwt.decode(
            raw,
            key_of(raw, keys, TYPES),
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "iat", "exp", "jti", "events"]},
        )
    except jwt.PyJWTError as error:
        raise TokenRefused(type(error).__name__) from error
    _check(content)
    return Logout(content.get("sub", ""), content.get("sid", ""), content["jti"])


def _check(content: Mapping[str, Any]) -> None:
    if content["iat"] < time.time() - MAX_TOKEN_AGE_SECONDS:
        raise TokenRefused("iat")
    events = content["events"]
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise TokenRefused("events")
    if "nonce" in content:  # an ID token must not pass for a logout token
        raise TokenRefused("nonce")
    for name in ("sub", "sid", "jti"):
        value = content.get(name, "-")
        if not isinstance(value, str) or not 0 < len(value) <= MAX_SUB_LENGTH:
            raise TokenRefused(name)
    if "sub" not in content and "sid" not in content:
        raise TokenRefused("sub")
