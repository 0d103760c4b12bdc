"""What can go wrong that a person is told about. portal/errors.py turns these into pages and JSON.

They live in the lowest room that people meet, so that every room above raises the same kinds.
"""


class DomainError(Exception):
    """A refusal or failure with a text for the reader; nothing was changed."""

    status = 400

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__.lower()


class BadInput(DomainError):
    """What was sent cannot be used; the text says what to change."""


class NotAllowed(DomainError):
    """The person has no right to this; the text says who could."""

    status = 403


class Missing(DomainError):
    """There is no such thing, or none that this person may know of."""

    status = 404


class Conflict(DomainError):
    """The thing has moved on since the page was made."""

    status = 409


class TooLarge(DomainError):
    """More than is taken at once."""

    status = 413


class TooMany(DomainError):
    """A limit on how often is reached; `retry_after` is in seconds."""

    status = 429

    def __init__(self, message: str, *, retry_after: int = 60, code: str = "") -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something that the portal needs is away; it fails closed until it is back."""

    status = 503
