"""Clients that push people and groups, their tokens, and the list of their last requests."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import BadInput
from identity.models import ALL_SCOPES, ScimCall, ScimClient, ScimScope, ScimToken, Tenant
from ledger.context import current_source
from ledger.events import Event
from ledger.log import Actor, record

CALLS_KEPT = 500  # of each client, and a few more until they are dropped
TRIM_EVERY = 20  # requests, on average: looking for the old ones costs more than the note
MAX_OVERLAP = timedelta(days=30)


@transaction.atomic
def issue_scim_token(
    *,
    by: Actor | None,
    tenant: Tenant,
    name: str,
    scopes: Sequence[ScimScope] = ALL_SCOPES,
    expires_at: datetime | None = None,
) -> tuple[ScimClient, str]:
    """A new client that may push into `tenant`, with its first token.

    The token is returned this once and kept only as a hash.

    Raises:
        BadInput: no scope, or an end that has passed.
    """
    client = ScimClient(tenant=tenant, name=name, scope=_scope(scopes))
    client.save(force_insert=True)
    record(
        Event.SCIM_CLIENT_CREATED,
        by=by,
        tenant=tenant.pk,
        obj=f"scim_client:{client.pk}",
        facts={"scopes": [scope.value for scope in client.scopes]},
    )
    return client, _issue(by, client, expires_at)


@transaction.atomic
def change_scim_client(
    *, by: Actor | None, client: ScimClient, name: str, scopes: Sequence[ScimScope]
) -> ScimClient:
    """Rename the client and say anew what it may do, from its next request on.

    Raises:
        BadInput: no scope, which is what revoking is for.
    """
    before = (client.name, client.scope)
    client.name, client.scope = name, _scope(scopes)
    if before != (client.name, client.scope):
        client.save(update_fields=["name", "scope"])
        facts = {"scopes": [scope.value for scope in client.scopes]}
        record(
            Event.SCIM_CLIENT_CHANGED,
            by=by,
            tenant=client.tenant_id,
            obj=f"scim_client:{client.pk}",
            facts=facts,
        )
    return client


@transaction.atomic
def rotate_scim_token(
    *, by: Actor | None, client: ScimClient, overlap: timedelta, expires_at: datetime | None = None
) -> str:
    """A new token; those at hand stay valid for `overlap`, so that no push is refused meanwhile.

    Raises:
        BadInput: the client is revoked, the overlap negative or over MAX_OVERLAP, or the end has passed.
    """
    client = ScimClient.objects.select_for_update().get(pk=client.pk)
    if client.revoked_at is not None:
        raise BadInput(_("This client is revoked; make a new one."), code="revoked")
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise BadInput(_("The old token may stay valid for at most 30 days."), code="overlap")
    ends = timezone.now() + overlap
    still = Q(expires_at=None) | Q(expires_at__gt=ends)
    old = ScimToken.objects.filter(still, client=client, revoked_at=None)
    for token in old:
        _record_token(Event.SCIM_TOKEN_EXPIRES, by, client, token.pk, seconds=int(overlap.total_seconds()))
    old.update(expires_at=ends)
    return _issue(by, client, expires_at)


@transaction.atomic
def revoke_scim_token(*, by: Actor | None, token: ScimToken) -> None:
    """The token is refused from its next request on."""
    if ScimToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        _record_token(Event.SCIM_TOKEN_REVOKED, by, token.client, token.pk)


@transaction.atomic
def revoke_scim_client(*, by: Actor | None, client: ScimClient) -> None:
    """Every token of the client is refused from its next request on, for good."""
    now = timezone.now()
    if ScimClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=now):
        ScimToken.objects.filter(client=client, revoked_at=None).update(revoked_at=now)
        record(Event.SCIM_CLIENT_REVOKED, by=by, tenant=client.tenant_id, obj=f"scim_client:{client.pk}")


@dataclass(frozen=True)
class CallNote:
    """What is kept of one request. `detail` names attributes and errors, never a value."""

    method: str
    resource_type: str
    resource_id: uuid.UUID | None
    status: int
    scim_type: str
    detail: str
    milliseconds: int


def note_scim_call(*, client: ScimClient, note: CallNote) -> None:
    """Keep `note`; now and then drop what is older than the last CALLS_KEPT of this client.

    No event: what changed has its own, and this list is bounded.
    """
    ScimCall.objects.bulk_create(  # save() would ask for a savepoint too
        [
            ScimCall(
                tenant_id=client.tenant_id,
                client=client,
                request=current_source().request,
                **asdict(replace(note, detail=note.detail[:300])),
            )
        ]
    )
    if secrets.randbelow(TRIM_EVERY) == 0:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM identity_scimcall WHERE id IN ("
                " SELECT id FROM identity_scimcall WHERE client_id = %s AND id <= ("
                "  SELECT id FROM identity_scimcall WHERE client_id = %s ORDER BY id DESC OFFSET %s LIMIT 1)"
                " FOR UPDATE SKIP LOCKED)",
                [client.pk, client.pk, CALLS_KEPT],
            )


def _scope(scopes: Sequence[ScimScope]) -> str:
    if not scopes:
        raise BadInput(_("Choose at least one thing that the client may do."), code="scopes")
    return " ".join(scope.value for scope in ALL_SCOPES if scope in scopes)


def _issue(by: Actor | None, client: ScimClient, expires_at: datetime | None) -> str:
    if expires_at is not None and expires_at <= timezone.now():
        raise BadInput(_("The end of a token must lie ahead."), code="expires_at")
    token = f"scim_{secrets.token_urlsafe(32)}"
    row = ScimToken.objects.create(client=client, hash=ScimToken.hash_of(token), expires_at=expires_at)
    _record_token(Event.SCIM_TOKEN_ISSUED, by, client, row.pk)
    return token


def _record_token(event: Event, by: Actor | None, client: ScimClient, pk: uuid.UUID, **facts: int) -> None:
    about = {"token": str(pk), **facts}
    record(event, by=by, tenant=client.tenant_id, obj=f"scim_client:{client.pk}", facts=about)
