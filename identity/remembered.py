"""The provider that this browser last signed in at, in a signed cookie: the next time it goes straight there.

It says where somebody works, and nothing of who he is. Signing out and a refused sign-in clear it, so that
another account can be chosen.
"""

from django.conf import settings
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse

from identity import providers
from identity.providers import Provider

COOKIE = "portal_provider"
SECONDS = 180 * 24 * 60 * 60


def provider(request: HttpRequest) -> Provider | None:
    """The enabled provider that the cookie names."""
    try:
        key = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=SECONDS)
    except BadSignature:
        return None
    return providers.by_key(key) if key else None


def remember(response: HttpResponse, at: Provider) -> HttpResponse:
    """`response`, with the cookie."""
    response.set_signed_cookie(
        COOKIE,
        at.key,
        salt=COOKIE,
        max_age=SECONDS,
        path="/sign-in/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """`response`, without it."""
    response.delete_cookie(COOKIE, path="/sign-in/", samesite="Lax")
    return response
