"""A data contract against the standard's own JSON schema (datacatalog/schemas), faults in plain words."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path as File
from typing import Any

from jsonschema import Draft201909Validator
from jsonschema.exceptions import ValidationError

from datacatalog.problems import Problem, kind_name
from datacatalog.safe_yaml import Document, Path, spelled

SCHEMA = File(__file__).parents[1] / "schemas" / "odcs-json-schema-v3.1.0.json"
# of these the schema asks nothing but to be text
FREE_TEXT = {"name", "physicalName", "businessName", "description", "url"}


@cache
def _validator() -> Draft201909Validator:
    return Draft201909Validator(json.loads(SCHEMA.read_text()))


def problems(document: Document) -> Iterator[Problem]:
    """What the standard's schema refuses, in words and by line."""
    if _validator().is_valid(_abridged(document.value)):
        return
    errors = [leaf for error in _validator().iter_errors(document.value) for leaf in _leaves(error)]
    # a name counts as unknown also when its value is wrong: then the value is the news
    faulty = [tuple(e.absolute_path) for e in errors if e.validator != "unevaluatedProperties"]
    found: dict[str, Problem] = {}
    for error in errors:
        path = tuple(error.absolute_path)
        if error.validator == "unevaluatedProperties" and any(p[: len(path)] == path for p in faulty):
            continue
        found |= {repr(problem): problem for problem in _in_words(document, error, path)}
    yield from found.values()


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Of alternatives the one that came nearest: what is wrong deepest inside."""
    context = error.context or []
    if error.validator not in {"anyOf", "oneOf"} or not context:
        yield error
        return
    deepest = max(len(item.absolute_path) for item in context)
    if deepest > len(error.absolute_path):
        for item in context:
            if len(item.absolute_path) == deepest:
                yield from _leaves(item)
    else:
        yield error


def _in_words(document: Document, error: ValidationError, path: Path) -> Iterator[Problem]:
    line, place = document.line(path), spelled(path)
    have: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            missing = [key for key in wanted if key not in have]
            yield from (Problem("required", line, place, {"key": key}) for key in missing)
        case "additionalProperties" | "unevaluatedProperties":
            for key in re.findall(r"'([^']+)'", error.message):
                yield Problem("unknown_key", document.line((*path, key)), place, {"key": key})
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            words = " / ".join(kind_name(kind) for kind in kinds)
            yield Problem("type", line, place, {"wanted": words, "have": kind_name(json_kind(have))})
        case "enum":
            words = ", ".join(str(word) for word in wanted)
            yield Problem("enum", line, place, {"have": have, "wanted": words})
        case "const":
            yield Problem("const", line, place, {"wanted": wanted})
        case "pattern":
            yield Problem("pattern", line, place, {"have": str(have)[:80]})
        case "anyOf" | "oneOf":
            yield Problem("shape", line, place)
        case _:
            yield Problem("value", line, place)


def json_kind(value: object) -> str:
    """The JSON type of a value."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return names.get(type(value), "null")


def _abridged(root: dict[str, Any]) -> dict[str, Any]:
    """The contract with one property of each shape: valid if and only if the whole is.

    Columns of a database differ in little but their names, and checking them all takes most of an
    import's time (1.2 of 2.3 s for 456). Where this finds a fault, the whole is checked for its places.
    """
    objects = root.get("schema")
    if not isinstance(objects, list):
        return root
    seen: set[str] = set()
    return root | {"schema": [_abridged_object(item, seen) for item in objects]}


def _abridged_object(item: Any, seen: set[str]) -> Any:
    if not isinstance(item, dict) or not isinstance(item.get("properties"), list):
        return item
    kept = []
    for child in item["properties"]:
        shape = json.dumps(_shape(child))
        if shape not in seen:
            seen.add(shape)
            kept.append(child)
    return item | {"properties": kept}


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "" if key in FREE_TEXT and isinstance(inner, str) else _shape(inner)
            for key, inner in value.items()
        }
    return [_shape(inner) for inner in value] if isinstance(value, list) else value
