"""Versions of resources as weak entity tags (RFC 7644, 3.14; RFC 9110, 8.8.3 and 13.1)."""

import re

from scim2_models import PreconditionFailedException

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


def etag(version: int) -> str:
    """Weak: two representations of one version may differ in what was asked for."""
    return f'W/"{version}"'


def matches(header: str, version: int) -> bool:
    """Whether one of the tags in If-Match or If-None-Match is that of `version` (weak comparison)."""
    if header.strip() == "*":
        return True
    wanted = etag(version).removeprefix("W/")
    return any(tag.removeprefix("W/") == wanted for tag in _TAG.findall(header))


def demand(header: str | None, version: int) -> None:
    """Go on if there is no If-Match, or the locked row has one of its versions.

    Raises:
        PreconditionFailedException: somebody was faster.
    """
    if header is not None and not matches(header, version):
        raise PreconditionFailedException
