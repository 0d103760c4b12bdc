"""The only enforcement point of a live app (G1): every read and write of its records passes here.

Each function asks policy once, for the whole page where there is one, refuses or honours what the decision
demands, and only then touches rows. A demand that it cannot honour is a refusal, and a protected value is
shown in clear only where the decision leaves it unmasked for an action that is about clear values
(docs/adr/0055-gateway.md).
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from datacatalog.free_text import kinds_in
from datacatalog.masking import Kind
from identity.errors import BadInput, Conflict
from identity.models import User
from ledger.events import Event
from ledger.log import record
from policy.decision import Decision
from policy.inputs import Action
from policy.levels import thresholds_for
from runtime import dashboards, store
from runtime.charts import Chart
from runtime.decisions import check_form, enforce, masks, unsearchable
from runtime.live import LiveApp, LiveDataset, LiveField, is_open_text
from runtime.sheets import Cell, Line, Listing, Sheet, lines_of
from runtime.store import MOST_COUNTED, PAGE_SIZE, Query
from runtime.values import shown

Fields = Sequence[LiveField]


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
    wanted = query or Query()
    unsearched = unsearchable(by=by, live=live, dataset=dataset, fields=fields, masked=masked)
    found = store.find(
        live, dataset, wanted, fields, masked, [item for item in fields if item not in unsearched]
    )
    columns = store.values_of(dataset, found.rows, fields, masked)
    if decision.obligations.record_read:
        facts = {"shown": len(found.rows), "page": found.page, "searched": bool(wanted.text)}
        _record(Event.RECORDS_READ, by, live, dataset, fields, decision, facts=facts)
    lines = lines_of(found.rows, fields, columns, masked)
    return Listing(lines, found.count, found.capped, found.page, decision, tuple(unsearched))


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
    [line] = lines_of([row], fields, columns, masked)
    return Sheet(
        id=record_id,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        mine=row["created_by"] == by.pk,
        cells=line.cells,
        plain={item.id: columns[item.id][0] for item in fields if item.id not in masked},
        kept={cell.field.id: cell.text for cell in line.cells if cell.masked},
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
                facts={"fields": filled} | _noticed(fields, values),
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
        BadInput: a value for a field whose retention is over in this record.
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
        over = [item.label for item in fields if item.is_over(row.created_at)]
        if over:
            text = _("This record is too old to keep: %(fields)s. Make a new record for it.")
            raise BadInput(text % {"fields": ", ".join(over)})
        store.update(live, dataset, row, values)
        facts = {"fields": sorted(values)} | _noticed(fields, values)
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
    *, by: User, live: LiveApp, dataset: LiveDataset, record_id: uuid.UUID, field: LiveField
) -> Cell:
    """One protected value in clear, recorded.

    Raises:
        Refused: policy says no.
        StepUpNeeded: an access rule asks for a better sign-in first; nothing was opened.
        Missing: there is no such record.
    """
    decision = enforce(
        by=by,
        live=live,
        action=Action.VALUE_REVEAL,
        dataset=dataset,
        fields=[field],
        honours=frozenset({"mask", "record_read"}),
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
    floor = thresholds_for(by).smallest_group if any(item.about_people for item in dataset.fields) else 1
    with store.on(live):
        return [
            dashboards.gap(item)
            if not item.plain or item.id in masked
            else dashboards.draw(store.rows_of(live, dataset), item, measure, floor=floor)
            for item, measure in wanted
        ]


def shown_again(by: User, item: LiveField) -> bool:
    """Whether anybody may see a value in clear once it is stored: no credential, no unknown class."""
    return item.tag is not None and item.tag.level < thresholds_for(by).credential_level


def _noticed(fields: Fields, values: Mapping[str, Any]) -> dict[str, Any]:
    """How many addresses, numbers and accounts the open free texts hold that are stored all the same."""
    texts = [values[item.id] for item in fields if is_open_text(item) and values[item.id]]
    found = sum((kinds_in(text) for text in texts), Counter[Kind]())
    return {"noticed": {kind.value: count for kind, count in sorted(found.items())}} if found else {}


def _named(dataset: LiveDataset, values: Mapping[str, Any]) -> list[LiveField]:
    return [dataset.by_id[name] for name in values]


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


__all__ = [
    "MOST_COUNTED",
    "PAGE_SIZE",
    "Action",
    "Cell",
    "Line",
    "Listing",
    "Query",
    "Sheet",
    "check_form",
    "create_record",
    "dashboard",
    "delete_record",
    "enforce",
    "list_records",
    "masks",
    "read_record",
    "reveal_value",
    "shown_again",
    "update_record",
]
