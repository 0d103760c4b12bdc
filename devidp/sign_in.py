"""How a person signed in here, and what an authorization request demands of it."""

import hashlib
import secrets
import time
from dataclasses import asdict, dataclass

from django.http import HttpRequest

SINGLE_FACTOR = "urn:devidp:loa:1"
MULTI_FACTOR = "urn:devidp:loa:2"
ACR_BY_LEVEL = {1: SINGLE_FACTOR, 2: MULTI_FACTOR}
LEVEL_BY_ACR = {acr: level for level, acr in ACR_BY_LEVEL.items()}
AMR_BY_LEVEL = {1: ["user"], 2: ["user", "otp", "mfa"]}  # RFC 8176

_SESSION_KEY = "sign_in"
_ASKED_KEY = "asked"
_MOST_ASKED = 10


@dataclass(frozen=True)
class SignIn:
    """A person's session at the provider; `at` is seconds since the epoch."""

    at: float
    level: int
    sid: str

    @classmethod
    def of(cls, request: HttpRequest) -> "SignIn | None":
        """The sign-in of this session, if there is one."""
        kept = request.session.get(_SESSION_KEY)
        return cls(**kept) if kept and request.user.is_authenticated else None

    @classmethod
    def now(cls, request: HttpRequest, level: int) -> "SignIn":
        """Record that the person has just proved `level`; the session's `sid` stays."""
        before = cls.of(request)
        sign_in = cls(time.time(), level, before.sid if before else secrets.token_urlsafe(16))
        request.session[_SESSION_KEY] = asdict(sign_in)
        return sign_in


@dataclass(frozen=True)
class Demand:
    """What one authorization request asks for (OpenID Connect Core 1.0, section 3.1.2.1)."""

    prompts: frozenset[str]
    max_age: int | None
    level: int
    asked_at: float
    key: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Demand":
        """Read the demand; the moment it was first made is kept until it is met.

        Raises:
            ValueError: `max_age` is not a whole number of seconds.
        """
        raw_age = request.GET.get("max_age")
        max_age = int(raw_age) if raw_age else None
        if max_age is not None and max_age < 0:
            raise ValueError("max_age is negative")
        wanted = [
            LEVEL_BY_ACR[acr]
            for acr in request.GET.get("acr_values", "").split()
            if acr in LEVEL_BY_ACR  # acr_values is voluntary: unknown ones are passed over
        ]
        key = hashlib.sha256(request.META.get("QUERY_STRING", "").encode()).hexdigest()
        asked: dict[str, float] = request.session.get(_ASKED_KEY, {})
        asked.setdefault(key, time.time())
        request.session[_ASKED_KEY] = dict(list(asked.items())[-_MOST_ASKED:])
        return cls(
            prompts=frozenset(request.GET.get("prompt", "").split()),
            max_age=max_age,
            level=wanted[0] if wanted else 1,
            asked_at=asked[key],
            key=key,
        )

    def open_step(self, sign_in: SignIn | None) -> str:
        """The name of the page that the person still has to pass; empty when the demand is met."""
        if sign_in is None:
            return "sign-in"
        if "login" in self.prompts and sign_in.at < self.asked_at:
            return "sign-in"
        if self.max_age is not None and sign_in.at < self.asked_at - self.max_age:
            return "sign-in"
        return "step-up" if sign_in.level < self.level else ""

    def met(self, request: HttpRequest) -> None:
        """Forget the moment of asking: the same request made again is a new demand."""
        asked = request.session.get(_ASKED_KEY, {})
        asked.pop(self.key, None)
        request.session[_ASKED_KEY] = asked


def keep_demands(request: HttpRequest) -> dict[str, float]:
    """The open demands, to be carried over a change of person, which empties the session."""
    return dict(request.session.get(_ASKED_KEY, {}))


def restore_demands(request: HttpRequest, asked: dict[str, float]) -> None:
    """Put back what `keep_demands` gave."""
    request.session[_ASKED_KEY] = asked
