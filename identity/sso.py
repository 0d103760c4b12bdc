"""Sign-in through an OpenID Connect provider: allauth's flow, hardened (I1, ADR 0035, 0062).

As it comes, allauth sends no PKCE and no nonce, lets the caller add parameters, scopes and a process,
and accepts unsigned and mismatched ID tokens. Here nothing of the request but `next` counts, and
every answer is checked by identity.id_token.
"""

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException

from identity import discovery, id_token
from identity.answers import Answer, SignInRefused, StepUp, safe_next
from identity.id_token import Expected, TokenRefused
from identity.providers import Provider
from identity.refusals import reason_of_error, reason_of_token

SCOPES = ("openid", "profile", "email")
# Entra ID knows no `acr`: its authentication contexts c1 to c99 are asked for by the parameter `claims`
# and come back in the claim `acrs`.
ENTRA_CONTEXT = re.compile(r"c[1-9]\d?")


class HardenedAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's code exchange over a discovery document that was checked and kept."""

    def __init__(self, request: HttpRequest, hardened: "HardenedProvider") -> None:
        super().__init__(request, hardened.configured.key)
        self.hardened = hardened

    def get_provider(self) -> "HardenedProvider":
        return self.hardened

    @property
    def metadata(self) -> discovery.Metadata:
        return discovery.metadata_of(self.hardened.configured.issuer)

    @property
    def openid_config(self) -> Mapping[str, Any]:
        return self.metadata.content

    @property
    def basic_auth(self) -> bool:
        """How the secret is sent; a provider that names no way has the basic one (Discovery 1.0, 3)."""
        told = self.openid_config.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_post" not in told

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return self.hardened.configured.url("callback")

    def get_client(self, request: HttpRequest, app: SocialApp) -> OAuth2Client:
        client = super().get_client(request, app)
        if client.basic_auth:  # RFC 6749, 2.3.1: both are form-encoded first
            client.consumer_secret = quote_plus(client.consumer_secret)
        return client


class HardenedProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """Sends PKCE (S256), state and nonce; takes nothing from the query string."""

    oauth2_adapter_class = HardenedAdapter

    def __init__(self, request: HttpRequest, configured: Provider) -> None:
        app = SocialApp(
            provider=OpenIDConnectProvider.id,
            provider_id=configured.key,  # the state is bound to it
            name=configured.name,
            client_id=configured.client_id,
            settings={"server_url": configured.issuer, "scope": list(SCOPES)},
        )
        super().__init__(request, app=app)
        self.configured = configured

    def get_oauth2_adapter(self, request: HttpRequest) -> HardenedAdapter:
        return HardenedAdapter(request, self)

    def get_pkce_params(self) -> dict[str, Any]:
        params: dict[str, Any] = generate_code_challenge()
        return params

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return {}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return list(SCOPES)


def begin(
    request: HttpRequest,
    provider: Provider,
    *,
    next_url: str,
    step_up: StepUp | None = None,
    login_hint: str = "",
    is_test: bool = False,
) -> HttpResponse:
    """Send the browser to the provider. `login_hint` is an e-mail address that was checked.

    Raises:
        discovery.ProviderDown: the provider cannot be reached.
    """
    nonce = secrets.token_urlsafe(32)
    params = {"nonce": nonce}
    data: dict[str, Any] = {"nonce": nonce, "is_test": is_test}
    if login_hint:
        params["login_hint"] = login_hint
    if is_test:
        params["prompt"] = "login"  # every provider knows it (Core 1.0, 15.1), and another person may choose
    if step_up is not None:
        params |= _asking(step_up)
        data |= {"acr_values": list(step_up.acr_values), "max_age": step_up.max_age}
    response: HttpResponse = HardenedProvider(request, provider).redirect(
        request, process="login", next_url=next_url, data=data, auth_params=params
    )
    return response


def _asking(step_up: StepUp) -> dict[str, str]:
    asked = {"max_age": str(step_up.max_age)}
    if by_claim := [value for value in step_up.acr_values if ENTRA_CONTEXT.fullmatch(value)]:
        wanted = {"id_token": {"acrs": {"essential": True, "value": by_claim[0]}}}
        return asked | {"claims": json.dumps(wanted, separators=(",", ":"))}
    return asked | {"acr_values": " ".join(step_up.acr_values)}


def origins(provider: Provider) -> list[str]:
    """Where a form that leads to `provider` may end by redirects."""
    return discovery.metadata_of(provider.issuer).origins


