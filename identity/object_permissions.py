"""Reads of rights on single things, answered by django-guardian; the rooms' permissions.py ask here (I3)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from guardian.shortcuts import get_objects_for_user, get_perms

from identity.errors import BadInput, Missing
from identity.models import Group, User
from identity.models.permission import GroupGrant, UserGrant

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Held:
    """A right on a thing, and the group that gives it; without one it was given to the person."""

    thing: Any
    permission: str
    group: str


def permissions_on(user: User, thing: Model) -> frozenset[str]:
    """The codenames of the rights that `user` has on `thing` by himself or by a group: two queries."""
    return frozenset(get_perms(user, thing)) if user.is_active else frozenset()


def things_of(user: User, permission: str, model: type[M]) -> "QuerySet[M]":
    """The things on which `user` has `permission` (a codename); a subquery, asked when it is used."""
    if not user.is_active:
        return model._default_manager.none()
    full = f"{model._meta.app_label}.{permission}"
    found: QuerySet[M] = get_objects_for_user(user, full, klass=model, accept_global_perms=False)
    return found


@cache
def grant_models() -> Sequence[type[UserGrant] | type[GroupGrant]]:
    """Every table of rights on single things that the rooms have."""
    return [one for one in apps.get_models() if issubclass(one, UserGrant | GroupGrant)]


def user_grants(thing: Model) -> type[UserGrant]:
    """The table of people's rights on things like `thing`."""
    return next(one for one in grant_models() if issubclass(one, UserGrant) and _is_on(one, thing))


def group_grants(thing: Model) -> type[GroupGrant] | None:
    """The table of groups' rights on things like `thing`; None where people alone can have one."""
    return next((one for one in grant_models() if issubclass(one, GroupGrant) and _is_on(one, thing)), None)


def grants_on(thing: Model) -> list[Any]:
    """Rights on one thing, people's first, with who has and who gave them: two queries."""
    people = user_grants(thing)._default_manager.filter(content_object=thing).select_related("user")
    found: list[Any] = list(people.order_by("user__display_name", "pk"))
    if (model := group_grants(thing)) is not None:
        groups = model._default_manager.filter(content_object=thing).select_related("group")
        found += groups.order_by("group__name", "pk")
    return found


def grant_on(thing: Model, grant_id: uuid.UUID) -> Any:
    """One right on `thing`.

    Raises:
        Missing: it has none of this id.
    """
    for row in grants_on(thing):
        if row.pk == grant_id:
            return row
    raise Missing(_("That right is gone already."))


def grant_id(text: str) -> uuid.UUID:
    """The id of a right as a form sends it; what is none belongs to no right."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def named(tenant: uuid.UUID, name: str) -> User | Group:
    """The active person with that user name or e-mail, whatever the case, or the group with that name.

    Raises:
        BadInput: there is none, or the e-mail is that of several.
    """
    wanted = name.replace("\x00", "").strip()
    people = User.objects.filter(tenant=tenant, is_active=True)
    found = list(people.filter(Q(username__iexact=wanted) | Q(email__iexact=wanted))[:2]) if wanted else []
    if len(found) == 1:
        return found[0]
    group = Group.objects.filter(name=wanted).first()
    if group is None or found:
        raise BadInput(
            _("Nobody and no group is called that. Use the user name, e-mail or the group's name.")
        )
    return group


def held_by(user: User) -> list[Held]:
    """All rights of one person on single things: two queries a kind of thing."""
    if not user.is_active:
        return []
    held: list[Held] = []
    for model in grant_models():
        mine = Q(user=user) if issubclass(model, UserGrant) else Q(group__in=user.directory_groups.all())
        names = ["content_object", "permission"] + ([] if issubclass(model, UserGrant) else ["group"])
        held += [
            Held(row.content_object, row.permission.codename, row.group.name if "group" in names else "")
            for row in model._default_manager.filter(mine).select_related(*names).order_by("pk")
        ]
    return held


def _is_on(model: type[Any], thing: Model) -> bool:
    return isinstance(thing, model._meta.get_field("content_object").related_model)
