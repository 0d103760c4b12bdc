"""Data contracts of the Open Data Contract Standard v3 (bitol.io): a file in, frozen facts out.

Reads v3.0.x and v3.1.0, checked against the standard's own JSON schema (datacatalog/schemas). Nested
properties become fields of their own with dotted names, since each can be tagged.
"""

import re
from collections.abc import Iterator
from typing import Any

from datacatalog.problems import BrokenFile, Problem
from datacatalog.safe_yaml import Document, Path, parse, spelled
from datacatalog.sources import odcs_schema
from datacatalog.sources.base import MAX_NAME, Source, SourceField, SourceObject
from datacatalog.specs import FieldType

VERSIONS = ("v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0")
MAX_PROBLEMS = 50
DAYS = {"d": 1, "day": 1, "days": 1, "m": 30, "month": 30, "months": 30, "y": 365, "yr": 365, "years": 365}


def read(content: bytes) -> Source:
    """The contract in a YAML (or JSON) file.

    Raises:
        BrokenFile: with what is wrong, by line.
    """
    document = parse(content)
    root = document.value
    if not isinstance(root, dict) or "apiVersion" not in root:
        raise BrokenFile([Problem("not_contract", 1)])
    if root["apiVersion"] not in VERSIONS:
        params = {"have": root["apiVersion"], "wanted": ", ".join(VERSIONS)}
        raise BrokenFile([Problem("api_version", document.line(("apiVersion",)), "apiVersion", params)])
    problems = list(odcs_schema.problems(document))
    if not problems:
        problems = list(_beyond_schema(document))
    if problems:
        raise BrokenFile(problems[:MAX_PROBLEMS])
    return _contract(document)


# -- checks ---------------------------------------------------------------------------------------


def _beyond_schema(document: Document) -> Iterator[Problem]:
    """What the standard leaves open and the catalog needs: datasets with fields under different names."""
    objects = document.value.get("schema") or []
    if not objects:
        yield Problem("no_schema", document.line(("schema",)), "schema")
    yield from _same_names(document, objects, ("schema",))
    for n, item in enumerate(objects):
        path: Path = ("schema", n, "properties")
        if not item.get("properties"):
            yield Problem("no_fields", document.line(path), spelled(path), {"name": item["name"]})
        yield from _same_names(document, item.get("properties") or [], path)


def _same_names(document: Document, items: list[dict[str, Any]], path: Path) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for n, item in enumerate(items):
        inner: Path = (*path, n, "name")
        line = document.line(inner)
        name = item["name"]
        if name in first:
            yield Problem("same_name", line, spelled(inner), {"key": name, "first": first[name]})
        if len(name) > MAX_NAME:
            yield Problem("too_long", line, spelled(inner), {"size": len(name), "limit": MAX_NAME})
        first.setdefault(name, line)
        if item.get("properties"):
            yield from _same_names(document, item["properties"], (*path, n, "properties"))


# -- facts ----------------------------------------------------------------------------------------


def _contract(document: Document) -> Source:
    root = document.value
    about = root.get("description") or {}
    retention = dict(_retention(root.get("slaProperties") or []))
    return Source(
        id=root["id"],
        version=root["version"],
        name=root.get("name") or root.get("dataProduct") or "",
        purpose=(about.get("purpose") or "") if isinstance(about, dict) else str(about),
        objects=tuple(_object(document, n, item, retention) for n, item in enumerate(root["schema"])),
    )


def _object(document: Document, n: int, item: dict[str, Any], retention: dict[str, int]) -> SourceObject:
    names = {item["name"], item.get("physicalName")}
    kept = [days for element, days in retention.items() if not element or element in names]
    return SourceObject(
        name=item["name"],
        title=(item.get("businessName") or item["name"])[:MAX_NAME],
        description=item.get("description") or "",
        fields=tuple(_fields(document, item["properties"], ("schema", n, "properties"), "")),
        retention_days=min(kept, default=None),
        line=document.line(("schema", n)),
    )


def _retention(properties: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    """Object (or "" for all) and days, of each retention among the service levels."""
    for item in properties:
        factor = DAYS.get(str(item.get("unit") or "d").lower())
        if item.get("property") == "retention" and factor and isinstance(item.get("value"), int):
            for element in str(item.get("element") or "").split(","):
                yield element.strip().partition(".")[0], item["value"] * factor


def _fields(
    document: Document, items: list[dict[str, Any]], path: Path, prefix: str
) -> Iterator[SourceField]:
    for n, item in enumerate(items):
        name = f"{prefix}{item['name']}"
        inner: Path = (*path, n)
        yield _field(item, name, document.line(inner))
        yield from _fields(document, item.get("properties") or [], (*inner, "properties"), f"{name}.")
        nested = item.get("items") or {}
        if nested.get("properties"):
            deeper: Path = (*inner, "items", "properties")
            yield from _fields(document, nested["properties"], deeper, f"{name}[].")


def _field(item: dict[str, Any], name: str, line: int) -> SourceField:
    return SourceField(
        name=name,
        label=(item.get("businessName") or name)[:MAX_NAME],
        description=item.get("description") or "",
        type=field_type(item),
        source_type=(item.get("physicalType") or item.get("logicalType") or "")[:100],
        required=bool(item.get("required") or item.get("primaryKey")),
        classification=str(item.get("classification") or ""),
        tags=tuple(str(tag) for tag in item.get("tags") or ()),
        examples=tuple(str(value) for value in item.get("examples") or () if value is not None),
        line=line,
    )


_PHYSICAL = (
    (re.compile(r"bool|flag|^bit"), FieldType.BOOLEAN),
    (re.compile(r"timestamp|datetime"), FieldType.DATETIME),
    (re.compile(r"^date$"), FieldType.DATE),
    (re.compile(r"^time\b"), FieldType.TEXT),
    (re.compile(r"money"), FieldType.MONEY),
    (re.compile(r"serial|^(tiny|small|big)?int(eger)?[248]?$"), FieldType.INTEGER),
    (re.compile(r"^(text|clob|xml|json|jsonb|bytea|blob)|max\)"), FieldType.LONG_TEXT),
)
_DECIMAL = re.compile(r"numeric|decimal")
_AMOUNT = re.compile(r"price|cost|amount|amt$|total|freight|salary|bonus|quota|balance|sales(ytd|last)")
_LOGICAL = {
    "integer": FieldType.INTEGER,
    "boolean": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    "timestamp": FieldType.DATETIME,
}
_FORMATS = {"email": FieldType.EMAIL, "uri": FieldType.URL, "url": FieldType.URL}


def field_type(item: dict[str, Any]) -> FieldType:
    """The nearest of our types. The physical type says more than the logical one: it tells date from time."""
    options = item.get("logicalTypeOptions") or {}
    if options.get("format") in _FORMATS:
        return _FORMATS[options["format"]]
    physical = str(item.get("physicalType") or "").lower()
    for pattern, kind in _PHYSICAL:
        if pattern.search(physical):
            return kind
    if _DECIMAL.search(physical) and _AMOUNT.search(item["name"].lower()):
        return FieldType.MONEY
    return _LOGICAL.get(item.get("logicalType") or "", FieldType.TEXT)
