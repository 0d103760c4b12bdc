"""Sign-in through the company's OpenID Connect provider: allauth's flow, hardened (I1, ADR 0035).

As it comes, allauth sends no PKCE and no nonce, lets the caller add parameters, scopes and a process,
and accepts unsigned and mismatched ID tokens. Here nothing of the request but `next` counts, and
every answer is checked by identity.id_token.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from requests import RequestException

from identity import discovery, id_token
from identity.id_token import Claims, Expected, TokenRefused
from identity.secrets import resolver

PROVIDER_ID = "sso"
SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True)
class Provider:
    """The client registration at one provider."""

    issuer: str
    client_id: str
    secret_name: str  # what the SecretResolver calls the client's secret
    name: str

    def app(self) -> SocialApp:
        """The same in allauth's terms, with the secret; never stored.

        Raises:
            DomainError: the deployment holds no such secret.
        """
        return SocialApp(
            provider=OpenIDConnectProvider.id,
            provider_id=PROVIDER_ID,
            name=self.name,
            client_id=self.client_id,
            secret=resolver().reveal(self.secret_name),
            settings={"server_url": self.issuer, "scope": list(SCOPES)},
        )


@dataclass(frozen=True)
class StepUp:
    """What an action demands of the sign-in: one of `acr_values`, at most `max_age` seconds ago."""

    acr_values: tuple[str, ...]
    max_age: int


@dataclass(frozen=True)
class Answer:
    """A provider's answer that passed every check."""

    claims: Claims
    raw_id_token: str
    next: str
    step_up: StepUp | None
    expected: Expected


class SignInRefused(Exception):
    """The sign-in cannot go on; `reason` names why, for the page, the log and the record."""

    def __init__(self, reason: str, *, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def provider_for(request: HttpRequest | None) -> Provider:  # noqa: ARG001 - tenants bring their own
    """The provider that signs in whoever makes `request`."""
    configured = settings.OIDC
    return Provider(
        issuer=configured["issuer"],
        client_id=configured["client_id"],
        secret_name="oidc-client",  # noqa: S106 - its name, not the secret
        name=configured["name"],
    )


def safe_next(wanted: str | None) -> str:
    """`wanted` if it is a path of this site, else the home page: no open redirect."""
    own = wanted and wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if own and wanted else reverse("home")


class HardenedAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's code exchange over a discovery document that was checked and kept."""

    @property
    def metadata(self) -> discovery.Metadata:
        return discovery.metadata_of(self.get_provider().app.settings["server_url"])

    @property
    def openid_config(self) -> Mapping[str, Any]:
        return self.metadata.content

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """From the configuration: a forged Host header must not choose it."""
        return str(settings.BASE_URL) + reverse("sign-in-callback")


class HardenedProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """Sends PKCE (S256), state and nonce; takes nothing from the query string."""

    oauth2_adapter_class = HardenedAdapter

    def get_pkce_params(self) -> dict[str, Any]:
        params: dict[str, Any] = generate_code_challenge()
        return params

    def get_auth_params_from_request(self, request: HttpRequest, action: str) -> dict[str, str]:
        return {}

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return list(SCOPES)

    def begin(self, *, next_url: str, step_up: StepUp | None = None) -> HttpResponse:
        """Send the browser to the provider.

        Raises:
            discovery.ProviderDown: the provider cannot be reached.
        """
        nonce = secrets.token_urlsafe(32)
        params = {"nonce": nonce}
        data: dict[str, Any] = {"nonce": nonce}
        if step_up is not None:
            params |= {"acr_values": " ".join(step_up.acr_values), "max_age": str(step_up.max_age)}
            data |= {"acr_values": list(step_up.acr_values), "max_age": step_up.max_age}
        response: HttpResponse = self.redirect(
            self.request, process="login", next_url=next_url, data=data, auth_params=params
        )
        return response


def hardened_provider(request: HttpRequest) -> HardenedProvider:
    """The provider of this request, ready to begin.

    Raises:
        discovery.ProviderDown: none is configured.
    """
    configured = provider_for(request)
    if not configured.issuer or not configured.client_id:
        raise discovery.ProviderDown("no provider is configured")
    return HardenedProvider(request, app=configured.app())


def complete(request: HttpRequest) -> Answer:
    """Check the provider's answer to the sign-in that this very browser began.

    Raises:
        SignInRefused: the answer fails a check, or the person or the provider declined.
        discovery.ProviderDown: the provider cannot be reached for the exchange.
    """
    provider = hardened_provider(request)
    state = statekit.unstash_state(
        request, provider_id=provider.sub_id, state_id=request.GET.get("state", "")
    )
    if state is None:
        raise SignInRefused("state")
    adapter = HardenedAdapter(request, PROVIDER_ID)
    _check_issuer(request, adapter.metadata)
    if "error" in request.GET:
        raise SignInRefused("declined", detail=_error_code(request.GET["error"]))
    expected, step_up = _expected(provider.app, state["data"])
    tokens = _exchange(request, adapter, provider.app, state)
    raw = tokens.get("id_token")
    if not isinstance(raw, str):
        raise SignInRefused("token", detail="no id_token")
    claims = _verified(raw, adapter.metadata, expected, str(tokens.get("access_token", "")))
    return Answer(claims, raw, safe_next(state.get("next")), step_up, expected)


def _check_issuer(request: HttpRequest, metadata: discovery.Metadata) -> None:
    """RFC 9207: an answer that another provider sent is a mix-up, an absent name where one is due too."""
    named = request.GET.get("iss")
    if named != metadata.issuer and (named is not None or metadata.sends_iss):
        raise SignInRefused("issuer")


def _expected(app: SocialApp, data: Mapping[str, Any]) -> tuple[Expected, StepUp | None]:
    step_up = None
    if "acr_values" in data:
        step_up = StepUp(tuple(data["acr_values"]), data["max_age"])
    expected = Expected(
        issuer=app.settings["server_url"],
        client_id=app.client_id,
        nonce=data["nonce"],
        acr_values=step_up.acr_values if step_up else (),
        max_age=step_up.max_age if step_up else None,
        device_claim=str(settings.OIDC["device_claim"]),
    )
    return expected, step_up


def _exchange(
    request: HttpRequest, adapter: HardenedAdapter, app: SocialApp, state: Mapping[str, Any]
) -> Mapping[str, Any]:
    if not request.GET.get("code"):
        raise SignInRefused("code")
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


def _verified(raw: str, metadata: discovery.Metadata, expected: Expected, access_token: str) -> Claims:
    try:
        try:
            return id_token.verify(raw, discovery.keys_of(metadata), expected, access_token)
        except id_token.UnknownKey:
            return id_token.verify(raw, discovery.keys_of(metadata, again=True), expected, access_token)
    except TokenRefused as refusal:
        raise SignInRefused("token", detail=refusal.reason) from refusal


def _error_code(given: str) -> str:
    """The provider's error code if it looks like one (RFC 6749, 4.1.2.1); never its free text."""
    return given if given.replace("_", "").isalpha() and len(given) <= 60 else "unknown"
