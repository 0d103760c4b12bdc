"""The protocol endpoints: django-oauth-toolkit's views with what they leave out."""

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.oauth2_backends import _add_iss_to_redirect
from oauth2_provider.views import (
    AuthorizationView,
    ConnectDiscoveryInfoView,
    RPInitiatedLogoutView,
    UserInfoView,
)
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError
from oauthlib.openid.connect.core.exceptions import InteractionRequired, LoginRequired

from devidp import settings
from devidp.models import CodeContext
from devidp.sign_in import ACR_BY_LEVEL, AMR_BY_LEVEL, Demand, SignIn
from devidp.views import end_session


class Authorize(AuthorizationView):
    """Honours acr_values, max_age and prompt, and remembers per code how the person signed in."""

    template_name = "devidp/error.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.oauth2_data: dict[str, Any] = {}
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        try:
            _scopes, credentials = self.validate_authorization_request(request)
        except OAuthToolkitError as error:
            return self._fail(error)
        try:
            demand = Demand.of(request)
        except ValueError as error:
            return self._refuse(InvalidRequestError(str(error)), credentials)
        if step := demand.open_step(SignIn.of(request)):
            if "none" in demand.prompts:
                wrong = LoginRequired if step == "sign-in" else InteractionRequired
                return self._refuse(wrong(), credentials)
            return redirect(f"{reverse(step)}?{urlencode({'next': request.get_full_path()})}")
        demand.met(request)
        query = request.GET.copy()
        if "create" not in demand.prompts:  # left for the library, which refuses it
            query.pop("prompt", None)
        request.GET = query  # type: ignore[assignment]
        response: HttpResponse = self.get(request, *args, **kwargs)
        return response

    def create_authorization_response(
        self, request: HttpRequest, scopes: str, credentials: dict[str, Any], allow: bool
    ) -> tuple[str, dict[str, str], str, int]:
        uri, headers, body, status = super().create_authorization_response(
            request, scopes, credentials, allow
        )
        signed_in = SignIn.of(request)
        codes = parse_qs(urlsplit(uri).query).get("code", [])
        if signed_in and codes:
            CodeContext.objects.create(
                code=codes[0],
                auth_time=int(signed_in.at),
                acr=ACR_BY_LEVEL[signed_in.level],
                amr=AMR_BY_LEVEL[signed_in.level],
                sid=signed_in.sid,
            )
        return uri, headers, body, status

    def redirect(self, redirect_to: str, application: Any) -> HttpResponse:
        """Answers to the client name their issuer, errors too (RFC 9207)."""
        response: HttpResponse = super().redirect(
            _add_iss_to_redirect(redirect_to, settings.ISSUER), application
        )
        return response

    def _fail(self, error: OAuthToolkitError) -> HttpResponse:
        response: HttpResponse = self.error_response(error, application=None)
        return response

    def _refuse(self, error: Any, credentials: dict[str, Any]) -> HttpResponse:
        error.state = credentials.get("state")
        wrapped = OAuthToolkitError(error=error, redirect_uri=credentials["redirect_uri"])
        return self._fail(wrapped)


class Discovery(ConnectDiscoveryInfoView):
    """Discovery that names all that the provider does, and nothing that it does not."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        document = json.loads(super().get(request, *args, **kwargs).content)
        del document["client_id_metadata_document_supported"]
        document |= {
            "grant_types_supported": ["authorization_code"],
            "response_modes_supported": ["query"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "acr_values_supported": list(ACR_BY_LEVEL.values()),
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "claim_types_supported": ["normal"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,  # absent would mean true
        }
        response = JsonResponse(document)
        response["Access-Control-Allow-Origin"] = "*"
        return response


class UserInfo(UserInfoView):
    """Claims for a bearer of an access token in the header or body, never in the address."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "access_token" in request.GET:  # RFC 9700, section 4.3.2
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response


class EndSession(RPInitiatedLogoutView):
    """RP-initiated logout that also tells by the back channel."""

    template_name = "devidp/sign_out.html"

    def do_logout(self, *args: Any, **kwargs: Any) -> HttpResponse:
        end_session(self.request)
        response: HttpResponse = super().do_logout(*args, **kwargs)
        return response
