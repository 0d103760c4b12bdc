"""Telling the client that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

import json
import logging
import secrets
import time

import httpx
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

from devidp import settings

log = logging.getLogger(__name__)

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TIMEOUT_SECONDS = 3.0


def logout_token(sub: str, sid: str) -> str:
    """A signed logout token, valid for two minutes (section 2.4)."""
    key = JWK.from_pem(settings.SIGNING_KEY.encode())
    now = int(time.time())
    token = JWT(
        header={"typ": "logout+jwt", "alg": "RS256", "kid": key.thumbprint()},
        claims=json.dumps(
            {
                "iss": settings.ISSUER,
                "aud": settings.CLIENT_ID,
                "iat": now,
                "exp": now + 120,
                "jti": secrets.token_urlsafe(16),
                "sub": sub,
                "sid": sid,
                "events": {_EVENT: {}},
            }
        ),
    )
    token.make_signed_token(key)
    serialized: str = token.serialize()
    return serialized


def tell_client(sub: str, sid: str) -> None:
    """POST the logout token to the client that registered for it; a failure is only logged."""
    if not settings.BACKCHANNEL_LOGOUT_URI:
        return
    try:
        httpx.post(
            settings.BACKCHANNEL_LOGOUT_URI,
            data={"logout_token": logout_token(sub, sid)},
            timeout=_TIMEOUT_SECONDS,
        ).raise_for_status()
    except httpx.HTTPError as error:
        log.warning("back-channel logout not delivered: %s", type(error).__name__)
