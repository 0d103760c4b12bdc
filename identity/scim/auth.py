"""Who may push: a client with a token of its own. A person's session is worth nothing here."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError
from scim2_models import ForbiddenException, UnauthorizedException

from identity.models import ScimClient, ScimScope, ScimToken
from identity.scim.answers import refusal
from identity.scim.errors import TooManyRequests, told
from identity.services import CallNote, note_scim_call
from identity.tenancy import tenant_scope

logger = logging.getLogger(__name__)


class ClientOnly:
    """django-scim2's AUTH_CHECK_MIDDLEWARE: puts the client whose token it is on the request, or refuses.

    Unlike the one of the library it asks for no signed-in user, and logs neither request nor answer.
    """

    def __init__(self, get_response: Callable[..., HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer `request` for its client."""
        try:
            request.scim_client = client_of(request)  # type: ignore[attr-defined]
        except Exception as error:  # noqa: BLE001 - whatever it is, the client is told in SCIM
            return refusal(told(error))
        return self.get_response(request, *args, **kwargs)


def client_of(request: HttpRequest) -> ScimClient:
    """The client whose bearer token `request` carries.

    Raises:
        UnauthorizedException: no token, or one that is unknown, expired or revoked.
    """
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise UnauthorizedException(detail="A bearer token is required.")
    known = ScimToken.objects.select_related("client").filter(hash=ScimToken.hash_of(text.strip()))
    token = known.first()
    if token is None:
        raise UnauthorizedException(detail="The bearer token is not valid.")
    ended = "revoked" if token.client.revoked_at else token.ended
    if ended:
        _note_refused(request, token.client, ended)
        raise UnauthorizedException(detail="The bearer token is not valid.")
    token.note_use()
    return token.client


def allow(client: ScimClient, *scopes: ScimScope) -> None:
    """Go on if the client has every one of `scopes`.

    Raises:
        ForbiddenException: it has not (RFC 6750, 3.1: insufficient_scope).
    """
    missing = [scope.value for scope in scopes if scope not in client.scopes]
    if missing:
        raise ForbiddenException(detail=f"The client's token does not include {', '.join(missing)}.")


def limit(client: ScimClient) -> None:
    """Count the request against the client's limit a minute (SCIM_REQUESTS_A_MINUTE).

    Without Redis nothing is counted and the request goes on: a limit that stopped the provider from
    deactivating people would be worse than none.

    Raises:
        TooManyRequests: the limit is reached.
    """
    minute, second = divmod(int(time.time()), 60)
    key = f"scim:{client.pk}:{minute}"
    try:
        seen = _counted(key)
    except RedisError:
        logger.warning("SCIM requests are not counted: Redis is away")
        return
    if seen > settings.SCIM_REQUESTS_A_MINUTE:
        raise TooManyRequests(60 - second)


def _counted(key: str) -> int:
    try:
        return int(cache.incr(key))
    except ValueError:  # the first of this minute
        cache.add(key, 1, timeout=120)
        return 1


def _note_refused(request: HttpRequest, client: ScimClient, ended: str) -> None:
    """So that the admin sees why pushes stopped."""
    note = CallNote(
        method=(request.method or "")[:10],
        resource_type="–",
        resource_id=None,
        status=401,
        scim_type="",
        detail=f"token {ended}",
        milliseconds=0,
    )
    with tenant_scope(client.tenant_id):
        note_scim_call(client=client, note=note)
