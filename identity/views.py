"""Sign-in, sign-out and what can go wrong on the way."""

import logging
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from identity import discovery, sessions, sso
from identity.sso import SignInRefused
from ledger.events import Event
from ledger.log import record

logger = logging.getLogger(__name__)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One button that leads to the provider; the POST goes there, so no link can start a sign-in."""
    after = sso.safe_next(request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated:
        return HttpResponseRedirect(after)
    try:
        provider = sso.hardened_provider(request)
        if request.method == "POST":
            return provider.begin(next_url=after)
        metadata = discovery.metadata_of(provider.app.settings["server_url"])
    except discovery.ProviderDown as error:
        return _provider_down(request, error, after)
    context = {"provider": sso.provider_for(request).name, "next": after}
    return _leading_to(metadata.origins, render(request, "identity/sign_in.html", context))


@never_cache
@require_GET
def callback(request: HttpRequest) -> HttpResponse:
    """Where the provider sends the browser back to."""
    try:
        answer = sso.complete(request)
        sessions.begin(request, answer)
    except SignInRefused as refusal:
        return _refused(request, refusal)
    except discovery.ProviderDown as error:
        return _provider_down(request, error, sso.safe_next(None))
    return HttpResponseRedirect(answer.next)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Asks once, then ends the session here and at the provider."""
    if request.method == "GET" and request.user.is_authenticated:
        return _sign_out_page(request)
    if request.method == "GET":
        return redirect("sign-in")
    return HttpResponseRedirect(sessions.end(request) or reverse("sign-in"))


def _sign_out_page(request: HttpRequest) -> HttpResponse:
    provider = sso.provider_for(request)
    page = render(request, "identity/sign_out.html", {"provider": provider.name})
    try:
        return _leading_to(discovery.metadata_of(provider.issuer).origins, page)
    except discovery.ProviderDown:
        return page  # the session here ends all the same


def _leading_to(origins: list[str], page: HttpResponse) -> HttpResponse:
    """Let forms of `page` end at the provider: CSP's form-action governs the redirects after a POST too."""
    page._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
    return page


def _provider_down(request: HttpRequest, error: discovery.ProviderDown, after: str) -> HttpResponse:
    logger.warning("identity provider: %s", error)
    context = {"provider": sso.provider_for(request).name, "next": after}
    return render(request, "identity/provider_down.html", context, status=503)


def _refused(request: HttpRequest, refusal: SignInRefused) -> HttpResponse:
    """A clear page; the reason goes to the log and the record, never the token or the person."""
    logger.warning("sign-in refused: %s %s", refusal.reason, refusal.detail)
    if refusal.reason != "state":  # anyone may call the address without ever having begun a sign-in
        with transaction.atomic():
            record(
                Event.SIGN_IN_REFUSED,
                by=None,
                facts={"reason": refusal.reason, "detail": refusal.detail},
            )
    pages = _pages()
    page = pages.get(refusal.reason, pages["token"])
    context = {**page, "reason": refusal.reason, "provider": sso.provider_for(request).name}
    return render(request, "identity/refused.html", context, status=403)


def _pages() -> dict[str, dict[str, Any]]:
    """What a person reads for each reason: what happened, and what to do about it."""
    return {
        "not_provisioned": {
            "title": _("You have no account here yet"),
            "message": _(
                "Your company's sign-in worked, but you have not been given this application. Ask your "
                "IT department to assign it to you; the account then comes by itself."
            ),
        },
        "deactivated": {
            "title": _("Your account is deactivated"),
            "message": _("Your company has ended your access. Ask your IT department if that is a mistake."),
        },
        "step_up": {
            "title": _("The stronger sign-in did not happen"),
            "message": _(
                "What you wanted to do needs a second factor or a fresh sign-in, and the sign-in service "
                "did not confirm it. Nothing was changed. Set up a second factor there, or ask your IT "
                "department."
            ),
        },
        "declined": {
            "title": _("You are not signed in"),
            "message": _("The sign-in was cancelled or refused by the sign-in service."),
        },
        "state": {
            "title": _("This sign-in has expired"),
            "message": _("It was begun in another browser or too long ago. Start again."),
        },
        "token": {
            "title": _("The sign-in could not be trusted"),
            "message": _(
                "The answer of the sign-in service failed a security check, so nobody was signed in. Start "
                "again; if it happens again, tell your IT department."
            ),
        },
    }
