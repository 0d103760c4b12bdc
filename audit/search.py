"""Finds events by what they are about, newest first, a page at a time; queries never grow with rows."""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from audit import words
from catalog.models import App
from datacatalog.models import Dataset
from identity.models import User
from ledger.models import EventIndex, EventTag, StoredEvent

PAGE = 50
MOST_NAMES = 500  # people, apps or datasets that one part of a name may stand for


@dataclass(frozen=True)
class Filters:
    """What is looked for; None or "" lets everything through, an empty set nothing. Times are aware."""

    kind: str = ""
    people: frozenset[uuid.UUID] | None = None
    apps: frozenset[uuid.UUID] | None = None
    datasets: frozenset[uuid.UUID] | None = None
    decision: uuid.UUID | None = None
    tag: str = ""
    obj: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One event as a person reads it."""

    idx: int
    event_id: uuid.UUID
    at: datetime
    kind: str
    title: str
    actor: str
    person: str
    app: uuid.UUID | None
    dataset: uuid.UUID | None
    decision: uuid.UUID | None
    object: str
    tags: list[str] = field(default_factory=list)
    origin: str = ""
    request: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    app_title: str = ""
    dataset_title: str = ""


@dataclass(frozen=True)
class Names:
    """What the ids of a page of events are called; an id without a name is of a thing that is gone."""

    people: dict[uuid.UUID, str]
    apps: dict[uuid.UUID, str]
    datasets: dict[uuid.UUID, str]


@dataclass(frozen=True)
class Found:
    """A page of entries; `older` continues it (None: that was all)."""

    entries: list[Entry]
    older: int | None


def search(filters: Filters, *, before: int | None = None, limit: int = PAGE) -> Found:
    """Events of the tenant at hand that match every filter, from log index `before` downwards."""
    rows = list(_matching(filters, before)[: limit + 1])
    older = rows[limit - 1].idx if len(rows) > limit else None
    return Found(_entries(rows[:limit]), older)


def timeline(app: uuid.UUID, *, before: int | None = None, limit: int = PAGE) -> Found:
    """The story of one app."""
    return search(Filters(apps=frozenset({app})), before=before, limit=limit)


def ids_of(rows: "QuerySet[Any]", name: str, text: str) -> frozenset[uuid.UUID] | None:
    """Ids of those `rows` whose `name` contains `text`, or the id that `text` is; None for no text."""
    text = text.strip()
    if not text:
        return None
    try:
        return frozenset({uuid.UUID(text)})
    except ValueError:
        found = rows.filter(**{f"{name}__icontains": text}).values_list("pk", flat=True)
        return frozenset(found[:MOST_NAMES])


def _matching(filters: Filters, before: int | None) -> "QuerySet[EventIndex]":
    rows = EventIndex.objects.order_by("-idx")
    exact = {
        "kind": filters.kind,
        "app__in": filters.apps,
        "dataset__in": filters.datasets,
        "decision": filters.decision,
        "object": filters.obj,
        "at__gte": filters.since,
        "at__lt": filters.until,
        "idx__lt": before,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    if filters.people is not None:
        rows = rows.filter(Q(actor__in=filters.people) | Q(person__in=filters.people))
    if filters.tag:
        rows = rows.filter(idx__in=EventTag.objects.filter(tag=filters.tag).values("idx"))
    return rows


def _entries(rows: Iterable[EventIndex]) -> list[Entry]:
    rows = list(rows)
    bodies = {
        event.id: json.loads(event.body)
        for event in StoredEvent.objects.filter(id__in=[row.event_id for row in rows])
    }
    names = Names(
        people=_names(User.objects.all(), "display_name", [r.actor for r in rows] + [r.person for r in rows]),
        apps=_names(App.objects.all(), "title", [row.app for row in rows]),
        datasets=_names(Dataset.objects.all(), "title", [row.dataset for row in rows]),
    )
    return [_entry(row, bodies.get(row.event_id, {}), names) for row in rows]


def _names(rows: "QuerySet[Any]", name: str, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    wanted = {one for one in ids if one is not None}
    return dict(rows.filter(pk__in=wanted).values_list("pk", name)) if wanted else {}


def _entry(row: EventIndex, body: dict[str, Any], names: Names) -> Entry:
    return Entry(
        idx=row.idx,
        event_id=row.event_id,
        at=row.at,
        kind=row.kind,
        title=words.title(row.kind),
        actor=words.person(row.actor, names.people),
        person=words.person(row.person, names.people) if row.person else "",
        app=row.app,
        dataset=row.dataset,
        decision=row.decision,
        object=row.object or "",
        tags=body.get("tags", []),
        origin=body.get("origin", ""),
        request=body.get("request", ""),
        facts=[(key, words.value(value)) for key, value in sorted(body.get("facts", {}).items())],
        app_title=names.apps.get(row.app, "") if row.app else "",
        dataset_title=names.datasets.get(row.dataset, "") if row.dataset else "",
    )
