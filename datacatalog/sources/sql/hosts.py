"""Which hosts may be asked: those that the settings name, and none that leads into the machine's own nets.

Whoever may import could otherwise make the portal talk to anything in its network (SSRF, CWE-918). A name
is looked up once and the address that was checked is the one that is connected to, so that a name cannot
change its mind in between.
"""

import ipaddress
import socket

from django.conf import settings

from datacatalog.problems import BrokenFile, Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked(host: str) -> str:
    """The address to connect to: of a socket's folder the folder itself.

    Raises:
        BrokenFile: the host is not allowed, or unknown.
    """
    allowed = [entry.lower() for entry in settings.DATABASE_IMPORT_HOSTS]
    if host.startswith("/"):
        if host.lower() in allowed:
            return host
        raise _refused(host)
    name = host.lower().rstrip(".")
    by_name = any(name == entry or (entry.startswith("*.") and name.endswith(entry[1:])) for entry in allowed)
    if not by_name and not any("/" in entry or _literal(entry) for entry in allowed):
        raise _refused(host)  # nothing is looked up for who may not ask
    found = _addresses(host)
    for address in found:
        if _never(address) or not (by_name or _in_networks(address, allowed)):
            raise _refused(host)
        if address.is_loopback and name not in allowed and str(address) not in allowed:
            raise _refused(host)
    return str(found[0])


def _addresses(host: str) -> list[Address]:
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BrokenFile([Problem("host_unknown", params={"host": host[:100]})]) from None
    found = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    return [getattr(address, "ipv4_mapped", None) or address for address in found]


def _never(address: Address) -> bool:
    """Link-local holds the clouds' metadata services (169.254.169.254, fe80::/10), as does fd00:ec2::/32."""
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return True
    return address.version == 6 and address in ipaddress.ip_network("fd00:ec2::/32")


def _in_networks(address: Address, allowed: list[str]) -> bool:
    for entry in allowed:
        try:
            network = ipaddress.ip_network(entry, strict=False)
        except ValueError:
            continue
        if address in network:
            return True
    return False


def _literal(entry: str) -> bool:
    try:
        ipaddress.ip_address(entry)
    except ValueError:
        return False
    return True


def _refused(host: str) -> BrokenFile:
    return BrokenFile([Problem("host_not_allowed", params={"host": host[:100]})])
