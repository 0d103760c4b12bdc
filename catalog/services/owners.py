"""Writes of who owns an app."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import App
from catalog.permissions import CHANGE, can_build, check_change
from catalog.selectors import co_ownerships
from identity import services as identity
from identity.errors import BadInput
from identity.models import User
from identity.tenancy import current_tenant
from ledger.events import Event
from ledger.log import record


@transaction.atomic
def add_co_owner(*, by: User, app: App, user: User) -> None:
    """Let `user` change the app as well.

    Raises:
        NotAllowed: `by` does not own it.
        BadInput: `user` is of another tenant, inactive, no builder, or the owner.
    """
    check_change(by, app)
    if user.tenant_id != app.tenant_id or not can_build(user) or user.pk == app.owner_id:
        raise BadInput(_("A co-owner must be another builder of your company."))
    make_co_owner(by=by, app=app, user=user)


@transaction.atomic
def remove_co_owner(*, by: User, app: App, user: User) -> None:
    """Take that right away; without it nothing happens.

    Raises:
        NotAllowed: `by` does not own the app.
    """
    check_change(by, app)
    identity.revoke_permission(by=by, thing=app, permission=CHANGE, to=user)


def make_co_owner(*, by: User, app: App, user: User) -> None:
    """The grant and its event, for callers who have settled who may."""
    identity.grant_permission(by=by, thing=app, permission=CHANGE, to=user)


@transaction.atomic
def hand_over(*, by: User, app: App, owner: uuid.UUID) -> None:
    """Make `owner` the app's owner, as a version of it says; who was it stays a co-owner, unless they left.

    The caller holds the app's lock and has asked `owner_named`. Nothing happens where nothing changes.
    """
    before = app.owner_id
    if before == owner:
        return
    co_ownerships(app.pk).filter(user=owner).delete()
    if stays := User.objects.filter(pk=before, is_active=True).first():
        make_co_owner(by=by, app=app, user=stays)
    App.objects.filter(pk=app.pk).update(owner=owner)
    app.owner_id = owner
    _note(Event.APP_OWNER_CHANGED, app, by=by, person=owner, facts={"before": str(before)})


def owner_named(owner: str) -> uuid.UUID:
    """The owner that a manifest names.

    Raises:
        BadInput: that is no active person of the tenant at hand.
    """
    people = User.objects.filter(tenant=current_tenant(), is_active=True)
    try:
        found = people.filter(pk=uuid.UUID(owner)).values_list("pk", flat=True).first()
    except ValueError:
        found = None
    if found is None:
        raise BadInput(_("The owner must be an active person of your company."))
    return found


def _note(
    event: Event, app: App, *, by: User, person: uuid.UUID, facts: dict[str, str] | None = None
) -> None:
    record(event, by=by, app=app.pk, person=person, obj=f"app:{app.pk}", facts=facts)
