"""Which agent calls: by a bearer token of its own. A person's session or token is worth nothing here."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity.bearer import MOST_CHARACTERS, BearerRefused
from identity.tenancy import tenant_scope
from policy.agents.services import note_seen
from policy.models import OpaAgent, OpaToken


def agent_of(request: HttpRequest) -> OpaAgent:
    """The agent whose token `request` carries (RFC 6750, 2.1); when it was last there is noted.

    Raises:
        BearerRefused: no token, or one that is unknown, expired or revoked; which of these is not told.
    """
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text or len(text) > MOST_CHARACTERS:
        raise BearerRefused(_("Send the agent's token."))
    token = OpaToken.objects.filter(hash=OpaToken.hash_of(text)).first()
    if token is None or token.ended:
        raise _invalid()
    with tenant_scope(token.tenant_id):
        agent = OpaAgent.objects.select_related("tenant").get(pk=token.agent_id)
        if agent.revoked_at is not None:
            raise _invalid()
        if token.note_use():
            note_seen(agent)
    return agent


def _invalid() -> BearerRefused:
    return BearerRefused(_("The agent's token is not valid."), error="invalid_token")
