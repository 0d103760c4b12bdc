"""What the provider grants, and what it says about people in its tokens."""

from datetime import datetime
from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.openid import Server

from devidp.models import CodeContext
from devidp.people import people

CLAIMS = [
    "sub",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "email",
    "email_verified",
    "zoneinfo",
    "groups",
]
CONTEXT_CLAIMS = [
    "iss",
    "aud",
    "exp",
    "iat",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "device_compliant",
]


class CodeServer(Server):
    """Authorization code alone: no other response type, no other grant, no refresh tokens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auth_grant.refresh_token = False
        self.openid_connect_auth.refresh_token = False
        self._response_types: dict[str, Any] = {"code": self.auth_grant_choice}
        self._grant_types: dict[str, Any] = {"authorization_code": self.token_grant_choice}


class Validator(OAuth2Validator):
    """Claims from `people.yaml`; acr, amr and auth_time of the session that asked for the code."""

    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "groups": "groups"}

    def validate_silent_login(self, request: Request) -> bool:
        """The authorize view has answered `prompt=none` already where a page was needed."""
        return True

    def validate_silent_authorization(self, request: Request) -> bool:
        """The one client is the company's own: nobody is asked for consent."""
        return True

    def get_additional_claims(self, request: Request) -> dict[str, Any]:
        person = people()[request.user.username]
        return {
            "sub": person.id,
            "name": person.name,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "preferred_username": person.username,
            "email": person.username,
            "email_verified": True,
            "zoneinfo": person.time_zone,
            "groups": list(person.groups),
        }

    def get_discovery_claims(self, request: object) -> list[str]:
        return [*CLAIMS, *CONTEXT_CLAIMS]

    def get_id_token_dictionary(
        self, token: dict[str, Any], token_handler: object, request: Request
    ) -> tuple[dict[str, Any], datetime]:
        claims, expires = super().get_id_token_dictionary(token, token_handler, request)
        context = CodeContext.objects.get(code=request.code)
        claims |= {
            "auth_time": context.auth_time,
            "acr": context.acr,
            "amr": context.amr,
            "sid": context.sid,
        }
        device = people()[request.user.username].device_compliant
        if device is not None:  # as a provider with device management maps it
            claims["device_compliant"] = device
        context.delete()
        return claims, expires
