"""What a person reads when a sign-in did not happen: what was wrong, and what to do about it."""

import logging

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from identity.answers import SignInRefused
from identity.discovery import ProviderDown
from identity.providers import Provider
from ledger.events import Event
from ledger.log import record

logger = logging.getLogger(__name__)

PAGES = {
    "not_provisioned": (
        _("You have no account here yet"),
        _(
            "Your company's sign-in worked, but you have not been given this application. Ask your IT "
            "department to assign it to you; the account then comes by itself."
        ),
    ),
    "deactivated": (
        _("Your account is deactivated"),
        _("Your company has ended your access. Ask your IT department if that is a mistake."),
    ),
    "ambiguous": (
        _("Two accounts go by your name"),
        _(
            "Your sign-in worked, but it fits more than one account here, and nobody can tell which is "
            "yours. Tell your IT department; they have to set up a sign-in of your company's own."
        ),
    ),
    "device": (
        _("This device is not allowed"),
        _(
            "Your company lets you in only from a device that it manages and that meets its rules. Use "
            "such a device, or ask your IT department what is missing on this one."
        ),
    ),
    "step_up": (
        _("The stronger sign-in did not happen"),
        _(
            "What you wanted to do needs a second factor or a fresh sign-in, and the sign-in service "
            "did not confirm it. Nothing was changed. Set up a second factor there, or ask your IT "
            "department."
        ),
    ),
    "clock": (
        _("The clocks disagree"),
        _(
            "The sign-in service's answer is from another time than this portal's, so it could not be "
            "trusted. Start again; if it happens again, tell your IT department that the clock of the "
            "portal's server or of the sign-in service is wrong."
        ),
    ),
    "declined": (
        _("You are not signed in"),
        _("The sign-in was cancelled or refused by the sign-in service."),
    ),
    "misconfigured": (
        _("The sign-in service does not accept this portal"),
        _(
            "It refused to begin a sign-in for this portal. Tell your IT department: the portal's "
            "registration there is not right."
        ),
    ),
    "state": (
        _("This sign-in has expired"),
        _("It was begun in another browser or too long ago. Start again."),
    ),
    "token": (
        _("The sign-in could not be trusted"),
        _(
            "The answer of the sign-in service failed a security check, so nobody was signed in. Start "
            "again; if it happens again, tell your IT department."
        ),
    ),
}


def refused(
    request: HttpRequest,
    refusal: SignInRefused,
    provider: Provider | None,
    *,
    status: int = 403,
    begun: bool = True,
) -> HttpResponse:
    """A clear page; the reason goes to the log and the record, never the token or the person.

    Anyone may call the address without ever having `begun` a sign-in: that is not recorded.
    """
    logger.warning("sign-in refused: %s %s", refusal.reason, refusal.detail)
    if begun and refusal.reason != "state":
        with transaction.atomic():
            record(
                Event.SIGN_IN_REFUSED,
                by=None,
                tenant=provider.tenant if provider else None,
                facts={"reason": refusal.reason, "detail": refusal.detail},
            )
    title, message = PAGES.get(refusal.reason, PAGES["token"])
    return render(request, "identity/refused.html", {"title": title, "message": message}, status=status)


def provider_down(
    request: HttpRequest, error: ProviderDown, provider: Provider | None, after: str
) -> HttpResponse:
    """Nothing that anybody here could do but wait; the reason is for the log."""
    logger.warning("identity provider: %s", error)
    context = {"provider": provider.name if provider else _("The sign-in service"), "next": after}
    return render(request, "identity/provider_down.html", context, status=503)
