"""Whether plain data is a manifest: first its shape by JSON Schema, then what a schema cannot say."""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path as File
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from .problems import Place, Problem

Path = tuple[str | int, ...]
SCHEMA_FILE = File(__file__).with_name("schema.json")
MAX_PROBLEMS = 50
QUOTED = 80  # so much of a value is shown: enough to know an issuer's token by its form

_TYPES = {
    "object": "a mapping of names to values",
    "array": "a list",
    "string": "text (put it in quotes)",
    "integer": "a whole number",
    "boolean": "true or false",
}
_RULES = {
    "slug": "small letters, digits and single hyphens, beginning with a letter",
    "key": "small letters, digits and underscores, beginning with a letter",
    "tag": "small letters, digits and underscores, beginning with a letter",
    "operation": "two or more such names joined by a dot",
    "thing": "letters, digits and . _ / : @ -, beginning with a letter or digit",
    "hours": "two times of day, for example 08:00-18:00",
    "semver": "three numbers joined by dots, in quotes",
    "field_id": "f_ and 8 to 40 small letters or digits",
    "line": "at least one character that is no space",
}
_PROSE = {"description", "purpose", "reason", "downgrade_reason"}  # may have several lines
_CODES = {
    "minLength": "too_short",
    "maxLength": "too_long",
    "minItems": "too_few_items",
    "maxItems": "too_many_items",
    "minimum": "minimum",
    "maximum": "maximum",
}


