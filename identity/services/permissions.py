"""Writes of rights on single things. Who may grant what is the room's question, answered before it calls."""

from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _

from identity.errors import BadInput
from identity.models import Group, User
from identity.models.permission import UserGrant
from identity.object_permissions import grant_models, group_grants, user_grants
from ledger.events import Event
from ledger.log import Actor, record


@transaction.atomic
def grant_permission(*, by: User, thing: Any, permission: str, to: User | Group) -> bool:
    """Give `to` the right `permission` (a codename of the thing's model); whether it is new.

    Raises:
        BadInput: `to` is of another tenant, or the person is not active.
    """
    if to.tenant_id != thing.tenant_id or (isinstance(to, User) and not to.is_active):
        raise BadInput(_("Only active people and groups of your company can be given this."))
    kind = ContentType.objects.get_for_model(thing)
    what = {"permission": Permission.objects.get(content_type=kind, codename=permission)}
    values = {"tenant_id": thing.tenant_id, "granted_by": by}
    model, whose = _table(thing, to)
    _row, new = model._default_manager.get_or_create(content_object=thing, **whose, **what, defaults=values)
    if new:
        _record(model, model.granted_event, by, thing, permission, to)
    return bool(new)


@transaction.atomic
def revoke_permission(*, by: Actor | None, thing: Any, permission: str, to: User | Group) -> bool:
    """Take that right away; whether there was one."""
    model, whose = _table(thing, to)
    rows = model._default_manager.filter(content_object=thing, permission__codename=permission, **whose)
    deleted, _by_model = rows.delete()
    if deleted:
        _record(model, model.revoked_event, by, thing, permission, to)
    return bool(deleted)


@transaction.atomic
def drop_object_permissions(*, by: Actor | None, user: User) -> list[str]:
    """Take away every right that was given to `user` himself; the names of the things.

    For offboarding: nothing comes back when the account does. Rights of his groups end with the membership.
    """
    names = []
    for model in grant_models():
        if not issubclass(model, UserGrant):
            continue
        rows = model._default_manager.filter(user=user).select_related("content_object", "permission")
        for row in rows.order_by("pk"):
            row.delete()
            _record(model, model.revoked_event, by, row.content_object, row.permission.codename, user)
            names.append(str(row.content_object))
    return names


def _table(thing: Any, to: User | Group) -> tuple[Any, dict[str, Any]]:
    if isinstance(to, User):
        return user_grants(thing), {"user": to}
    model = group_grants(thing)
    if model is None:
        raise BadInput(_("People alone can be given this, no group."))
    return model, {"group": to}


def _record(
    model: Any, event: Event, by: Actor | None, thing: Any, permission: str, to: User | Group
) -> None:
    facts = {"permission": permission} | ({} if isinstance(to, User) else {"group": str(to.pk)})
    record(
        event,
        by=by,
        tenant=thing.tenant_id,
        app=model.app_of(thing),
        person=to.pk if isinstance(to, User) else None,
        obj=f"{thing._meta.model_name}:{thing.pk}",
        facts=facts,
    )
