"""How often something may be tried, counted in the cache. A cache that is away refuses."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity.address import client_address
from identity.errors import TooMany


def check_tries(key: str, *, most: int, minutes: int) -> None:
    """Count one try of `key`.

    Raises:
        TooMany: it was tried `most` times within `minutes`.
    """
    name = f"tries:{key}"
    cache.add(name, 0, timeout=minutes * 60)
    try:
        count = cache.incr(name)
    except ValueError:  # it expired in between
        cache.set(name, 1, timeout=minutes * 60)
        count = 1
    if count > most:
        raise TooMany(_("Too many tries. Wait a few minutes."), retry_after=minutes * 60)


def check_rate(request: HttpRequest, what: str, *, most: int | None = None, minutes: int = 1) -> None:
    """Count one more of `what` from the caller's address of the network, as our own proxies tell it.

    Without `most` the limit is SIGN_INS_PER_MINUTE: `what` costs a stored session or a signature check.

    Raises:
        TooMany: as `check_tries`.
    """
    key = f"{what}:{client_address(request) or 'unknown'}"
    check_tries(key, most=settings.SIGN_INS_PER_MINUTE if most is None else most, minutes=minutes)
