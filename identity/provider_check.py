"""What can be known of an OpenID Connect provider before anybody signs in there, for the admin's page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from allauth.socialaccount.adapter import get_adapter
from django.utils.translation import gettext as _

from identity import discovery
from identity.discovery import Metadata, ProviderDown
from identity.errors import DomainError
from identity.id_token import ALGORITHMS
from identity.providers import Provider

_NO_CODE = "the-portal-checks-its-registration"


@dataclass(frozen=True)
class Check:
    """One line of the result; `tone` is ok, warn or stop."""

    tone: str
    text: str
    remedy: str = ""


def checks_of(provider: Provider) -> list[Check]:
    """Read everything anew and ask whether the client is known."""
    discovery.forget(provider.issuer)
    try:
        metadata = discovery.metadata_of(provider.issuer)
        keys = discovery.key_set_of(metadata).keys
    except ProviderDown as error:
        text = _("Its documents cannot be read: %(why)s.") % {"why": error}
        return [Check("stop", text, _("Check the issuer; it must be reached from the portal's server."))]
    found = [Check("ok", _("The discovery document and the keys can be read."))]
    return [*found, *_announced(metadata, provider), *_keys(keys), _client(metadata, provider)]


def _announced(metadata: Metadata, provider: Provider) -> Iterator[Check]:
    told = metadata.content
    if "S256" in told.get("code_challenge_methods_supported", []):
        yield Check("ok", _("It announces PKCE with S256."))
    else:
        yield Check("warn", _("It does not announce PKCE. The portal sends it all the same."))
    if metadata.sends_iss:
        yield Check("ok", _("It names itself in its answers (RFC 9207)."))
    known = told.get("acr_values_supported")
    strange = [value for value in provider.step_up_contexts if known and value not in known]
    if not provider.step_up_contexts:
        remedy = _("Admin pages and protected values stay shut without one.")
        yield Check("warn", _("No context counts as a step-up."), remedy)
    elif strange:
        yield Check("warn", _("It does not announce the context %(acr)s.") % {"acr": ", ".join(strange)})
    if not metadata.end_session_endpoint:
        yield Check("warn", _("It has no sign-out: a person's session there outlives the one here."))
    if told.get("backchannel_logout_supported") is not True:
        yield Check("warn", _("It does not announce back-channel logout."))


def _keys(keys: list[dict[str, Any]]) -> Iterator[Check]:
    usable = [key for key in keys if key.get("use", "sig") == "sig" and key.get("kty") in {"RSA", "EC"}]
    usable = [key for key in usable if key.get("alg", ALGORITHMS[0]) in ALGORITHMS]
    if not usable:
        yield Check("stop", _("None of its keys can check a signature that the portal accepts."))


def _client(metadata: Metadata, provider: Provider) -> Check:
    """Redeem a code that cannot exist: who knows the client complains of the code, not of the client."""
    form = {"grant_type": "authorization_code", "code": _NO_CODE, "redirect_uri": provider.url("callback")}
    form |= {"client_id": provider.client_id, "code_verifier": _NO_CODE * 2}
    try:
        form["client_secret"] = provider.secret()
        with get_adapter().get_requests_session() as session:
            answer = session.post(metadata.content["token_endpoint"], data=form, allow_redirects=False)
        told = answer.json().get("error")
    except DomainError as error:
        return Check("stop", error.message, _("Paste the client secret and save."))
    except (requests.RequestException, ValueError, AttributeError):
        return Check("warn", _("Whether it knows the client could not be found out."))
    if told in {"invalid_client", "unauthorized_client"}:
        remedy = _("Compare client id and secret; Entra ID shows a secret's value only once.")
        return Check("stop", _("It does not accept the client id and secret."), remedy)
    if told == "invalid_grant":
        return Check("ok", _("It accepts the client id and secret."))
    return Check("warn", _("Whether it knows the client could not be found out."))
