"""Sends a person to prove more at the provider, and brings him back to what he was doing (I4).

Whether an action needs it is decided above; here it is only asked for. A provider that cannot is
asked once: what comes back unmet is refused by identity.sessions.begin with a page, not a loop.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from identity import discovery
from identity.answers import StepUp, safe_next
from identity.errors import Unavailable
from identity.onward import onward
from identity.protocols import protocol_of
from identity.sessions import context_of, provider_of

MAX_AGE_SECONDS = 15 * 60


def contexts_of(request: HttpRequest) -> tuple[str, ...]:
    """The contexts, best first, that count as a second factor at the provider of whoever asks."""
    provider = provider_of(request)
    return provider.step_up_contexts if provider else ()


def require_step_up(
    request: HttpRequest, *, acr: str = "", max_age: int = MAX_AGE_SECONDS
) -> HttpResponse | None:
    """None when the session is strong and fresh enough, else the redirect that makes it so.

    `acr` is one value or several in order of preference, by spaces; empty takes the provider's
    (contexts_of). `max_age` is in seconds since the person last proved who he is.

    Raises:
        Unavailable: the provider cannot be reached, or no `acr` is configured.
    """
    values = tuple(acr.split()) or contexts_of(request)
    step_up = StepUp(values, max_age)
    context = context_of(request)
    if context is not None and context.meets(step_up):
        return None
    if not values:
        raise Unavailable(_("This needs a stronger sign-in, and none is set up. Ask your administrator."))
    return begin(request, step_up)


def begin(request: HttpRequest, step_up: StepUp) -> HttpResponse:
    """The redirect to the provider of the session, whatever the session shows already.

    Raises:
        Unavailable: the provider cannot be reached, or is there no more.
    """
    provider = provider_of(request)
    if provider is None:
        raise Unavailable(_("The sign-in service of this session is no longer set up. Sign in again."))
    try:
        response = protocol_of(provider).begin(request, provider, next_url=way_back(request), step_up=step_up)
    except discovery.ProviderDown as error:
        raise Unavailable(_("The sign-in service does not answer. Try again in a few minutes.")) from error
    if getattr(request, "htmx", False):
        # a redirect inside a fragment's request would be followed by script, across origins: go whole
        whole = HttpResponse(headers={"HX-Redirect": response["Location"]})
        whole.cookies = response.cookies  # a sign-in under way may be bound to one
        return whole
    if request.method == "POST":
        return onward(request, response, provider.name)
    return response


def way_back(request: HttpRequest) -> str:
    """This page after a GET; after a write, or from a part of a page, the page that it was on."""
    if request.method in {"GET", "HEAD"} and not getattr(request, "htmx", False):
        return request.get_full_path()
    page = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer", ""))
    own = page.netloc in ("", request.get_host())
    return safe_next(f"{page.path}?{page.query}" if own and page.query else page.path if own else "")