def leave(provider: Provider, hint: str) -> str:
    """Where RP-initiated logout goes (OpenID Connect RP-Initiated Logout 1.0, section 2); `hint` is the
    ID token of the session."""
    endpoint = discovery.metadata_of(provider.issuer).end_session_endpoint
    if not endpoint or not hint:
        return ""
    query = {
        "id_token_hint": hint,
        "client_id": provider.client_id,
        "post_logout_redirect_uri": str(settings.BASE_URL) + reverse("home"),
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def complete(request: HttpRequest, provider: Provider) -> Answer:
    """Check the provider's answer to the sign-in that this very browser began there.

    Raises:
        SignInRefused: the answer fails a check, or the person or the provider declined.
        discovery.ProviderDown: the provider cannot be reached for the exchange, or says so itself.
    """
    hardened = HardenedProvider(request, provider)
    state = statekit.unstash_state(request, provider_id=provider.key, state_id=request.GET.get("state", ""))
    if state is None or (not provider.is_enabled and not state["data"].get("is_test", False)):
        raise SignInRefused("state")
    adapter = HardenedAdapter(request, hardened)
    _check_issuer(request, adapter.metadata)
    if "error" in request.GET:
        raise reason_of_error(request.GET["error"], request.GET.get("error_description", ""))
    step_up = _step_up(state["data"])
    expected = Expected(
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=state["data"]["nonce"],
        step_up=step_up,
        device_claim=str(settings.OIDC["device_claim"]),
    )
    tokens = _exchange(request, adapter, state)
    raw = tokens.get("id_token")
    if not isinstance(raw, str):
        raise SignInRefused("token", detail="no id_token")
    content = _verified(raw, adapter.metadata, expected, str(tokens.get("access_token", "")))
    try:
        claims = id_token.claims_of(content, expected)
        subject = _subject(provider, adapter.metadata, content, tokens)
    except TokenRefused as refusal:
        raise SignInRefused("token", detail=refusal.reason) from refusal
    return Answer(
        provider=provider,
        claims=claims,
        subject=subject,
        next=safe_next(state.get("next")),
        step_up=step_up,
        raw_id_token=raw,
        is_test=state["data"].get("is_test", False),
        content=content,
    )


def _check_issuer(request: HttpRequest, metadata: discovery.Metadata) -> None:
    """RFC 9207: an answer that another provider sent is a mix-up, an absent name where one is due too."""
    named = request.GET.get("iss")
    if named != metadata.issuer and (named is not None or metadata.sends_iss):
        raise SignInRefused("issuer")


def _step_up(data: Mapping[str, Any]) -> StepUp | None:
    return StepUp(tuple(data["acr_values"]), data["max_age"]) if "acr_values" in data else None


def _exchange(request: HttpRequest, adapter: HardenedAdapter, state: Mapping[str, Any]) -> Mapping[str, Any]:
    if not request.GET.get("code"):
        raise SignInRefused("code")
    app = adapter.hardened.app
    app.secret = adapter.hardened.configured.secret()  # lives in this request alone
    client = adapter.get_client(request, app)
    try:
        tokens: Mapping[str, Any] = adapter.get_access_token_data(
            request, app, client, pkce_code_verifier=state["pkce_code_verifier"]
        )
    except OAuth2Error as error:
        raise SignInRefused("code") from error
    except (RequestException, ValueError) as error:
        raise discovery.ProviderDown(type(error).__name__) from error
    return tokens


def _verified(
    raw: str, metadata: discovery.Metadata, expected: Expected, access_token: str
) -> Mapping[str, Any]:
    try:
        try:
            return id_token.verify(raw, discovery.keys_of(metadata), expected, access_token)
        except id_token.UnknownKey:
            return id_token.verify(raw, discovery.keys_of(metadata, again=True), expected, access_token)
    except TokenRefused as refusal:
        raise SignInRefused(reason_of_token(refusal), detail=refusal.reason) from refusal


def _subject(
    provider: Provider, metadata: discovery.Metadata, content: Mapping[str, Any], tokens: Mapping[str, Any]
) -> str:
    """The claim that names the person: of the ID token, else of userinfo under the same `sub`."""
    name = provider.subject or "sub"
    if name not in content and metadata.userinfo_endpoint:
        told = discovery.userinfo_of(metadata, str(tokens.get("access_token", "")))
        if told.get("sub") != content["sub"]:  # OpenID Connect Core 1.0, 5.3.2
            raise TokenRefused("userinfo sub")
        content = told
    value = content.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= id_token.MAX_SUB_LENGTH:
        raise TokenRefused("subject")
    return value
