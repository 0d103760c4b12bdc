"""From where a request comes: the one reading of the client's address, compared and never logged."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def client_address(request: HttpRequest) -> Address | None:
    """The address that connected to us, or to the outermost of our own proxies (settings.PROXY_HOPS).

    A proxy appends to X-Forwarded-For whom it was called by, so only as many entries from the right as there
    are proxies of ours are true; what stands further left is whatever the client wrote. None when there is
    none that can be read, for example over a Unix socket.
    """
    if not settings.PROXY_HOPS:
        return parsed(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    return parsed(hops[-settings.PROXY_HOPS]) if len(hops) >= settings.PROXY_HOPS else None


def parsed(text: str) -> Address | None:
    """An IPv4 address in IPv6 clothes is the IPv4 address (RFC 4291, 2.5.5.2); None for what is none."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
