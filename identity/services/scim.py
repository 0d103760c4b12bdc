"""Tokens with which a provider pushes people and groups."""

import secrets

from django.db import transaction
from django.utils import timezone

from identity.models import ScimClient, Tenant
from ledger.events import Event
from ledger.log import Actor, record


@transaction.atomic
def issue_scim_token(*, by: Actor | None, tenant: Tenant, name: str) -> tuple[ScimClient, str]:
    """A new right to push into `tenant`; the token is returned this once and kept only as a hash.

    To rotate, issue a second one, change the provider over, revoke the first.
    """
    token = f"scim_{secrets.token_urlsafe(32)}"
    client = ScimClient.objects.create(tenant=tenant, name=name, token_hash=ScimClient.hash_of(token))
    record(Event.SCIM_CLIENT_CREATED, by=by, tenant=tenant.pk, obj=f"scim_client:{client.pk}")
    return client, token


@transaction.atomic
def revoke_scim_client(*, by: Actor | None, client: ScimClient) -> None:
    """The client's token is refused from its next request on."""
    if ScimClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(Event.SCIM_CLIENT_REVOKED, by=by, tenant=client.tenant_id, obj=f"scim_client:{client.pk}")