@cache
def schema() -> Mapping[str, Any]:
    """The published JSON Schema (draft 2020-12)."""
    loaded: Mapping[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator() -> Draft202012Validator:
    """Every reference is put in its place once: resolving them took most of the time, value by value."""
    return Draft202012Validator(_resolved(schema()))


def _resolved(part: Any) -> Any:
    """`part` of the schema without references; none of ours leads back to itself."""
    if isinstance(part, list):
        return [_resolved(item) for item in part]
    if not isinstance(part, Mapping):
        return part
    own = {name: _resolved(item) for name, item in part.items() if name not in ("$ref", "$defs")}
    reference = str(part.get("$ref", "")).rpartition("/")[2]
    return {**_resolved(schema()["$defs"][reference]), **own} if reference else own


@cache
def _rule_of(pattern: str) -> str:
    for name, part in schema()["$defs"].items():
        if part.get("pattern") == pattern:
            return _RULES[name]
    raise LookupError(pattern)


def check(data: Any, places: Mapping[Path, Place] | None = None) -> list[Problem]:
    """All that is wrong with `data`, up to 50 problems; empty when `build` may be called.

    `places` gives the place of each path (text.load); without it problems carry their path alone.
    """
    found: list[Problem] = []
    for problem in _all(data):
        found.append(placed(problem, places or {}))
        if len(found) == MAX_PROBLEMS:
            break
    return found


def _all(data: Any) -> Iterator[Problem]:
    shaped = True
    for error in _validator().iter_errors(data):
        shaped = False
        yield from _in_words(error)
    if shaped:
        yield from _characters(data, ())
        yield from meaning(data)


def placed(problem: Problem, places: Mapping[Path, Place]) -> Problem:
    """`problem` at the place of its path, else of the nearest part around it."""
    return Problem.at(nearest(problem.path, places), problem.code, problem.path, problem.params)


def nearest(path: Path, places: Mapping[Path, Place]) -> Place:
    """The place of `path`, else of the nearest part around it."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, Place())


def _in_words(error: ValidationError) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    value: Any = error.instance
    rule, wanted, part = str(error.validator), cast("Any", error.validator_value), cast("Any", error.schema)
    if rule == "required":
        name = next(name for name in wanted if error.message.startswith(f"{name!r}"))
        yield Problem("required", path, params={"name": name})
    elif rule == "additionalProperties":
        for name in sorted(set(value) - set(part["properties"])):
            yield Problem("unknown", (*path, name), params={"name": str(name)[:QUOTED]})
    elif rule == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        yield Problem("type", path, params={"expected": _TYPES[kinds[0]]})
    elif rule == "const" and path == ("identity", "provider"):
        yield Problem("sso_only", path)
    elif rule in ("const", "enum"):
        allowed = ", ".join([wanted] if rule == "const" else wanted)
        yield Problem("choice", path, params={"value": str(value)[:QUOTED], "allowed": allowed})
    elif rule == "pattern":
        yield Problem("pattern", path, params={"value": str(value)[:QUOTED], "rule": _rule_of(str(wanted))})
    elif rule == "uniqueItems":
        yield Problem("twice", path, params={"name": str(_first_twice(value))[:QUOTED]})
    elif rule in _CODES:
        yield Problem(_CODES[rule], path, params={"limit": wanted})
    else:
        yield Problem("value", path)


def _characters(value: Any, path: Path) -> Iterator[Problem]:
    """Control characters and lone surrogates survive neither a database nor canonical JSON."""
    if isinstance(value, str):
        allowed = "\n\t" if path and path[-1] in _PROSE else ""
        if any(unicodedata.category(char) in ("Cc", "Cs") and char not in allowed for char in value):
            yield Problem("control_character", path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _characters(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _characters(item, (*path, index))


def meaning(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Names that must differ, and references that must lead somewhere."""
    datasets = data.get("datasets", [])
    yield from _unique(datasets, "key", ("datasets",))
    yield from _unique(data.get("roles", []), "key", ("roles",))
    yield from _unique(data.get("connectors", []), "id", ("connectors",))
    ids: set[str] = set()
    for number, dataset in enumerate(datasets):
        path = ("datasets", number, "fields")
        yield from _unique(dataset.get("fields", []), "name", path)
        for index, field in enumerate(dataset.get("fields", [])):
            if field["id"] in ids:
                yield Problem("twice", (*path, index, "id"), params={"name": field["id"]})
            ids.add(field["id"])
            yield from _options(field, (*path, index))
    yield from _connectors(data)
    yield from _pages(data)
    admitted = data.get("identity", {}).get("groups", [])
    for number, role in enumerate(data.get("roles", [])):
        for index, group in enumerate(role.get("groups", [])):
            if group not in admitted:
                place = ("roles", number, "groups", index)
                yield Problem("group_without_access", place, params={"name": group})


def _unique(items: Iterable[Mapping[str, Any]], member: str, path: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        if item[member] in seen:
            yield Problem("twice", (*path, index, member), params={"name": item[member]})
        seen.add(item[member])


def _options(field: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    options = field.get("options", [])
    if field["type"] == "choice" and len(options) < 2:
        yield Problem("options_missing", (*path, "options"))
    if field["type"] != "choice" and options:
        yield Problem("options_unused", (*path, "options"))


def _connectors(data: Mapping[str, Any]) -> Iterator[Problem]:
    roles = {one["key"] for one in data.get("roles", [])}
    for number, connector in enumerate(data.get("connectors", [])):
        path: Path = ("connectors", number, "guardrails")
        yield from _unique(connector.get("guardrails", []), "operation", path)
        for index, limits in enumerate(connector.get("guardrails", [])):
            if limits["operation"] not in connector["operations"]:
                place = (*path, index, "operation")
                yield Problem("no_operation", place, params={"name": limits["operation"]})
            for position, role in enumerate(limits.get("roles", [])):
                if role not in roles:
                    yield Problem("no_role", (*path, index, "roles", position), params={"name": role})


def _pages(data: Mapping[str, Any]) -> Iterator[Problem]:
    known = {one["key"]: {f["id"] for f in one.get("fields", [])} for one in data.get("datasets", [])}
    for number, page in enumerate(data.get("pages", [])):
        path, dataset = ("pages", number), page["dataset"]
        if dataset not in known:
            yield Problem("no_dataset", (*path, "dataset"), params={"name": dataset})
            continue
        named: list[tuple[Path, str]] = [
            ((*path, "fields", i), f) for i, f in enumerate(page.get("fields", []))
        ]
        charts = page.get("charts", [])
        named += [((*path, "charts", i, "field"), chart["field"]) for i, chart in enumerate(charts)]
        for place, field in named:
            if field not in known[dataset]:
                yield Problem("no_field", place, params={"name": field, "dataset": dataset})
        if charts and page["kind"] != "dashboard":
            yield Problem("charts_misplaced", (*path, "charts"))


def _first_twice(items: list[Any]) -> Any:
    return next(item for item in items if items.count(item) > 1)
