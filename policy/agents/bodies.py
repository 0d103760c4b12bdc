"""What an agent pushes, read within bounds: JSON, plain or gzipped (RFC 9110, 8.4.1.3)."""

import json
import zlib
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity.errors import BadInput, TooLarge

MOST_SENT_BYTES = 1024 * 1024
MOST_BYTES = 8 * 1024 * 1024


def json_of(request: HttpRequest, *, gzipped: bool) -> Any:
    """The document in the body; `gzipped` says that it must be, else it may be.

    Raises:
        TooLarge: more than MOST_SENT_BYTES, or more than MOST_BYTES unpacked: no more than that is unpacked.
        BadInput: no gzip, or no JSON.
    """
    body = request.body  # more than DATA_UPLOAD_MAX_MEMORY_SIZE is not even read
    if len(body) > MOST_SENT_BYTES:
        raise TooLarge(_("The body is too large."), code="too_large")
    encoding = request.headers.get("Content-Encoding", "").lower()
    if encoding not in {"", "gzip"} or (gzipped and encoding != "gzip"):
        raise BadInput(_("Send the body gzipped, and say so (Content-Encoding: gzip)."), code="not_gzip")
    if encoding:
        body = _unpacked(body)
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):  # bad UTF-8 is a ValueError too
        raise BadInput(_("The body is no JSON."), code="not_json") from None


def _unpacked(body: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = reader.decompress(body, MOST_BYTES)
    except zlib.error:
        raise BadInput(_("The body is no gzip."), code="not_gzip") from None
    if reader.unconsumed_tail or (not reader.eof and len(content) == MOST_BYTES):
        raise TooLarge(_("The body is too large once unpacked."), code="too_large")
    if not reader.eof or reader.unused_data:
        raise BadInput(_("The body is no gzip."), code="not_gzip")
    return content


def _no_number(name: str) -> NoReturn:
    """NaN and Infinity are Python's, not JSON's (RFC 8259, section 6)."""
    raise ValueError(name)
