"""Writes of who owns an app."""

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import App, CoOwner
from catalog.permissions import can_build, check_change
from identity.errors import BadInput
from identity.models import User
from ledger.events import Event
from ledger.log import record


@transaction.atomic
def add_co_owner(*, by: User, app: App, user: User) -> CoOwner:
    """Let `user` change the app as well.

    Raises:
        NotAllowed: `by` does not own it.
        BadInput: `user` is of another tenant, inactive, no builder, or the owner.
    """
    check_change(by, app)
    if user.tenant_id != app.tenant_id or not can_build(user) or user.pk == app.owner_id:
        raise BadInput(_("A co-owner must be another builder of your company."))
    added, new = CoOwner.objects.get_or_create(
        app=app, user=user, defaults={"tenant_id": app.tenant_id, "added_by": by}
    )
    if new:
        record(Event.APP_CO_OWNER_ADDED, by=by, app=app.pk, person=user.pk, obj=f"app:{app.pk}")
    return added


@transaction.atomic
def remove_co_owner(*, by: User, app: App, user: User) -> None:
    """Take that right away; without it nothing happens.

    Raises:
        NotAllowed: `by` does not own the app.
    """
    check_change(by, app)
    gone, _by_model = CoOwner.objects.filter(app=app, user=user).delete()
    if gone:
        record(Event.APP_CO_OWNER_REMOVED, by=by, app=app.pk, person=user.pk, obj=f"app:{app.pk}")
