"""What a sign-in asks of a provider and gets back, whatever the protocol between them (I1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from identity.id_token import Claims
from identity.providers import Provider


@dataclass(frozen=True)
class StepUp:
    """What an action demands of the sign-in: one of `acr_values`, at most `max_age` seconds ago."""

    acr_values: tuple[str, ...]
    max_age: int


@dataclass(frozen=True)
class Answer:
    """A provider's answer that passed every check of its protocol."""

    provider: Provider
    claims: Claims
    subject: str  # what the provider calls the person, to be matched with an account
    next: str
    step_up: StepUp | None = None
    raw_id_token: str = ""  # the hint of RP-initiated logout; other protocols have none
    is_test: bool = False  # an admin tries the provider: no session may come of it
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)  # all that was said, for a test


class SignInRefused(Exception):
    """The sign-in cannot go on; `reason` names why, for the page, the log and the record."""

    def __init__(self, reason: str, *, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def safe_next(wanted: str | None) -> str:
    """`wanted` if it is a path of this site, else the home page: no open redirect."""
    own = wanted and wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if own and wanted else reverse("home")
