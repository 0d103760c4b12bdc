"""Why a sign-in was refused, in the few kinds that people are told apart; pure of requests and pages."""

import re

from identity.answers import SignInRefused
from identity.discovery import ProviderDown
from identity.id_token import TokenRefused

# Times that do not fit although the token is minutes old at most: one of the two clocks is wrong.
_CLOCK = {"ExpiredSignatureError", "ImmatureSignatureError", "iat", "auth_time in the future"}
_KINDS = {
    "access_denied": "declined",
    "login_required": "declined",
    "interaction_required": "declined",
    "consent_required": "declined",
    "account_selection_required": "declined",
    # OpenID Connect Core Error Code unmet_authentication_requirements 1.0
    "unmet_authentication_requirements": "step_up",
}
_DOWN = {"temporarily_unavailable", "server_error"}
# Entra ID: the device is not compliant, not joined, or its app is not approved.
_DEVICE = re.compile(r"AADSTS5300[0-9]\b|AADSTS5301[0-9]\b|AADSTS530(?:02|03|21|33)\b")


def reason_of_error(code: str, description: str) -> Exception:
    """What the provider's error response (RFC 6749, 4.1.2.1) means here; its free text goes nowhere."""
    shown = code if code.replace("_", "").isalpha() and len(code) <= 60 else "unknown"
    if shown in _DOWN:
        return ProviderDown(shown)
    if _DEVICE.search(description[:2000]):
        return SignInRefused("device", detail=shown)
    return SignInRefused(_KINDS.get(shown, "misconfigured"), detail=shown)


def reason_of_token(refusal: TokenRefused) -> str:
    """ "clock" for times that do not fit, else "token"."""
    return "clock" if refusal.reason in _CLOCK else "token"
