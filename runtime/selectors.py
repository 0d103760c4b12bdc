"""Reads across apps and exports, a fixed number of queries each."""

import uuid
from collections.abc import Mapping, Sequence

from django.core.cache import cache
from django.db.models import Q, QuerySet
from redis import RedisError

from catalog.models import App, AppVersion
from catalog.states import AppState
from identity.models import User
from identity.roles import group_names
from runtime.export_run import progress_key
from runtime.models import Export
from runtime.states import ExportState

MOST_APPS = 200
MOST_KNOWN = 20_000
_groups: dict[uuid.UUID, frozenset[str]] = {}


def usable_apps(user: User, text: str = "") -> list[App]:
    """Live apps in which a group of `user` holds a role, by title; `text` narrows by title or unit.

    Roles stand in manifests. A version never changes, so what its roles admit is read once a process.
    """
    groups = group_names(user)
    if not groups:
        return []
    apps = App.objects.filter(state=AppState.LIVE).select_related("owner").order_by("title", "id")
    if text:
        apps = apps.filter(Q(title__icontains=text) | Q(unit__icontains=text) | Q(slug__icontains=text))
    found = list(apps)
    admitted = _admitted({app.live_version_id for app in found if app.live_version_id})
    usable = [app for app in found if app.live_version_id and groups & admitted[app.live_version_id]]
    return usable[:MOST_APPS]


def _admitted(versions: set[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[str]]:
    """The groups that hold any role, by version: one query for those not met before."""
    known = {pk: groups for pk in versions if (groups := _groups.get(pk)) is not None}
    missing = versions - known.keys()
    for version in AppVersion.objects.filter(pk__in=missing) if missing else ():
        known[version.pk] = frozenset(name for role in version.parsed.roles for name in role.groups)
        if len(_groups) >= MOST_KNOWN:
            _groups.clear()
        _groups[version.pk] = known[version.pk]
    return known


def exports_of(user: User, app: uuid.UUID) -> QuerySet[Export]:
    """The exports that `user` asked for from an app, newest first."""
    return Export.objects.filter(requester=user, app=app)


def progress(export: Export) -> tuple[int, int] | None:
    """(records written, records in all) of a run; None when it is not known."""
    if export.state != ExportState.RUNNING:
        return None
    try:
        told: Sequence[int] | None = cache.get(progress_key(export.pk))
    except RedisError:
        return None
    return (told[0], told[1]) if told else None
