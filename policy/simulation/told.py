"""A report for people: each change with its app's title and owner, which rooms above know."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

from identity.tenancy import tenant_scope
from policy.simulation.facts import Change, Effect, Report
from policy.store import as_uuid, storable


class Told(NamedTuple):
    """What people call an app, and whose it is."""

    title: str
    owner: str


_UNKNOWN, _NOBODY = Told("", ""), uuid.UUID(int=0)
MOST_ROWS = 2_000


def rows_of(report: Report) -> list[dict[str, Any]]:
    """Each change as plain values, the gravest and most frequent first."""
    order = list(Effect)

    def key(item: tuple[Change, int]) -> tuple[int, int, Change]:
        return order.index(item[0].effect), -item[1], item[0]

    return [
        asdict(change) | {"rules": list(change.rules), "times": times, "example": report.examples[change]}
        for change, times in sorted(report.changes.items(), key=key)
    ]


def document(report: Report) -> dict[str, Any]:
    """The report as it is kept: its counts are whole, of its changes the first MOST_ROWS are in it."""
    rows = rows_of(report)
    effects = {effect.value: 0 for effect in Effect}
    for row in rows:
        effects[row["effect"]] += row["times"]
    told = {
        "asked": report.asked,
        "distinct": report.distinct,
        "without_answer": report.faults,
        "changed": sum(effects.values()),
        "effects": effects,
        "left_out": max(0, len(rows) - MOST_ROWS),
        "changes": rows[:MOST_ROWS],
    }
    stored: dict[str, Any] = storable(told)
    return stored


def named(rows: Iterable[dict[str, Any]], tenant: uuid.UUID) -> list[dict[str, Any]]:
    """`rows` with the apps' titles and owners of today, which are not kept: people leave."""
    rows = list(rows)
    ids = {known for row in rows if (known := as_uuid(row["app"]))}
    with tenant_scope(tenant):
        apps: Mapping[uuid.UUID, Told] = import_string(settings.SIMULATION_APPS)(ids)
    return [row | apps.get(as_uuid(row["app"]) or _NOBODY, _UNKNOWN)._asdict() for row in rows]
