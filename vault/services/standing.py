"""A tenant's key for its data, switched off and on again (S4): off, nothing opens after 5 s, anywhere."""

import uuid
from contextlib import suppress

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.errors import Conflict
from identity.models import Role
from ledger.events import Event
from ledger.log import Actor, record
from notices.kinds import Kind
from notices.services import notify
from vault.errors import KeysUnavailable
from vault.locks import alone
from vault.models import KeyEncryptionKey
from vault.services.provisioning import changed
from vault.services.secrets import reseal_secrets
from vault.states import LIVING, KekState

# the others stay on: without secrets and signatures nobody could sign in to switch anything on again
DATA = KeyEncryptionKey.Purpose.DATA
TOLD = (Role.ADMIN, Role.SECURITY)


@transaction.atomic
def disable_key(*, by: Actor | None, tenant: uuid.UUID) -> None:
    """Close all that the tenant's key for its data has wrapped, in every process, until it is enabled.

    Raises:
        Conflict: it is off already, or there is none.
    """
    alone(tenant, DATA)
    with suppress(KeysUnavailable), transaction.atomic():  # the emergency waits for no key service
        reseal_secrets(by=by, tenant=tenant)
    now = timezone.now()
    rows = KeyEncryptionKey.objects.filter(tenant=tenant, purpose=DATA, state__in=LIVING, disabled_at=None)
    active = rows.filter(state=KekState.ACTIVE).first()
    if active is None:
        raise Conflict(_("The key is off already, or there is none."))
    rows.update(disabled_at=now, disabled_by=by.pk if by else None)
    changed(tenant)
    record(Event.KEY_DISABLED, by=by, tenant=tenant, obj=active.obj, facts=_facts(active))
    tell(Kind.KEY_DISABLED, active, key=f"{active.pk}:{now.isoformat()}")


@transaction.atomic
def enable_key(*, by: Actor | None, tenant: uuid.UUID) -> None:
    """Open again what disable_key() has closed.

    Raises:
        Conflict: it is on, or there is none any more.
    """
    alone(tenant, DATA)
    rows = KeyEncryptionKey.objects.filter(
        tenant=tenant, purpose=DATA, state__in=LIVING, disabled_at__isnull=False
    )
    active = rows.filter(state=KekState.ACTIVE).first()
    if active is None:
        raise Conflict(_("The key is on already, or there is none any more."))
    rows.update(disabled_at=None, disabled_by=None)
    changed(tenant)
    record(Event.KEY_ENABLED, by=by, tenant=tenant, obj=active.obj, facts=_facts(active))


def tell(kind: Kind, row: KeyEncryptionKey, *, key: str, path: str = "") -> None:
    """Tell admins and security about `row`; the same `key` again says nothing."""
    for role in TOLD:
        notify(
            kind=kind,
            key=f"{kind.value}:{key}:{role.value}",
            tenant=row.tenant_id,
            role=role,
            params={"title": str(row.get_purpose_display())},
            path=path or reverse("keys"),
        )


def _facts(row: KeyEncryptionKey) -> dict[str, object]:
    return {"purpose": row.purpose, "version": row.version, "origin": row.origin}
