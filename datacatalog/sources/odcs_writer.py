"""Data contracts out again: what the standard names and the catalog does not know stays as it came.

A contract that came in is the base: only what people decided here is written into it (classes, business
names). A dataset of another source gets a contract of its own, in the version that the schema here is of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from datacatalog.schemes import CONTRACT_CLASSIFICATIONS
from datacatalog.sources.odcs import field_type
from datacatalog.specs import FieldType

VERSION = "v3.1.0"
_LOGICAL = {
    FieldType.INTEGER: "integer",
    FieldType.MONEY: "number",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamp",
    FieldType.BOOLEAN: "boolean",
}
_FORMATS = {FieldType.EMAIL: "email", FieldType.URL: "uri"}


@dataclass(frozen=True)
class Known:
    """What the catalog knows of one field. `classification` is empty until a person has confirmed it."""

    name: str
    label: str
    description: str
    type: FieldType
    source_type: str
    required: bool
    classification: str


@dataclass(frozen=True)
class KnownDataset:
    """What the catalog knows of one dataset."""

    name: str
    title: str
    description: str
    retention_days: int | None
    fields: Sequence[Known]


def merged(original: Mapping[str, Any], datasets: Sequence[KnownDataset]) -> dict[str, Any]:
    """The contract as it came, with the classes and business names that people gave here."""
    known = {one.name: {field.name: field for field in one.fields} for one in datasets}
    titles = {one.name: one.title for one in datasets}
    objects = []
    for item in original["schema"]:
        made = dict(item)
        title = titles.get(item["name"], "")
        if title and title != (item.get("businessName") or item["name"]):
            made["businessName"] = title
        made["properties"] = _properties(item["properties"], known.get(item["name"], {}), "")
        objects.append(made)
    return {**original, "schema": objects}


def _properties(items: Sequence[Mapping[str, Any]], known: Mapping[str, Known], prefix: str) -> list[Any]:
    made = []
    for item in items:
        name = f"{prefix}{item['name']}"
        row = dict(item)
        if field := known.get(name):
            _write(row, field, name)
        if row.get("properties"):
            row["properties"] = _properties(row["properties"], known, f"{name}.")
        nested = row.get("items") or {}
        if nested.get("properties"):
            row["items"] = {**nested, "properties": _properties(nested["properties"], known, f"{name}[].")}
        made.append(row)
    return made


def _write(row: dict[str, Any], field: Known, name: str) -> None:
    said = str(row.get("classification") or "")
    ours = CONTRACT_CLASSIFICATIONS.get(said.strip().lower())
    if field.classification and field.classification != ours:
        row["classification"] = field.classification
    if field.label != (row.get("businessName") or name)[:200]:
        row["businessName"] = field.label


def fresh(
    *, contract_id: str, version: str, name: str, purpose: str, region: str, datasets: Sequence[KnownDataset]
) -> dict[str, Any]:
    """A contract of datasets that came without one."""
    made: dict[str, Any] = {
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": contract_id,
        "version": version or "1.0.0",
        "status": "active",
        "name": name,
    }
    if purpose:
        made["description"] = {"purpose": purpose}
    made["schema"] = [_object(one) for one in datasets]
    kept = [one for one in datasets if one.retention_days]
    if kept:
        made["slaProperties"] = [
            {"property": "retention", "value": one.retention_days, "unit": "d", "element": one.name}
            for one in kept
        ]
    made["customProperties"] = [{"property": "region", "value": region}]
    return made


def _object(one: KnownDataset) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.name, "logicalType": "object", "businessName": one.title}
    if one.description:
        made["description"] = one.description
    made["properties"] = [_property(field) for field in one.fields]
    return made


def _property(field: Known) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": field.name,
        "businessName": field.label,
        "logicalType": _LOGICAL.get(field.type, "string"),
    }
    if field.type in _FORMATS:
        made["logicalTypeOptions"] = {"format": _FORMATS[field.type]}
    if field.source_type and field_type(made | {"physicalType": field.source_type}) is field.type:
        made["physicalType"] = field.source_type  # where it would not be read as another type
    if field.description:
        made["description"] = field.description
    if field.required:
        made["required"] = True
    if field.classification:
        made["classification"] = field.classification
    return made


def to_text(contract: Mapping[str, Any]) -> str:
    """The contract in YAML."""
    return yaml.safe_dump(dict(contract), sort_keys=False, allow_unicode=True, width=110)
