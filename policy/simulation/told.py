"""A report for people: each change with its app's title and owner, which rooms above know."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

from identity.tenancy import tenant_scope
from policy.simulation.facts import Change, Effect, Report
from policy.store import as_uuid


class Told(NamedTuple):
    """What people call an app, and whose it is."""

    title: str
    owner: str


_UNKNOWN = Told("", "")


def rows_of(report: Report, tenant: uuid.UUID) -> list[dict[str, Any]]:
    """Each change as plain values, the gravest and most frequent first."""
    apps = _apps({known for change in report.changes if (known := as_uuid(change.app))}, tenant)
    order = list(Effect)

    def key(item: tuple[Change, int]) -> tuple[int, int, Change]:
        return order.index(item[0].effect), -item[1], item[0]

    return [
        asdict(change)
        | {"rules": list(change.rules), "times": times, "example": report.examples[change]}
        | apps.get(change.app, _UNKNOWN)._asdict()
        for change, times in sorted(report.changes.items(), key=key)
    ]


def _apps(ids: set[uuid.UUID], tenant: uuid.UUID) -> Mapping[str, Told]:
    with tenant_scope(tenant):
        found: Mapping[uuid.UUID, Told] = import_string(settings.SIMULATION_APPS)(ids)
        return {str(pk): told for pk, told in found.items()}
