"""The only enforcement point of a live app (G1): every read and write of its records passes here.

Each function asks policy once, for the whole page where there is one, refuses or honours what the decision
demands, and only then touches rows. A demand that it cannot honour is a refusal, and a protected value is
shown in clear only where the decision leaves it unmasked for an action that is about clear values
(docs/adr/0055-gateway.md).
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.facts import subject_of
from datacatalog.masking import DOTS, Method
from identity.errors import Conflict
from identity.models import User
from ledger.events import Event
from ledger.log import record
from policy import pdp
from policy.decision import Decision, Reason
from policy.inputs import Action, Context, Resource
from policy.outcome import Kind
from runtime import dashboards, store
from runtime.charts import Chart
from runtime.errors import StepUpNeeded
from runtime.live import LiveApp, LiveDataset, LiveField
from runtime.store import Query
from runtime.values import shown

Proof = Callable[[], bool]  # whether the person has proved presence lately
Fields = Sequence[LiveField]
CREDENTIAL_LEVEL = 5  # from here on a value is never shown again
IN_CLEAR = frozenset({Action.VALUE_REVEAL, Action.RECORD_EXPORT})


def no_proof() -> bool:
    """Of someone whose session is not at hand."""
    return False


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as it may be seen."""

    field: LiveField
    text: str
    masked: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a list."""

    id: uuid.UUID
    created_at: dt.datetime
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Listing:
    """A page of records."""

    lines: tuple[Line, ...]
    count: int
    capped: bool
    page: int
    decision: Decision


@dataclass(frozen=True)
class Sheet:
    """One record."""

    id: uuid.UUID
    created_at: dt.datetime
    updated_at: dt.datetime
    mine: bool
    cells: tuple[Cell, ...]
    plain: Mapping[str, Any]  # values of fields that are not protected, to fill a form
    kept: Mapping[str, str]  # masked texts of protected fields that are filled


def enforce(
    *,
    by: User,
    live: LiveApp,
    action: Action,
    dataset: LiveDataset,
    fields: Fields | None = None,
    context: Context | None = None,
    honours: frozenset[str],
    proof: Proof = no_proof,
    preview: bool = False,
) -> Decision:
    """The decision that allows `action` on `fields` (None: all) of `dataset`.

    `honours` names the obligations that the caller can carry out. A preview is for showing a form: what
    it leads to is decided again.

    Raises:
        Refused: policy says no, or demands what the caller cannot do.
        StepUpNeeded: it demands a fresh proof of presence.
    """
    names = None if fields is None else frozenset(item.id for item in fields)
    resource = Resource(tenant=str(live.tenant), app=dataset.facts, dataset=dataset.key, fields=names)
    decision = pdp.decide(subject_of(by), action, resource, context, preview=preview)
    decision.raise_if_denied()
    demands = {part.name for part in dataclasses.fields(decision.obligations)}
    unmet = {name for name in demands if getattr(decision.obligations, name)} - honours - {"step_up"}
    if unmet:
        _refuse(decision, unmet)
    if decision.obligations.step_up and not proof():
        raise StepUpNeeded(_("This needs a fresh sign-in with a second factor."), code="step_up")
    return decision


def masks(decision: Decision, fields: Fields, *, clear: bool = False) -> dict[str, Method]:
    """How each field is masked. A protected one that the decision does not name is hidden, unless the
    action is about values in clear."""
    asked = {name: Method(method.value) for name, method in decision.obligations.mask.items()}
    named = {item.id: asked[item.id] for item in fields if item.id in asked}
    if clear and decision.action in IN_CLEAR:
        return named
    return {item.id: Method.HIDE for item in fields if item.protected} | named


def list_records(
    *, by: User, live: LiveApp, dataset: LiveDataset, fields: Fields, query: Query | None = None
) -> Listing:
    """A page of records; where it shows protected fields the read is recorded.

    Raises:
        Refused: policy says no.
    """
    decision = enforce(
        by=by,
        live=live,
        action=Action.RECORD_LIST,
        dataset=dataset,
        fields=fields,
        honours=frozenset({"mask", "record_read"}),
    )
    masked = masks(decision, fields)
    hidden = frozenset(name for name, method in masked.items() if method is Method.HIDE)
    wanted = query or Query()
    found = store.find(live, dataset, wanted, fields, hidden)
    columns = store.values_of(dataset, found.rows, fields, masked)
    if decision.obligations.record_read:
        facts = {"shown": len(found.rows), "page": found.page, "searched": bool(wanted.text)}
        _record(Event.RECORDS_READ, by, live, dataset, fields, decision, facts=facts)
    lines = _lines(found.rows, fields, columns, masked)
    return Listing(lines, found.count, found.capped, found.page, decision)


def read_record(
    *, by: User, live: LiveApp, dataset: LiveDataset, fields: Fields, record_id: uuid.UUID
) -> Sheet:
    """One record, masked as the decision says.

    Raises:
        Refused: policy says no.
        Missing: there is no such record.
    """
    decision = enforce(
        by=by,
        live=live,
        action=Action.RECORD_READ,
        dataset=dataset,
        fields=fields,
        honours=frozenset({"mask", "record_read"}),
    )
    row = store.get(live, dataset, record_id, fields)
    masked = masks(decision, fields)
    columns = store.values_of(dataset, [row], fields, masked)
    if decision.obligations.record_read:
        _record(Event.RECORD_READ, by, live, dataset, fields, decision, row=record_id)
    [line] = _lines([row], fields, columns, masked)
    return Sheet(
        id=record_id,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        mine=row["created_by"] == by.pk,
        cells=line.cells,
        plain={item.id: columns[item.id][0] for item in fields if item.id not in masked},
        kept={cell.field.id: cell.text for cell in line.cells if cell.masked},
    )


def check_form(*, by: User, live: LiveApp, dataset: LiveDataset, action: Action, fields: Fields) -> None:
    """Whether a form for `action` is worth showing.

    Raises:
        Refused: what it leads to would be refused.
    """
    enforce(
        by=by,
        live=live,
        action=action,
        dataset=dataset,
        fields=fields,
        honours=frozenset(),
        preview=True,
    )


def create_record(
    *, by: User, live: LiveApp, dataset: LiveDataset, record_id: uuid.UUID, values: Mapping[str, Any]
) -> bool:
    """Store a new record under `record_id`; False if the same form was sent before.

    Raises:
        Refused: policy says no.
        KeysUnavailable: the tenant's keys are away.
    """
    fields = _named(dataset, values)
    decision = enforce(
        by=by, live=live, action=Action.RECORD_CREATE, dataset=dataset, fields=fields, honours=frozenset()
    )
    with store.on(live):
        made = store.insert(live, dataset, record_id, values, by.pk)
        if made:
            filled = [item.id for item in fields if values[item.id] is not None]
            _record(
                Event.RECORD_CREATED,
                by,
                live,
                dataset,
                fields,
                decision,
                row=record_id,
                facts={"fields": filled},
            )
    return made


def update_record(
    *,
    by: User,
    live: LiveApp,
    dataset: LiveDataset,
    record_id: uuid.UUID,
    seen: str,
    values: Mapping[str, Any],
) -> None:
    """Change a record; `seen` is its `updated_at` (ISO 8601) when the form was made.

    Raises:
        Refused: policy says no.
        Missing: it is gone.
        Conflict: it was changed since.
    """
    fields = _named(dataset, values)
    decision = enforce(
        by=by, live=live, action=Action.RECORD_UPDATE, dataset=dataset, fields=fields, honours=frozenset()
    )
    with store.on(live):
        row = store.lock(live, dataset, record_id)
        if row.updated_at.isoformat() != seen:
            raise Conflict(
                _("Somebody changed this record after you opened it. Reload the page and change it again.")
            )
        store.update(live, dataset, row, values)
        facts = {"fields": sorted(values)}
        _record(Event.RECORD_UPDATED, by, live, dataset, fields, decision, row=record_id, facts=facts)


def delete_record(*, by: User, live: LiveApp, dataset: LiveDataset, record_id: uuid.UUID) -> None:
    """Remove a record for good.

    Raises:
        Refused: policy says no.
        Missing: it is gone.
    """
    decision = enforce(by=by, live=live, action=Action.RECORD_DELETE, dataset=dataset, honours=frozenset())
    with store.on(live):
        store.delete(live, store.lock(live, dataset, record_id))
        _record(Event.RECORD_DELETED, by, live, dataset, dataset.fields, decision, row=record_id)


def reveal_value(
    *, by: User, live: LiveApp, dataset: LiveDataset, record_id: uuid.UUID, field: LiveField, proof: Proof
) -> Cell:
    """One protected value in clear, recorded.

    Raises:
        Refused: policy says no.
        StepUpNeeded: it demands a fresh proof of presence first; nothing was opened.
        Missing: there is no such record.
    """
    decision = enforce(
        by=by,
        live=live,
        action=Action.VALUE_REVEAL,
        dataset=dataset,
        fields=[field],
        honours=frozenset({"mask", "record_read"}),
        proof=proof,
    )
    masked = masks(decision, [field], clear=True)
    row = store.get(live, dataset, record_id, [field])
    [value] = store.values_of(dataset, [row], [field], masked)[field.id]
    facts = {"field": field.id}
    _record(Event.VALUE_REVEALED, by, live, dataset, [field], decision, row=record_id, facts=facts)
    return Cell(field, shown(field.type, value), field.id in masked)


def dashboard(
    *, by: User, live: LiveApp, dataset: LiveDataset, wanted: Sequence[tuple[LiveField, str]]
) -> list[Chart | dashboards.Gap]:
    """The charts of a dashboard, each over one field that is not protected.

    Raises:
        Refused: policy says no.
    """
    fields = [item for item, _measure in wanted]
    decision = enforce(
        by=by,
        live=live,
        action=Action.DASHBOARD_VIEW,
        dataset=dataset,
        fields=fields,
        honours=frozenset({"mask", "record_read"}),
    )
    masked = masks(decision, fields)
    if decision.obligations.record_read:
        _record(Event.RECORDS_READ, by, live, dataset, fields, decision, facts={"charts": len(fields)})
    floor = dashboards.FLOOR if any(item.protected for item in dataset.fields) else 1
    with store.on(live):
        return [
            dashboards.gap(item)
            if item.protected or item.id in masked
            else dashboards.draw(store.rows_of(live, dataset), item, measure, floor=floor)
            for item, measure in wanted
        ]


def _named(dataset: LiveDataset, values: Mapping[str, Any]) -> list[LiveField]:
    return [dataset.by_id[name] for name in values]


def _lines(
    rows: Sequence[store.Row], fields: Fields, columns: Mapping[str, Sequence[Any]], masked: Mapping[str, Any]
) -> tuple[Line, ...]:
    texts = []
    for item in fields:
        column = columns[item.id]
        if item.id in masked:
            texts.append([Cell(item, value or "", value is not None) for value in column])
        else:
            kind = item.type
            texts.append([Cell(item, shown(kind, value), False) for value in column])
    by_row = zip(*texts, strict=True) if texts else (() for _row in rows)
    return tuple(Line(row["id"], row["created_at"], cells) for row, cells in zip(rows, by_row, strict=True))


def _record(
    event: Event,
    by: User,
    live: LiveApp,
    dataset: LiveDataset,
    fields: Fields,
    decision: Decision,
    *,
    row: uuid.UUID | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    record(
        event,
        by=by,
        app=live.id,
        dataset=dataset.id,
        obj=f"record:{row}" if row else None,
        tags=dataset.tags(tuple(fields)),
        decision=decision.id,
        facts=facts,
        using=live.database,
    )


def _refuse(decision: Decision, unmet: set[str]) -> None:
    """What nobody here can carry out is not allowed (fail closed)."""
    reason = Reason("runtime.unknown_obligation", "denied", Kind.DENY, {"obligations": sorted(unmet)})
    denied = dataclasses.replace(decision, allowed=False, reasons=(reason, *decision.reasons))
    denied.raise_if_denied()


__all__ = [
    "DOTS",
    "Cell",
    "Line",
    "Listing",
    "Query",
    "Sheet",
    "create_record",
    "dashboard",
    "delete_record",
    "enforce",
    "list_records",
    "masks",
    "read_record",
    "reveal_value",
    "update_record",
]
