"""Sessions of signed-in people: begun by a checked answer of the provider, and how they were proved."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth import login, logout
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest

from identity import discovery, limits, providers
from identity.answers import Answer, SignInRefused, StepUp
from identity.devices import device_of
from identity.id_token import LEEWAY_SECONDS, Claims, unmet
from identity.models import AccessToken, BreakGlass, LoginSession, User
from identity.protocols import protocol_of
from identity.providers import Provider
from identity.services import close_logins, end_logins
from identity.tenancy import tenant_scope
from ledger.events import Event
from ledger.log import record

_KEY = "sso"
_HINT_KEY = "sso_id_token"
_PROVIDER_KEY = "sso_provider"
_LOGIN_KEY = "login"  # the id of its LoginSession
_ADMIN_UNTIL_KEY = "admin_until"
BREAK_GLASS = "break-glass"  # the issuer of a session that no provider began
BACKEND = "identity.backends.DirectoryBackend"


@dataclass(frozen=True)
class SignInContext:
    """How the session was proved, for conditional access (I4); `auth_time` in epoch seconds."""

    issuer: str
    sub: str
    sid: str
    acr: str
    amr: tuple[str, ...]
    auth_time: int
    device_compliant: bool | None = None

    def meets(self, step_up: StepUp) -> bool:
        """Whether this sign-in is strong and fresh enough for `step_up`.

        The leeway is that of the check on return: what passes there must pass here, or it would be asked
        for again and again.
        """
        if self.issuer == BREAK_GLASS:
            return True  # made for when the provider is away; its own time box ends it
        fresh = time.time() - self.auth_time <= step_up.max_age + LEEWAY_SECONDS
        return fresh and self.acr in step_up.acr_values


def context_of(request: HttpRequest) -> SignInContext | None:
    """How the person of `request` signed in, or signed in who made his token; None without either."""
    token: AccessToken | None = getattr(request, "token", None)
    kept: dict[str, Any] | None = token.proof if token else request.session.get(_KEY)
    if not kept or not request.user.is_authenticated:
        return None
    return SignInContext(**{**kept, "amr": tuple(kept["amr"])})


def provider_of(request: HttpRequest) -> Provider | None:
    """The provider that the session of `request` began at, or that of the sign-in behind its token; None when
    it is there no more."""
    token: AccessToken | None = getattr(request, "token", None)
    if token is not None:
        return providers.by_issuer(token.tenant_id, str((token.proof or {}).get("issuer", "")))
    return providers.by_key(request.session.get(_PROVIDER_KEY, "deployment"))


def begin(request: HttpRequest, answer: Answer) -> User:
    """Open the session that `answer` earned, under a new key, and record it.

    Answers of every protocol come here. A step-up keeps the session's content, and is refused for another
    person than the one signed in.

    Raises:
        SignInRefused: nobody is provisioned under this subject, the account is deactivated, or the
            provider did not do the step-up.
    """
    if answer.is_test:
        raise SignInRefused("state", detail="a test opens no session")
    user = person_of(answer)
    if answer.step_up is not None:
        _check_step_up(request, answer, user)
    with tenant_scope(user.tenant_id):
        login(request, user, backend=BACKEND)
        event = Event.STEPPED_UP if answer.step_up else Event.SIGNED_IN
        record(event, by=user, facts={"acr": answer.claims.acr, "amr": list(answer.claims.amr)})
        request.session[_LOGIN_KEY] = _remember(request, user, answer.claims)
        limits.begin(request.session, user)
    request.session[_KEY] = asdict(answer.claims)
    request.session[_HINT_KEY] = answer.raw_id_token
    request.session[_PROVIDER_KEY] = answer.provider.key
    return user


def begin_break_glass(request: HttpRequest, grant: BreakGlass) -> None:
    """Open the session of a used break-glass link, which ends with its time box, used or not."""
    assert grant.used_at is not None  # noqa: S101 - use_break_glass came first
    assert grant.ends_at is not None  # noqa: S101
    began = int(grant.used_at.timestamp())
    claims = Claims(BREAK_GLASS, grant.user.external_id, "", "", (BREAK_GLASS,), began)
    logout(request)  # whoever sat here before is somebody else
    with tenant_scope(grant.tenant_id):
        login(request, grant.user, backend=BACKEND)
        request.session[_LOGIN_KEY] = _remember(request, grant.user, claims)
    request.session[_KEY] = asdict(claims)
    request.session[_ADMIN_UNTIL_KEY] = grant.ends_at.timestamp()
    request.session.set_expiry(grant.ends_at)


def admin_until(request: HttpRequest) -> float | None:
    """When the break-glass right of this session ends, in epoch seconds; None for every other session."""
    until: float | None = request.session.get(_ADMIN_UNTIL_KEY)
    return until if until is not None and until > time.time() else None


def person_of(answer: Answer) -> User:
    """The account that SCIM provisioned under the answer's subject, among those its provider signs in.

    A subject is unique per provider. Two tenants that share the deployment's provider and know the same
    person cannot be told apart here.

    Raises:
        SignInRefused: "not_provisioned", "ambiguous" or "deactivated".
    """
    found = answer.provider.accounts(answer.subject)
    if not found:
        raise SignInRefused("not_provisioned")
    if len(found) > 1:
        raise SignInRefused("ambiguous")
    if not found[0].is_active:
        raise SignInRefused("deactivated")
    return found[0]


def end(request: HttpRequest) -> str:
    """Close the session and record it; returns the address at the provider that ends its session too.

    Empty when nobody was signed in, or the provider has no RP-initiated logout or cannot be reached.
    """
    user = request.user
    if not isinstance(user, User):
        logout(request)
        return ""
    hint = request.session.get(_HINT_KEY, "")
    provider = provider_of(request)
    with tenant_scope(user.tenant_id):
        record(Event.SIGNED_OUT, by=user)
        close_logins(this_login(request), LoginSession.End.SIGNED_OUT)
        logout(request)
    try:
        return protocol_of(provider).leave(provider, hint) if provider else ""
    except discovery.ProviderDown:
        return ""


def check_limits(request: HttpRequest) -> LoginSession.End | None:
    """End the session if it is over, and say why; else note, once a minute, that it is in use.

    Call it before the request's own transaction: what it writes stays, whatever becomes of the request.
    """
    user = request.user
    if not isinstance(user, User):
        return None
    why = limits.over(request.session)
    if why is None:
        if limits.is_stale(request.session):
            with tenant_scope(user.tenant_id):
                limits.note(request.session, user)
                this_login(request).filter(ended_at=None).update(seen_at=Now())
                request.session.save()
        return None
    with tenant_scope(user.tenant_id):
        end_logins(by=None, logins=this_login(request), end=why)
        logout(request)
    return why


def this_login(request: HttpRequest) -> "QuerySet[LoginSession]":
    """The one that `request` belongs to; none for a session that no provider began."""
    key: str | None = request.session.get(_LOGIN_KEY)
    return LoginSession.objects.filter(pk=key) if key else LoginSession.objects.none()


def _remember(request: HttpRequest, user: User, claims: Claims) -> str:
    """The row by which the provider's word or the person ends this session; a step-up keeps its row."""
    if not request.session.session_key:
        request.session.create()
    values = {
        "session_key": request.session.session_key,
        "issuer": claims.issuer,
        "sub": claims.sub,
        "sid": claims.sid,
        "device": device_of(request.headers.get("User-Agent", "")),
    }
    row = this_login(request).filter(user=user, ended_at=None).first() or LoginSession(user=user)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return str(row.pk)


def _check_step_up(request: HttpRequest, answer: Answer, user: User) -> None:
    if request.user.is_authenticated and request.user.pk != user.pk:
        raise SignInRefused("step_up", detail="another person")
    if answer.step_up and (missing := unmet(answer.claims, answer.step_up)):
        raise SignInRefused("step_up", detail=missing)
