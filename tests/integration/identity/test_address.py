"""The client's address is what connected, or what our own proxy says; a forged header moves nothing."""

from typing import Any

import pytest
from django.test import RequestFactory

from identity.address import client_address


@pytest.mark.parametrize(
    ("hops", "remote", "forwarded", "expected"),
    [
        (0, "192.0.2.7", "198.51.100.1", "192.0.2.7"),
        (1, "10.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        (1, "10.0.0.1", "192.0.2.7", "192.0.2.7"),
        (2, "10.0.0.1", "6.6.6.6, 192.0.2.7,10.0.0.2", "192.0.2.7"),
        (2, "10.0.0.1", "192.0.2.7", None),
        (1, "10.0.0.1", "", None),
        (1, "10.0.0.1", "192.0.2.7, unknown", None),
        (0, "", "192.0.2.7", None),
        (0, "::ffff:192.0.2.7", "", "192.0.2.7"),
        (0, "2001:db8::1", "", "2001:db8::1"),
    ],
)
def test_the_address(settings: Any, hops: int, remote: str, forwarded: str, expected: str | None) -> None:
    settings.PROXY_HOPS = hops
    request = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    found = client_address(request)
    assert (str(found) if found else None) == expected
