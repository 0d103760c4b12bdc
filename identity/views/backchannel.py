"""Where providers tell that a session of theirs has ended (OpenID Connect Back-Channel Logout 1.0)."""

import hashlib
import logging
from itertools import groupby

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from identity import discovery, logout_token, providers
from identity.id_token import LEEWAY_SECONDS, MAX_TOKEN_AGE_SECONDS, TokenRefused, UnknownKey
from identity.logout_token import Logout
from identity.models import IdentityProvider, LoginSession
from identity.providers import Provider
from identity.rates import check_rate
from identity.services import end_logins
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)
SEEN_SECONDS = MAX_TOKEN_AGE_SECONDS + 2 * LEEWAY_SECONDS  # no token is taken that is older


@csrf_exempt  # its word is the signature of the provider; no cookie counts here
@require_POST
def logout(request: HttpRequest, provider: str = "") -> HttpResponse:
    """End the sessions that a logout token names: 200 also where there are none (section 2.8).

    Raises:
        TooMany: more tokens come from one address than any provider sends.
    """
    check_rate(request, "backchannel-logout")
    found = providers.by_slug(provider) if provider else providers.deployment()
    if found is None or found.kind != IdentityProvider.Kind.OIDC:
        return _answer(_bad("unknown client"))
    try:
        told = _checked(found, request.POST.get("logout_token", ""))
    except TokenRefused as refusal:
        logger.warning("back-channel logout refused: %s", refusal.reason)
        return _answer(_bad("the logout token was refused"))
    except discovery.ProviderDown as error:
        logger.warning("back-channel logout: %s", error)
        return _answer(JsonResponse({"error": "temporarily_unavailable"}, status=503))
    _end(found, told)
    return _answer(HttpResponse())


def _checked(provider: Provider, raw: str) -> Logout:
    metadata = discovery.metadata_of(provider.issuer)
    try:
        told = logout_token.verify(raw, discovery.keys_of(metadata), provider.issuer, provider.client_id)
    except UnknownKey:
        keys = discovery.keys_of(metadata, again=True)
        told = logout_token.verify(raw, keys, provider.issuer, provider.client_id)
    seen = hashlib.sha256(f"{provider.key} {told.jti}".encode()).hexdigest()
    if not cache.add(f"logout-token:{seen}", True, SEEN_SECONDS):
        raise TokenRefused("jti")
    return told


def _end(provider: Provider, told: Logout) -> None:
    """End the sessions that this provider began: a tenant's own reaches its tenant's people alone."""
    logins = LoginSession.objects.filter(issuer=provider.issuer, ended_at=None)
    if provider.tenant:
        logins = logins.filter(user__tenant=provider.tenant)
    if told.sid:
        logins = logins.filter(sid=told.sid)
    if told.sub:
        logins = logins.filter(sub=told.sub)
    rows = logins.order_by("user__tenant_id").values_list("user__tenant_id", "pk")
    for tenant, group in groupby(rows, key=lambda row: row[0]):
        with tenant_scope(tenant):
            these = LoginSession.objects.filter(pk__in=[pk for _tenant, pk in group])
            end_logins(by=None, logins=these, end=LoginSession.End.PROVIDER)


def _bad(description: str) -> JsonResponse:
    return JsonResponse({"error": "invalid_request", "error_description": description}, status=400)


def _answer(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
