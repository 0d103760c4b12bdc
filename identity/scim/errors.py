"""Every failure as a SCIM error (RFC 7644, 3.12), and as a note that holds no value of a person."""

import logging
from dataclasses import dataclass, field

from django.core.exceptions import RequestDataTooBig
from pydantic import ValidationError
from scim2_models import (
    Error,
    InvalidFilterException,
    InvalidValueException,
    PayloadTooLargeException,
    SCIMException,
    UniquenessException,
)

from identity.errors import BadInput, Conflict

logger = logging.getLogger(__name__)


class MethodNotAllowed(SCIMException):
    """The address has no such method; `allowed` are those that it has (RFC 9110, 15.5.6)."""

    status = 405
    _default_detail = "The method is not offered here"

    def __init__(self, allowed: list[str]) -> None:
        super().__init__()
        self.allowed = allowed


class TooManyRequests(SCIMException):
    """The client asks more than it may (RFC 6585, 4); `retry_after` is in seconds."""

    status = 429
    _default_detail = "Too many requests; come back later"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


@dataclass(frozen=True)
class Told:
    """What the client is told, and what is kept of it: the client's own text may hold personal data, so
    `note` is made of names of attributes and kinds of errors alone."""

    error: Error
    status: int
    note: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def told(error: Exception) -> Told:
    """`error` for the client and for the list of requests; one that nobody foresaw is logged."""
    if isinstance(error, ValidationError):
        return _of_validation(error)
    scim = _as_scim(error)
    if scim is not None:
        return _of_scim(scim, error.code if isinstance(error, BadInput) else "")
    logger.error("SCIM request failed", exc_info=error)
    return Told(Error(status=500, detail="The portal failed; nothing was changed."), 500)


def _as_scim(error: Exception) -> SCIMException | None:
    made: SCIMException | None = None
    if isinstance(error, SCIMException):
        made = error
    elif isinstance(error, Conflict):
        made = UniquenessException(detail=error.message)
    elif isinstance(error, BadInput):
        made = InvalidValueException(detail=error.message)
    elif isinstance(error, RequestDataTooBig):
        made = PayloadTooLargeException()
    elif isinstance(error, RecursionError):
        made = InvalidFilterException(detail="Too deep.")
    return made


def _of_scim(error: SCIMException, about: str) -> Told:
    headers = {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="scim"'
    general = type(error)._default_detail
    return Told(error.to_error(), error.status, _joined(_name(about), general), headers)


def _of_validation(error: ValidationError) -> Told:
    """The first of pydantic's errors; its place is a path of names, its type a fixed word."""
    first = error.errors(include_input=False, include_url=False)[0]
    shown = Error.from_validation_error(first)
    place = ".".join(str(part) for part in first["loc"] if isinstance(part, str) and "[" not in part)
    return Told(shown, int(shown.status or 400), _joined(_name(place), first["type"]))


def _name(text: str) -> str:
    """`text` if it can be nothing but an attribute's name or path."""
    plain = text.replace(".", "").replace(":", "").replace("_", "").replace("$", "")
    return text if plain.isascii() and plain.isalnum() and len(text) <= 120 else ""


def _joined(*parts: str) -> str:
    return ": ".join(part for part in parts if part)
