"""Checks an ID token by every rule that applies to a confidential client (OpenID Connect Core 1.0, 3.1.3.7).

Pure: keys and expectations come in, claims or a refusal go out.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import jwt

# Asymmetric only: with HMAC the client secret would sign, and "none" signs nothing.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# Header parameters that change how a token is read or bring its key along (RFC 7515, 4.1; RFC 7797).
FOREIGN = frozenset({"crit", "b64", "jku", "jwk", "x5u", "zip", "cty"})
LEEWAY_SECONDS = 60
MAX_TOKEN_AGE_SECONDS = 600
MAX_SUB_LENGTH = 255


class TokenRefused(Exception):
    """The ID token fails a check; `reason` names it for logs and the record, without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnknownKey(TokenRefused):
    """No published key has the token's `kid`; the provider may have rotated since they were read."""


class Demand(Protocol):
    """A step-up that was asked for (identity.answers.StepUp)."""

    @property
    def acr_values(self) -> tuple[str, ...]: ...

    @property
    def max_age(self) -> int: ...


@dataclass(frozen=True)
class Expected:
    """What this sign-in asked for."""

    issuer: str
    client_id: str
    nonce: str
    step_up: Demand | None = None
    device_claim: str = ""  # the claim that says whether the device follows the company's rules


@dataclass(frozen=True)
class Claims:
    """What a checked answer says of the person and of how he signed in; times in epoch seconds."""

    issuer: str
    sub: str
    sid: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    device_compliant: bool | None = None  # None: the provider does not say


def verify(
    raw: str, keys: Sequence[Mapping[str, Any]], expected: Expected, access_token: str = ""
) -> Mapping[str, Any]:
    """The content of `raw`, checked against the provider's `keys` (JWKs) and what was asked for.

    Whether a step-up was met is checked by `unmet`, since an unmet one is told apart from a forged
    answer.

    Raises:
        UnknownKey: read the provider's keys again and retry once.
        TokenRefused: for any other failed check.
    """
    try:
        content = jwt.decode(
            raw,
            key_of(raw, keys),
            algorithms=list(ALGORITHMS),
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "aud", "sub", "exp", "iat", "nonce"], "strict_aud": False},
        )
    except jwt.PyJWTError as error:
        raise TokenRefused(type(error).__name__) from error
    _check_parties(content, expected)
    _check_freshness(content, expected)
    _check_at_hash(content, raw, access_token)
    checked: Mapping[str, Any] = content
    return checked


def claims_of(content: Mapping[str, Any], expected: Expected) -> Claims:
    """What a verified token says; of several `acrs` (Entra ID's contexts) the one that was asked for.

    Raises:
        TokenRefused: a claim is not of its type.
    """
    wanted = expected.step_up.acr_values if expected.step_up else ()
    contexts = _texts(content, "acrs")
    met = [value for value in wanted if value in contexts]
    return Claims(
        issuer=expected.issuer,
        sub=content["sub"],
        sid=_text(content, "sid"),
        acr=met[0] if met else _text(content, "acr"),
        amr=_texts(content, "amr"),
        auth_time=_seconds(content, "auth_time"),
        device_compliant=_device(content, expected.device_claim),
    )


def unmet(claims: Claims, demand: Demand) -> str:
    """Which part of the step-up the provider did not do: "acr", "auth_time" or, all met, empty.

    Both are absent claims' fault too: an `acr` or `auth_time` that is not there meets nothing.
    """
    if claims.acr not in demand.acr_values:
        return "acr"
    if time.time() - claims.auth_time > demand.max_age + LEEWAY_SECONDS:
        return "auth_time"
    return ""


def key_of(
    raw: str, keys: Sequence[Mapping[str, Any]], types: frozenset[str] = frozenset({"JWT"})
) -> jwt.PyJWK:
    """The one key of `keys` that `raw` names, if its header is one that a token of `types` may have.

    Raises:
        UnknownKey: none has its `kid`, or several have.
        TokenRefused: another algorithm, type or an extension.
        jwt.PyJWTError: it is no token at all.
    """
    header = jwt.get_unverified_header(raw)
    _check_header(header, types)
    signing = [key for key in keys if key.get("use", "sig") == "sig" and key.get("kty") in {"RSA", "EC"}]
    kid = header.get("kid")
    found = [key for key in signing if key.get("kid") == kid] if kid else signing
    if len(found) != 1:
        raise UnknownKey("kid")
    if found[0].get("alg", header["alg"]) != header["alg"]:
        raise TokenRefused("alg")
    return jwt.PyJWK(dict(found[0]), algorithm=header["alg"])


def _check_header(header: Mapping[str, Any], types: frozenset[str]) -> None:
    """Only what an ID token needs: no other type (RFC 8725, 3.11), no extension, no key of its own."""
    if header.get("alg") not in ALGORITHMS:
        raise TokenRefused("alg")
    if str(header.get("typ", "JWT")).upper() not in types:
        raise TokenRefused("typ")
    if named := sorted(FOREIGN & header.keys()):
        raise TokenRefused(named[0])


def _check_parties(content: Mapping[str, Any], expected: Expected) -> None:
    if content["aud"] not in (expected.client_id, [expected.client_id]):
        raise TokenRefused("aud")  # a further audience is one that nobody vouched for
    if content.get("azp", expected.client_id) != expected.client_id:
        raise TokenRefused("azp")
    sub = content["sub"]
    if not isinstance(sub, str) or not 0 < len(sub) <= MAX_SUB_LENGTH:
        raise TokenRefused("sub")
    nonce = content["nonce"]
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), expected.nonce.encode()):
        raise TokenRefused("nonce")


def _check_freshness(content: Mapping[str, Any], expected: Expected) -> None:
    if content["iat"] < time.time() - MAX_TOKEN_AGE_SECONDS:
        raise TokenRefused("iat")
    if _seconds(content, "auth_time") > time.time() + LEEWAY_SECONDS:
        raise TokenRefused("auth_time in the future")
    if expected.step_up is not None and "auth_time" not in content:
        raise TokenRefused("auth_time")  # required whenever max_age was sent


def _check_at_hash(content: Mapping[str, Any], raw: str, access_token: str) -> None:
    told = content.get("at_hash")
    if told is None or not access_token:
        return
    bits = jwt.get_unverified_header(raw)["alg"][-3:]
    digest = hashlib.new(f"sha{bits}", access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), half):
        raise TokenRefused("at_hash")


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name, "")
    if not isinstance(value, str):
        raise TokenRefused(name)
    return value


def _texts(content: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = content.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TokenRefused(name)
    return tuple(value)


def _seconds(content: Mapping[str, Any], name: str) -> int:
    value = content.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(name)
    return int(value)


def _device(content: Mapping[str, Any], name: str) -> bool | None:
    """True or false where the provider says so plainly; there is no standard claim, so the name is set."""
    value = content.get(name) if name else None
    if isinstance(value, str):  # some providers map every attribute to text
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None
