"""Who holds which role in which app. Roles stand in the live version's manifest and nowhere else: a change of
access is a new version, submitted and approved like any other (docs/adr/0070-role-preview.md)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from catalog import manifest as m
from catalog import words as in_words
from catalog.models import App
from catalog.states import AppState
from identity.effects import Effect, Pairs, Total, by_name
from identity.models import Group

NOBODY: Pairs = frozenset()


@dataclass(frozen=True)
class HeldRole:
    """A role that one person holds in one app, and the groups that give it."""

    app: App
    role: m.AppRole
    groups: tuple[str, ...]

    @property
    def may(self) -> list[str]:
        """What it lets them do, in words."""
        return [in_words.permission(one) for one in self.role.permissions]


def live_apps(words: str = "") -> "QuerySet[App]":
    """Live apps by title, with their manifests; `words` is part of title, address or unit."""
    found = App.objects.filter(state=AppState.LIVE).select_related("live_version", "owner")
    if words:
        found = found.filter(Q(title__icontains=words) | Q(slug__icontains=words) | Q(unit__icontains=words))
    return found.order_by("title", "pk")


def roles_in(app: App, groups: frozenset[str]) -> list[HeldRole]:
    """The roles that members of `groups` hold in a live app."""
    version = app.live_version
    if version is None:
        return []
    held = [(role, tuple(sorted(groups.intersection(role.groups)))) for role in version.parsed.roles]
    return [HeldRole(app, role, names) for role, names in held if names]


def effect_of_version(before: m.Manifest | None, after: m.Manifest) -> Effect:
    """Who gains and loses which role of an app, by its key, when `after` replaces `before`."""
    return Effect(_pairs(before.roles) if before else NOBODY, _pairs(after.roles))


def totals_of_version(before: m.Manifest | None, after: m.Manifest) -> list[tuple[str, Total]]:
    """By title of each role: how many people gain and lose it. Names are for admins (portal/views/people.py):
    a builder could else read any group of the directory by admitting it."""
    totals = effect_of_version(before, after).totals()
    titles = {role.key: role.title for one in (before, after) if one for role in one.roles}
    none = Total(0, 0, 0, 0)
    return [(title, totals.get(key, none)) for key, title in titles.items()]


def holders_of(roles: Iterable[m.AppRole]) -> Effect:
    """Who holds these roles now, as an effect: all that they gain from nothing."""
    return Effect(NOBODY, _pairs(roles))


def holder_counts(apps: Sequence[App]) -> dict[tuple[uuid.UUID, str], int]:
    """How many people hold each role, by app and role key, of all these apps at once."""
    roles = [
        (f"{app.pk} {role.key}", role.groups)
        for app in apps
        if app.live_version
        for role in app.live_version.parsed.roles
    ]
    totals = Effect(NOBODY, by_name(roles)).totals()
    return {_split(key): total.after for key, total in totals.items()}


def groups_giving(roles: Iterable[m.AppRole], people: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The groups through which each of `people` holds any of `roles`."""
    names = {name for role in roles for name in role.groups}
    rows = Group.objects.filter(name__in=names, memberships__user__in=list(people)).order_by("name")
    found: dict[uuid.UUID, list[str]] = {}
    for user, name in rows.values_list("memberships__user", "name"):
        found.setdefault(user, []).append(name)
    return found


def _pairs(roles: Iterable[m.AppRole]) -> Pairs:
    return by_name((role.key, role.groups) for role in roles)


def _split(key: str) -> tuple[uuid.UUID, str]:
    app, _space, role = key.partition(" ")
    return uuid.UUID(app), role
