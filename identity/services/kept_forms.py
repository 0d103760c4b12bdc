"""Keeps what a person had typed while he proves who he is elsewhere. No events: it is a draft of minutes,
and whatever comes of it is recorded when it is sent again."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils import timezone

from identity.models import KeptForm, Tenant, User
from identity.tenancy import tenant_scope

KEPT = dt.timedelta(minutes=15)
MOST = 5  # a person's; the oldest goes


@transaction.atomic
def keep_form(*, by: User, form_id: uuid.UUID, sealed: bytes) -> None:
    """Store the sealed form for a quarter of an hour."""
    KeptForm.objects.create(
        id=form_id, tenant_id=by.tenant_id, person=by, sealed=sealed, expires_at=timezone.now() + KEPT
    )
    newest = KeptForm.objects.filter(person=by).order_by("-expires_at").values_list("pk", flat=True)[:MOST]
    KeptForm.objects.filter(person=by).exclude(pk__in=list(newest)).delete()


def kept_form(*, by: User, form_id: uuid.UUID) -> bytes | None:
    """The sealed form, for the person who filled it in; None when it is gone."""
    rows = KeptForm.objects.filter(pk=form_id, person=by, expires_at__gt=timezone.now())
    found = rows.values_list("sealed", flat=True).first()
    return None if found is None else bytes(found)


def drop_form(*, by: User, form_id: uuid.UUID) -> None:
    """It has served."""
    KeptForm.objects.filter(pk=form_id, person=by).delete()


def forget_forms() -> int:
    """Delete what nobody came back for, in every tenant; how many."""
    gone = 0
    for tenant in Tenant.objects.values_list("pk", flat=True):
        with tenant_scope(tenant):
            gone += KeptForm.objects.filter(expires_at__lte=timezone.now()).delete()[0]
    return gone
