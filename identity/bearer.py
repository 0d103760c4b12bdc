"""Who calls the API: a bearer token in the Authorization header and nothing else (RFC 6750).

Refused as RFC 6750, section 3 says; which of unknown, revoked, out of date or ownerless it was is not told.
"""

from collections.abc import Mapping
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import DomainError
from identity.models import AccessToken
from identity.services.tokens import hash_of

NOTED_EVERY = timedelta(minutes=1)
REALM = "portal"
MOST_CHARACTERS = 200


class BearerRefused(DomainError):
    """The call is not let in; `header` is what WWW-Authenticate says."""

    def __init__(self, message: str, *, status: int = 401, error: str = "", scope: str = "") -> None:
        super().__init__(message, code=error or "unauthorized")
        self.status = status
        parts: Mapping[str, str] = {"realm": REALM, "error": error, "scope": scope}
        told = ", ".join(f'{name}="{value}"' for name, value in parts.items() if value)
        self.header = f"Bearer {told}"


def authenticate(request: HttpRequest) -> AccessToken:
    """The live token of `request` with its owner, who is active now.

    Raises:
        BearerRefused: there is none, it is malformed, or it is worth nothing.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise BearerRefused(_("Send an access token."))
    token = token.strip()
    if not token or " " in token or len(token) > MOST_CHARACTERS or not token.isascii():
        raise BearerRefused(_("The access token is malformed."), status=400, error="invalid_request")
    rows = AccessToken.objects.select_related("owner__tenant", "tenant")
    found = rows.filter(token_hash=hash_of(token)).first()
    if found is None or not found.is_live or not found.owner.is_active:
        raise BearerRefused(_("The access token is not valid."), error="invalid_token")
    return found


def note_use(token: AccessToken) -> None:
    """When it was last used, to the minute."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        AccessToken.objects.filter(pk=token.pk).update(last_used_at=now)


def check_scope(token: AccessToken, scope: str) -> None:
    """Raise BearerRefused unless `token` has `scope`."""
    if scope and scope not in token.scopes:
        text = _("The access token was not given the scope %(scope)s.") % {"scope": scope}
        raise BearerRefused(text, status=403, error="insufficient_scope", scope=scope)
