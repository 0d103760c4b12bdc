"""The portal as a SAML 2.0 service provider: metadata, assertion consumer service, single logout."""

import logging

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from identity import provider_trial, providers, remembered, sessions
from identity.answers import SignInRefused, safe_next
from identity.discovery import ProviderDown
from identity.models import IdentityProvider, LoginSession
from identity.providers import Provider
from identity.rates import check_rate
from identity.refusal_pages import provider_down, refused
from identity.saml import documents, logout, pending, protocol, response
from identity.saml.addresses import path_of, url_of
from identity.saml.documents import Hostile
from identity.saml.metadata import sp_metadata
from identity.saml.response import WrongTime
from identity.saml.toolkit import pairs_of, settings_of
from identity.services import end_logins
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)
MAX_POST_BYTES = 3 * documents.MAX_MESSAGE_BYTES  # Base64 and its percent encoding
_DECLINED = {"AuthnFailed", "RequestDenied", "NoPassive", "RequestUnsupported"}


@require_GET
def metadata(request: HttpRequest, saml_slug: str) -> HttpResponse:
    """What an admin gives the provider; public, as it holds public keys alone."""
    found = _found(saml_slug)
    try:
        content = sp_metadata(found)
    except ProviderDown as error:
        return provider_down(request, error, found, safe_next(None))
    return HttpResponse(content, content_type="application/samlmetadata+xml")


@csrf_exempt  # the provider's POST: it counts for nothing without the request's own cookie
@never_cache
@require_POST
def acs(request: HttpRequest, saml_slug: str) -> HttpResponse:
    """Check the response, and lead on to a page of ours that the session's cookie comes with.

    Nothing is stored for who brings no answer to a request of this browser.

    Raises:
        TooMany: more come from one address than people sign in there.
    """
    found = _found(saml_slug)
    check_rate(request, "saml-acs")
    try:
        request_id = _take(request, found)
    except _Unasked as hostile:
        return refused(request, SignInRefused("token", detail=hostile.reason), found, status=400, begun=False)
    except SignInRefused as refusal:
        status = 403 if refusal.reason in {"declined", "step_up", "misconfigured"} else 400
        return refused(request, refusal, found, status=status)
    except ProviderDown as error:
        return provider_down(request, error, found, safe_next(None))
    onward = HttpResponseRedirect(f"{path_of(found, 'finish')}?{urlencode({'request': request_id})}")
    onward.status_code = 303  # a GET, to which browsers add cookies that are SameSite=Lax
    return onward


@never_cache
@require_GET
def finish(request: HttpRequest, saml_slug: str) -> HttpResponse:
    """Open the session that the checked response earned."""
    found = _found(saml_slug)
    request_id = request.GET.get("request", "")
    try:
        row, kept = pending.take_answer(request, found, request_id)
        answer = protocol.answer_of(found, row, kept)
        if answer.is_test:
            done = provider_trial.show(request, answer)
        else:
            sessions.begin(request, answer)
            done = remembered.remember(HttpResponseRedirect(safe_next(answer.next)), found)
    except SignInRefused as refusal:
        status = 400 if refusal.reason in {"state", "token"} else 403
        done = remembered.forget(refused(request, refusal, found, status=status))
    return pending.forget_cookie(done, request_id)


@never_cache
@require_GET
def slo(request: HttpRequest, saml_slug: str) -> HttpResponse:
    """Single logout: the provider ends its sessions here, or answers that it ended its own.

    Raises:
        TooMany: more come from one address than people sign out there.
    """
    found = _found(saml_slug)
    check_rate(request, "saml-slo")
    query = request.META.get("QUERY_STRING", "")
    try:
        message = logout.message_of(query)
        if "SAMLResponse" in message:
            if not logout.check_response(found, query):
                logger.warning("single logout: the provider's own session goes on")
            return redirect("sign-in")
        ending = logout.check_request(found, query)
        _end(found, ending)
        back = logout.response_url(found, ending.request_id, message.get("RelayState"))
    except Hostile as hostile:
        refusal = SignInRefused("logout", detail=hostile.reason)
        return refused(request, refusal, found, status=400, begun=False)
    except ProviderDown as error:
        return provider_down(request, error, found, safe_next(None))
    return HttpResponseRedirect(back or reverse("sign-in"))


class _Unasked(Hostile):
    """What was posted is no answer that could belong to a sign-in."""


def _take(request: HttpRequest, provider: Provider) -> str:
    """Check the posted response and keep what it says; returns the id of the request that it answers.

    The request is used up before anything is decrypted or verified, so that nobody can try twice.
    """
    try:
        raw = documents.from_post(_posted(request))
        root = documents.parse_message(raw)
    except Hostile as hostile:
        raise _Unasked(hostile.reason) from hostile
    row = pending.claim(request, provider, response.in_response_to(root))
    if not provider.is_enabled and not row.is_test:
        raise SignInRefused("state")
    if failure := response.failure_of(root):
        raise _failed(failure)
    expected = response.Expected(
        provider.issuer, url_of(provider, "metadata"), url_of(provider, "acs"), row.request_id
    )
    settings = [settings_of(provider, pair) for pair in pairs_of(provider)]
    try:
        statement = response.check(raw, settings, expected)
    except WrongTime as wrong:
        raise SignInRefused("clock", detail=wrong.reason) from wrong
    except Hostile as hostile:
        raise SignInRefused("token", detail=hostile.reason) from hostile
    pending.keep_answer(row, statement.assertion_id, protocol.packed(statement))
    return row.request_id


def _posted(request: HttpRequest) -> str:
    """The form's message; a body that is too long is not read at all."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = -1
    if not 0 < length <= MAX_POST_BYTES:
        raise Hostile("size")
    values = request.POST.getlist("SAMLResponse")
    if len(values) != 1:
        raise Hostile("not one SAMLResponse")
    return str(values[0])


def _failed(codes: tuple[str, ...]) -> SignInRefused:
    """What the provider's status means here (SAML 2.0 Core, 3.2.2.2)."""
    shown = ",".join(code for code in codes if code.isalnum())[:100]
    if "NoAuthnContext" in codes:
        return SignInRefused("step_up", detail=shown)
    return SignInRefused("declined" if _DECLINED & set(codes) else "misconfigured", detail=shown)


def _end(provider: Provider, ending: logout.Ending) -> None:
    """End what this provider began, of its tenant's people alone. Where it gave a session no index, its
    person's name will do."""
    assert provider.tenant  # noqa: S101 - providers of tenants alone speak SAML
    logins = LoginSession.objects.filter(
        issuer=provider.issuer, user__tenant=provider.tenant, sub=ending.name_id.value
    )
    if ending.session_indexes:
        logins = logins.filter(sid__in=[*ending.session_indexes, ""])
    with tenant_scope(provider.tenant):
        end_logins(by=None, logins=logins, end=LoginSession.End.PROVIDER)


def _found(slug: str) -> Provider:
    """The SAML provider of that short name, also one that is being set up."""
    found = providers.by_slug(slug, enabled=False)
    if found is None or found.kind != IdentityProvider.Kind.SAML:
        raise Http404
    return found
