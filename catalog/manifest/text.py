"""From YAML or JSON text to plain data, with the line of every value.

Text comes from repositories and uploads, so it is taken as hostile: size, depth and number of values are
limited before anything is built, aliases (the "billion laughs") and tags are refused, and a name given
twice is an error instead of the last one winning.
"""

import json
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    ScalarEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .problems import ManifestError, Problem

MAX_BYTES = 512 * 1024
MAX_DEPTH = 12
MAX_VALUES = 40_000

Path = tuple[str | int, ...]
_PREFIX = "tag:yaml.org,2002:"
_PLAIN = {"str", "null", "bool", "int", "float", "timestamp"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """Plain data and the line (from 1) of each of its values by path."""

    data: Any
    lines: dict[Path, int]


def load(text: str | bytes) -> Loaded:
    """Read YAML, or JSON when the text begins with a brace.

    Raises:
        ManifestError: the text is too large, hostile, or neither YAML nor JSON.
    """
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise ManifestError([Problem("too_large", params={"size": len(raw), "limit": MAX_BYTES})])
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ManifestError([Problem("not_text")]) from None
    return _json(decoded) if decoded.lstrip().startswith("{") else _yaml(decoded)


def _json(text: str) -> Loaded:
    """JSON has a parser of its own: YAML folds line separators inside quotes, JSON keeps them."""
    twice: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in items]
        twice.extend(name for name in names if names.count(name) > 1)
        return dict(items)

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ManifestError([Problem("syntax", line=error.lineno, params={"problem": error.msg})]) from None
    except RecursionError:
        raise ManifestError([Problem("too_deep", params={"limit": MAX_DEPTH})]) from None
    except ValueError as error:  # a number that is none, or of thousands of digits
        raise ManifestError([Problem("syntax", params={"problem": str(error)})]) from None
    if twice:
        raise ManifestError([Problem("duplicate_key", params={"name": twice[0]})])
    _measure(data)
    return Loaded(data, _json_lines(text))


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _measure(data: Any) -> None:
    level, depth, seen = [data], 0, 0
    while level:
        depth, seen = depth + 1, seen + len(level)
        if depth > MAX_DEPTH:
            raise ManifestError([Problem("too_deep", params={"limit": MAX_DEPTH})])
        if seen > MAX_VALUES:
            raise ManifestError([Problem("too_many", params={"limit": MAX_VALUES})])
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]


def _json_lines(text: str) -> dict[Path, int]:
    """Lines of a JSON text, as far as YAML can read it; without them an error still has its path."""
    if "\n" not in text.strip():
        return {}
    try:
        return _yaml(text).lines
    except ManifestError:
        return {}


def _yaml(text: str) -> Loaded:
    try:
        _inspect(text)
        node = YAML(typ="safe", pure=True).compose(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "unreadable"
        line = mark.line + 1 if mark else 0
        raise ManifestError([Problem("syntax", line=line, params={"problem": said})]) from None
    lines: dict[Path, int] = {}
    return Loaded(_plain(node, (), lines), lines)


def _inspect(text: str) -> None:
    """Refuse what could grow, before a single node is built."""
    depth = values = documents = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise ManifestError([Problem("alias", line=line)])
        if isinstance(event, DocumentStartEvent):
            documents += 1
        if isinstance(event, ScalarEvent | CollectionStartEvent):
            values += 1
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if documents > 1:
            raise ManifestError([Problem("several", line=line)])
        if depth > MAX_DEPTH:
            raise ManifestError([Problem("too_deep", line=line, params={"limit": MAX_DEPTH})])
        if values > 2 * MAX_VALUES:
            raise ManifestError([Problem("too_many", line=line, params={"limit": MAX_VALUES})])


def _plain(node: Node | None, path: Path, lines: dict[Path, int]) -> Any:
    if node is None:
        return None
    lines[path] = node.start_mark.line + 1
    if isinstance(node, SequenceNode):
        _tagged(node, "seq")
        return [_plain(item, (*path, index), lines) for index, item in enumerate(node.value)]
    if isinstance(node, MappingNode):
        _tagged(node, "map")
        return _mapping(node, path, lines)
    assert isinstance(node, ScalarNode)  # noqa: S101 - there is no fourth kind of node
    return _scalar(node)


def _mapping(node: MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            raise ManifestError([Problem("key_type", path, line)])
        if key.value in made:
            raise ManifestError([Problem("duplicate_key", path, line, {"name": key.value})])
        made[key.value] = _plain(value, (*path, key.value), lines)
        lines[(*path, key.value)] = line
    return made


def _scalar(node: ScalarNode) -> Any:
    tag = str(node.tag).removeprefix(_PREFIX)
    if tag not in _PLAIN:
        raise ManifestError([Problem("tag", (), node.start_mark.line + 1, {"tag": str(node.tag)})])
    if tag == "null":
        return None
    if tag == "bool":
        return node.value.lower() == "true"
    if tag == "int" and node.value.lstrip("+-").isdigit() and len(node.value) < 20:
        return int(node.value)
    return node.value  # floats and dates stay text: the format has neither


def _tagged(node: Node, kind: str) -> None:
    if str(node.tag) != _PREFIX + kind:
        raise ManifestError([Problem("tag", (), node.start_mark.line + 1, {"tag": str(node.tag)})])
