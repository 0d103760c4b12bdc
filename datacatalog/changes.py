"""A plan against the catalog: what is new, what would change, what is gone. Writes nothing (D3).

A confirmed tag, a region and an owner are never among what an import changes.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datacatalog import plans
from datacatalog.models import Dataset, DatasetField, ImportRun
from datacatalog.selectors import classifications
from identity.models import User

FROM_SOURCE = (
    "position",
    "label",
    "description",
    "type",
    "source_type",
    "required",
    "suggestion",
    "in_source",
)
DATASET_FROM_SOURCE = (
    "title",
    "description",
    "contract_version",
    "retention_days",
    "purposes",
    "in_source",
)
SHOWN = ("title", "label", "description", "type", "source_type", "required", "retention_days", "in_source")


@dataclass(frozen=True)
class Change:
    """One line of the preview. `parts` are (what, before, after); `code` is new, changed, gone or higher."""

    code: str
    dataset: str
    field: str = ""
    parts: tuple[tuple[str, Any, Any], ...] = ()


@dataclass
class Changes:
    """What an import would do, or has done."""

    new_datasets: list[Dataset] = field(default_factory=list)
    changed_datasets: list[Dataset] = field(default_factory=list)
    new_fields: list[DatasetField] = field(default_factory=list)
    changed_fields: list[DatasetField] = field(default_factory=list)
    lines: list[Change] = field(default_factory=list)
    withdrawn: int = 0
    elsewhere: int = 0  # datasets that stay in the region where they are, which is not the one asked for
    higher: int = 0  # tagged fields that look more sensitive now than their tag says
    total_datasets: int = 0
    total_fields: int = 0

    def counts(self) -> dict[str, int]:
        """For pages, the run's own record and the ledger."""
        suggested = [row for row in self.new_fields if row.suggestion.get("reason") != "no_sign"]
        return {
            "datasets": self.total_datasets,
            "fields": self.total_fields,
            "new_datasets": len(self.new_datasets),
            "changed_datasets": len(self.changed_datasets),
            "new_fields": len(self.new_fields),
            "changed_fields": len(self.changed_fields),
            "withdrawn": self.withdrawn,
            "elsewhere": self.elsewhere,
            "higher": self.higher,
            "sensitive": len(suggested),
        }


def of_run(run: ImportRun, owner: User | None = None) -> Changes:
    """Compare what `run` has read with what the catalog has of the same source."""
    plan = run.plan or {"purpose": "", "objects": []}
    known = Dataset.objects.filter(origin=run.kind, contract_id=run.contract_id)
    datasets = {row.name: row for row in known}
    fields: dict[uuid.UUID, dict[str, DatasetField]] = {row.pk: {} for row in datasets.values()}
    rows = DatasetField.objects.filter(dataset__in=known).select_related("classification")
    for row in rows:
        fields[row.dataset_id][row.name] = row
    levels = {code: row.level for code, row in classifications().items()}
    coming = plans.wanted(plan)
    changes = Changes(total_datasets=len(coming), total_fields=sum(len(item["fields"]) for item in coming))
    for item in coming:
        dataset = datasets.pop(item["name"], None)
        have = fields.get(dataset.pk, {}) if dataset else {}
        dataset = _dataset(changes, dataset, run, item, owner)
        _fields(changes, dataset, have, item, levels)
    for gone in datasets.values():
        _withdraw(changes, gone, gone.name)
    return changes


def _dataset(
    changes: Changes, dataset: Dataset | None, run: ImportRun, item: Mapping[str, Any], owner: User | None
) -> Dataset:
    purpose = (run.plan or {}).get("purpose", "")
    values = {
        "title": item["title"],
        "description": item["description"],
        "contract_version": run.contract_version,
        "retention_days": item["retention_days"],
        "purposes": [purpose] if purpose else [],
        "in_source": True,
    }
    if dataset is None:
        dataset = Dataset(
            tenant_id=run.tenant_id,
            name=item["name"],
            origin=run.kind,
            contract_id=run.contract_id,
            region=run.region,
            owner=owner,
            **values,
        )
        changes.new_datasets.append(dataset)
        changes.lines.append(Change("new", dataset.name))
        return dataset
    changes.elsewhere += dataset.region_id != run.region_id
    if not item["retention_days"] and run.kind != Dataset.Origin.ODCS:
        del values["retention_days"], values["purposes"]  # such a source knows nothing of these
    if parts := _update(dataset, values):
        changes.changed_datasets.append(dataset)
        _tell(changes, "changed", dataset.name, "", parts)
    return dataset


def _fields(
    changes: Changes,
    dataset: Dataset,
    have: dict[str, DatasetField],
    item: Mapping[str, Any],
    levels: Mapping[str, int],
) -> None:
    for spec in item["fields"]:
        values = {key: spec[key] for key in FROM_SOURCE if key in spec}
        values["in_source"] = True
        row = have.pop(spec["name"], None)
        if row is None:
            fresh = DatasetField(tenant_id=dataset.tenant_id, dataset=dataset, name=spec["name"], **values)
            changes.new_fields.append(fresh)
            changes.lines.append(Change("new", dataset.name, fresh.name))
            continue
        if row.classification and row.classification.level < levels.get(
            spec["suggestion"].get("classification", ""), 0
        ):
            changes.higher += 1
            tag, seems = row.classification.code, spec["suggestion"]["classification"]
            changes.lines.append(Change("higher", dataset.name, row.name, (("classification", tag, seems),)))
        if parts := _update(row, values):
            changes.changed_fields.append(row)
            _tell(changes, "changed", dataset.name, row.name, parts)
    for gone in have.values():
        _withdraw(changes, gone, dataset.name)


def _withdraw(changes: Changes, row: Dataset | DatasetField, dataset: str) -> None:
    """The source no longer has it: marked, never deleted, since apps may use it."""
    if not _update(row, {"in_source": False}):
        return
    changes.withdrawn += 1
    changes.lines.append(Change("gone", dataset, row.name if isinstance(row, DatasetField) else ""))
    if isinstance(row, Dataset):
        changes.changed_datasets.append(row)
    else:
        changes.changed_fields.append(row)


def _tell(changes: Changes, code: str, dataset: str, name: str, parts: list[tuple[str, Any, Any]]) -> None:
    shown = tuple(part for part in parts if part[0] in SHOWN)
    if shown:
        changes.lines.append(Change(code, dataset, name, shown))


def _update(row: Dataset | DatasetField, values: Mapping[str, object]) -> list[tuple[str, Any, Any]]:
    """Set what differs; returns it with what was there before."""
    differing = [
        (name, getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value
    ]
    for name, _before, value in differing:
        setattr(row, name, value)
    return differing
