"""How often one address of the network may do what costs a stored session or a signature check."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity.errors import TooMany

WINDOW_SECONDS = 60


def check_rate(request: HttpRequest, what: str) -> None:
    """Count one more of `what` from the caller's address.

    Raises:
        TooMany: more than SIGN_INS_PER_MINUTE in the last minute or so.
    """
    key = f"rate:{what}:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        count = cache.incr(key)
    except ValueError:  # it expired between the two calls
        return
    if count > settings.SIGN_INS_PER_MINUTE:
        raise TooMany(_("Too many sign-ins come from your network. Try again in a minute."))
