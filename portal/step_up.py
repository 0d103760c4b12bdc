"""What people get for StepUpNeeded: they are sent to their provider, and their form is kept for them."""

import time

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from identity.answers import StepUp
from identity.errors import NotAllowed
from identity.id_token import LEEWAY_SECONDS
from identity.sessions import context_of
from identity.step_up import begin, contexts_of, require_step_up, way_back
from policy.errors import StepUpNeeded
from portal import kept_forms

JUST_NOW_SECONDS = 60 + LEEWAY_SECONDS


class StepUpUnmet(NotAllowed):
    """The person has just signed in as was asked, and it does not do: asking again would never end."""


def send(request: HttpRequest, needed: StepUpNeeded) -> HttpResponse:
    """The redirect to the provider; what was posted waits for the person at the page that he comes back to.

    Raises:
        StepUpUnmet: signing in again would not help.
        Unavailable: no provider answers, or none can do a step-up.
    """
    max_age = settings.SESSION_COOKIE_AGE if needed.max_age is None else needed.max_age
    away = require_step_up(request, acr=" ".join(needed.acr_values), max_age=max_age)
    away = away or _once_more(request, needed)
    if request.method == "POST" and not kept_forms.keep(
        request, way_back(request), needed.decision.never_shown
    ):
        text = _("Nothing was changed yet. What you had filled in could not be kept: fill it in again.")
        messages.warning(request, text)
    return away


def _once_more(request: HttpRequest, needed: StepUpNeeded) -> HttpResponse:
    """The context and age are as asked, and a rule is open all the same: the method can only be another one
    in another sign-in, which `max_age=0` brings about."""
    context = context_of(request)
    if context is None or time.time() - context.auth_time < JUST_NOW_SECONDS:
        raise StepUpUnmet(
            _(
                "You have just signed in, but not in the way that a rule of your company asks for here. Sign "
                "out and in again with another method, for example a security key."
            ),
            code="step_up_unmet",
        )
    return begin(request, StepUp(needed.acr_values or contexts_of(request), 0))
