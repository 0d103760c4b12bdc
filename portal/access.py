"""What a person may do and why: groups, the roles they grant, roles in apps, rights on single things (I3).

A fixed number of queries, however many groups and apps there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.app_access import HeldRole, roles_in
from identity.models import Role, User
from identity.object_permissions import held_by
from identity.roles import access_of
from portal.abilities import Ability, abilities_of
from runtime.selectors import usable_apps

RIGHTS: dict[str, Promise] = {
    "change_app": gettext_lazy("Co-owner: change the app, and whatever its owner may"),
    "change_dataset": gettext_lazy("Steward: tag its fields"),
    "view_request": gettext_lazy("Read the request with its evidence"),
}
MOST = 50  # lines of a section; beyond that the page says to search


@dataclass(frozen=True)
class HeldPortalRole:
    """A portal role, why the person holds it, and what it lets him do."""

    role: Role
    why: str
    abilities: Sequence[Ability]


@dataclass(frozen=True)
class Section:
    """The first lines of a part of the page, and how many more there are."""

    rows: Sequence[Any]
    more: int

    @classmethod
    def of(cls, rows: Sequence[Any]) -> "Section":
        """The first MOST of `rows`."""
        return cls(rows[:MOST], max(0, len(rows) - MOST))


@dataclass(frozen=True)
class HeldThing:
    """A right on one thing, in words, and why the person has it."""

    name: str
    url: str
    may: str
    why: str


@dataclass(frozen=True)
class Explained:
    """All of the page; `words` narrows groups, apps and things, never the portal roles."""

    roles: Sequence[HeldPortalRole]
    groups: Section  # names
    apps: Section  # HeldRole
    things: Section  # HeldThing


def explain(user: User, words: str = "") -> Explained:
    """What `user` may do now in the tenant at hand. A deactivated person may do nothing."""
    groups = sorted(name for name in access_of(user).groups if words.lower() in name.lower())
    things = [one for one in rights_on_things(user) if words.lower() in one.name.lower()]
    return Explained(
        portal_roles(user), Section.of(groups), Section.of(app_roles(user, words)), Section.of(things)
    )


def portal_roles(user: User) -> list[HeldPortalRole]:
    """In the order of the roles, the one that everybody holds last."""
    access = access_of(user)
    return [
        HeldPortalRole(role, _why(role, access.granted_by.get(role, ())), abilities_of(role))
        for role in Role
        if role in access.roles
    ]


def _why(role: Role, groups: Sequence[str]) -> str:
    if role is Role.END_USER:
        return _("Everybody who signs in")
    return ", ".join(groups) or _("Break-glass, for its time")


def app_roles(user: User, words: str = "") -> list[HeldRole]:
    """The person's roles in live apps, by app, with the groups that give them."""
    apps = usable_apps(user, words)
    prefetch_related_objects(apps, "live_version")
    groups = access_of(user).groups
    return [held for app in apps for held in roles_in(app, groups)]


def rights_on_things(user: User) -> list[HeldThing]:
    """Apps, datasets and requests on which the person was given a right, by name."""
    held = [
        HeldThing(
            str(one.thing),
            one.thing.get_absolute_url(),
            str(RIGHTS.get(one.permission, one.permission)),
            one.group or _("Given to this person"),
        )
        for one in held_by(user)
    ]
    return sorted(held, key=lambda one: (one.name, one.may))
