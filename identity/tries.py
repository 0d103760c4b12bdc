"""How often something may be tried, counted in the cache. A cache that is away refuses."""

from django.core.cache import cache
from django.utils.translation import gettext as _

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
