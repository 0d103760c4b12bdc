"""What pages and other rooms are told of a tenant's keys."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils import timezone

from identity.models import Tenant
from identity.presence import presence
from identity.tenancy import current_tenant
from vault.models import KeyDestruction, KeyEncryptionKey, KeyImport, KeyUse, Rewrap, TenantKey
from vault.states import KekState

USE_DAYS = 14
Purpose = KeyEncryptionKey.Purpose


@dataclass(frozen=True)
class Standing:
    """The keys of one purpose: what wraps now (None: nothing), those before, and how they are used."""

    purpose: Purpose
    active: KeyEncryptionKey | None
    older: Sequence[KeyEncryptionKey]
    data_keys: int
    operations: int
    kms_calls: int

    @property
    def label(self) -> str:
        """The purpose in words."""
        return str(self.purpose.label)

    @property
    def days(self) -> int:
        """The age of the key that wraps now."""
        return (timezone.now() - self.active.created_at).days if self.active else 0


def brings_own_key(tenant: uuid.UUID) -> bool:
    """Whether the tenant's data is under a key that it brought itself, and that is switched on.

    A request knows it since it began, from its person's tenant; work that no request began asks once.
    """
    here = presence()
    if here is not None and current_tenant() == tenant:
        return here.own_key
    return bool(Tenant.objects.filter(pk=tenant, brings_own_key=True).exists())


def own_key_wraps(tenant: uuid.UUID) -> bool:
    """The same from the keys themselves, for whoever has just changed them."""
    rows = KeyEncryptionKey.objects.filter(tenant=tenant, purpose=Purpose.DATA, state=KekState.ACTIVE)
    return rows.filter(origin=KeyEncryptionKey.Origin.IMPORTED, disabled_at=None).exists()


def standings(tenant: uuid.UUID) -> list[Standing]:
    """Every purpose, in three queries."""
    keks = list(KeyEncryptionKey.objects.filter(tenant=tenant).order_by("-version"))
    living = ~Q(state=TenantKey.State.DESTROYED)
    counted = TenantKey.objects.filter(living, tenant=tenant).order_by().values_list("kek__purpose")
    data_keys = dict(counted.annotate(Count("pk")))
    since = timezone.now().astimezone(dt.UTC).date() - dt.timedelta(days=USE_DAYS - 1)
    uses = {
        purpose: (operations, calls)
        for purpose, operations, calls in KeyUse.objects.filter(tenant=tenant, day__gte=since)
        .order_by()
        .values_list("purpose")
        .annotate(Sum("operations"), Sum("kms_calls"))
    }
    return [
        _standing(purpose, keks, data_keys.get(purpose, 0), uses.get(purpose, (0, 0))) for purpose in Purpose
    ]


def running(tenant: uuid.UUID) -> list[Rewrap]:
    """Data keys on their way to another key."""
    return list(Rewrap.objects.filter(tenant=tenant, finished_at=None).select_related("kek"))


def pending_import(tenant: uuid.UUID) -> KeyImport | None:
    """The import that has begun and can still be finished."""
    rows = KeyImport.objects.filter(tenant=tenant, used_at=None, expires_at__gt=timezone.now())
    return rows.first()


def destructions(tenant: uuid.UUID) -> list[KeyDestruction]:
    """Every wish to destroy a key, newest first."""
    return list(KeyDestruction.objects.filter(tenant=tenant).select_related("asked_by"))


def _standing(
    purpose: Purpose, keks: Sequence[KeyEncryptionKey], data_keys: int, used: tuple[int, int]
) -> Standing:
    mine = [kek for kek in keks if kek.purpose == purpose]
    active = next((kek for kek in mine if kek.state == KekState.ACTIVE), None)
    return Standing(purpose, active, [kek for kek in mine if kek is not active], data_keys, *used)
