"""Checks a security event token (RFC 8417) by every rule of SSF 1.0, section 4.

Pure: keys and expectations come in, the event or a refusal goes out.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from identity.id_token import ALGORITHMS, LEEWAY_SECONDS

TYPES = frozenset({"secevent+jwt", "application/secevent+jwt"})
MOST_AGE_SECONDS = 7 * 24 * 3600  # what a transmitter may have kept for us while we were away
MOST_JTI = 255
MOST_EVENTS = 10


class SetRefused(Exception):
    """The token is not taken; `err` is a code of RFC 8935, section 2.4, `reason` names the failed check."""

    def __init__(self, err: str, reason: str) -> None:
        super().__init__(reason)
        self.err = err
        self.reason = reason


class UnknownKey(SetRefused):
    """No published key has the token's `kid`; the transmitter may have rotated since they were read."""

    def __init__(self) -> None:
        super().__init__("invalid_key", "kid")


@dataclass(frozen=True)
class SecurityEvent:
    """A checked token: its id, whom it is about (None: no one in particular), and what happened."""

    jti: str
    subject: Mapping[str, Any] | None
    events: Mapping[str, Mapping[str, Any]]


def verify(raw: str, keys: Sequence[Mapping[str, Any]], *, issuer: str, audience: str) -> SecurityEvent:
    """The events of `raw`, signed by one of `keys` (JWKs).

    Raises:
        UnknownKey: read the transmitter's keys again and retry once.
        SetRefused: for any other failed check.
    """
    key = _key(_header(raw), keys)
    try:
        content = jwt.decode(
            raw,
            key,
            algorithms=list(ALGORITHMS),
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "iat", "jti"], "strict_aud": False},
        )
    except jwt.InvalidIssuerError as error:
        raise SetRefused("invalid_issuer", "iss") from error
    except jwt.InvalidAudienceError as error:
        raise SetRefused("invalid_audience", "aud") from error
    except jwt.InvalidSignatureError as error:
        raise SetRefused("invalid_key", "signature") from error
    except jwt.PyJWTError as error:
        raise SetRefused("invalid_request", type(error).__name__) from error
    return _event(content)


def _header(raw: str) -> Mapping[str, Any]:
    try:
        header = jwt.get_unverified_header(raw)
    except jwt.PyJWTError as error:
        raise SetRefused("invalid_request", "not a JWT") from error
    if str(header.get("typ", "")).lower() not in TYPES:
        raise SetRefused("invalid_request", "typ")  # an ID token or access token must not pass (RFC 8725)
    if header.get("alg") not in ALGORITHMS:
        raise SetRefused("invalid_key", "alg")
    return header


def _key(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> jwt.PyJWK:
    signing = [key for key in keys if key.get("use", "sig") == "sig" and key.get("kty") in {"RSA", "EC"}]
    kid = header.get("kid")
    found = [key for key in signing if key.get("kid") == kid] if kid else signing
    if len(found) != 1:
        raise UnknownKey
    if found[0].get("alg", header["alg"]) != header["alg"]:
        raise SetRefused("invalid_key", "alg")
    try:
        return jwt.PyJWK(dict(found[0]), algorithm=header["alg"])
    except jwt.PyJWTError as error:
        raise SetRefused("invalid_key", "key") from error


def _event(content: Mapping[str, Any]) -> SecurityEvent:
    if "sub" in content or "exp" in content:
        raise SetRefused("invalid_request", "sub or exp")  # SSF 1.0, 4.1: never in a SET
    if content["iat"] < time.time() - MOST_AGE_SECONDS:
        raise SetRefused("invalid_request", "iat")
    jti, events = content["jti"], content.get("events")
    if not isinstance(jti, str) or not 0 < len(jti) <= MOST_JTI:
        raise SetRefused("invalid_request", "jti")
    if not isinstance(events, dict) or not 0 < len(events) <= MOST_EVENTS:
        raise SetRefused("invalid_request", "events")
    if not all(isinstance(event, dict) for event in events.values()):
        raise SetRefused("invalid_request", "events")
    subject = content.get("sub_id")
    if subject is None:  # before SSF 1.0 each event carried its subject
        subject = next((event["subject"] for event in events.values() if "subject" in event), None)
    if subject is not None and not isinstance(subject, dict):
        raise SetRefused("invalid_request", "sub_id")
    return SecurityEvent(jti, subject, events)
