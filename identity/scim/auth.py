"""Who may push: a client with a token of its own. A person's session is worth nothing here."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from scim2_models import UnauthorizedException

from identity.models import ScimClient

_USE_NOTED_EVERY = timedelta(minutes=1)


def client_of(request: HttpRequest) -> ScimClient:
    """The client whose bearer token `request` carries.

    Raises:
        UnauthorizedException: no token, an unknown one, or one that was revoked.
    """
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UnauthorizedException(detail="A bearer token is required.")
    client = ScimClient.objects.filter(token_hash=ScimClient.hash_of(token.strip()), revoked_at=None).first()
    if client is None:
        raise UnauthorizedException(detail="The bearer token is not valid.")
    now = timezone.now()
    if client.last_used_at is None or client.last_used_at < now - _USE_NOTED_EVERY:
        ScimClient.objects.filter(pk=client.pk).update(last_used_at=now)
    return client
