"""YAML from strangers: plain values with the line of each, or every reason why not.

Nothing is constructed but str, int, float, bool, None, list and dict. Refused are oversized files, several
documents, duplicate keys, tags, merge keys, and aliases that multiply or contain themselves.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from datacatalog.problems import BrokenFile, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 40

Path = tuple[str | int, ...]

# not printable (section 5.1), or a break of lines to libyaml and not to YAML 1.2
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufffe\uffff]")

_CORE = "tag:yaml.org,2002:"
# what a plain scalar means (YAML 1.2 core schema, section 10.3.2); anything else is the text that it is
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,19}|0o[0-7]{1,21}|0x[0-9a-fA-F]{1,16}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class _Node:
    """A value before its aliases are followed."""

    kind: str  # scalar, seq, map, or a tag that is not taken
    line: int
    value: Any = None
    items: list[Any] = field(default_factory=list)


@dataclass(frozen=True)
class Document:
    """A parsed file: its value, and for each path the line on which it stands."""

    value: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it; from 1."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def spelled(path: Path) -> str:
    """A path as people write it: schema[2].properties[0].name."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def parse(content: bytes, *, max_bytes: int = MAX_BYTES, max_nodes: int = MAX_NODES) -> Document:
    """The one document in `content`.

    Raises:
        BrokenFile: with every problem that could be found.
    """
    if len(content) > max_bytes:
        params = {"size": len(content) // 1024, "limit": max_bytes // 1024}
        raise BrokenFile([Problem("too_large", params=params)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenFile([Problem("not_utf8", content[: error.start].count(b"\n") + 1)]) from None
    root = _compose(text)
    if root is None:
        raise BrokenFile([Problem("empty")])
    builder = _Builder(max_nodes)
    value = builder.build(root, ())
    if builder.problems:
        raise BrokenFile(builder.problems)
    return Document(value, builder.lines)


def _compose(text: str) -> _Node | None:
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise BrokenFile([Problem("syntax", line, params={"what": "control character"})])
    try:
        return _Composer(text).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        line = min(mark.line + 1, text.count("\n") + 1) if mark else 0
        raise BrokenFile([Problem("syntax", line, params={"what": what})]) from None


class _Composer:
    """Nodes of libyaml's events, which come one by one: it stops at the first thing nested too deep."""

    def __init__(self, text: str) -> None:
        self._event: Callable[[], Any] = yaml.CSafeLoader(text).get_event
        self._anchors: dict[str, _Node] = {}
        self._depth = 0

    def document(self) -> _Node | None:
        """The one document; None if there is nothing."""
        event = self._event()
        while not isinstance(event, (DocumentStartEvent, StreamEndEvent)):
            event = self._event()
        if isinstance(event, StreamEndEvent):
            return None
        root = self._node(self._event())
        self._event()  # the document's end
        if isinstance(self._event(), DocumentStartEvent):
            raise BrokenFile([Problem("many_documents", _line(self._event()))])
        return root

    def _node(self, event: Event) -> _Node:
        if isinstance(event, AliasEvent):
            found = self._anchors.get(event.anchor or "")
            if found is None:
                raise BrokenFile([Problem("syntax", _line(event), params={"what": "found undefined alias"})])
            return found
        node = _Node("scalar", _line(event))
        if anchor := getattr(event, "anchor", None):
            self._anchors[anchor] = node
        if isinstance(event, ScalarEvent):
            node.kind, node.value = _scalar(event)
            return node
        if self._depth > MAX_DEPTH:
            raise BrokenFile([Problem("too_deep", node.line, params={"limit": MAX_DEPTH})])
        self._depth += 1
        tag = getattr(event, "tag", None)
        if isinstance(event, MappingStartEvent):
            node.kind = "map" if tag in (None, "!", f"{_CORE}map") else tag
            while not isinstance(key := self._event(), MappingEndEvent):
                node.items.append((self._node(key), self._node(self._event())))
        elif isinstance(event, SequenceStartEvent):
            node.kind = "seq" if tag in (None, "!", f"{_CORE}seq") else tag
            while not isinstance(item := self._event(), SequenceEndEvent):
                node.items.append(self._node(item))
        self._depth -= 1
        return node


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: ScalarEvent) -> tuple[str, Any]:
    """("scalar", value), or the tag that is not taken."""
    tag, text = event.tag, event.value
    if tag == f"{_CORE}str" or (tag is None and not event.implicit[0]) or tag == "!":
        return "scalar", text
    if tag is not None and not tag.startswith(_CORE):
        return str(tag), None
    if _NULL.fullmatch(text) or _BOOL.fullmatch(text):
        return "scalar", text.lower() == "true" if _BOOL.fullmatch(text) else None
    if _INT.fullmatch(text) or _FLOAT.fullmatch(text):
        return "scalar", _number(text)
    return ("scalar", text) if tag is None else (str(tag), None)


def _number(text: str) -> int | float:
    if _INT.fullmatch(text):
        return int(text, 0 if text[:2] in {"0x", "0o"} else 10)
    return float(text)


class _Builder:
    """Makes values of nodes, counting every visit, since an alias is the same node seen again."""

    def __init__(self, max_nodes: int) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._visited, self._limit = 0, max_nodes

    def build(self, node: _Node, path: Path) -> Any:
        self._visited += 1
        if self._visited > self._limit:
            raise BrokenFile([Problem("too_many", node.line, spelled(path), {"limit": self._limit})])
        if len(path) > MAX_DEPTH:
            raise BrokenFile([Problem("too_deep", node.line, spelled(path), {"limit": MAX_DEPTH})])
        self.lines.setdefault(path, node.line)
        if node.kind == "scalar":
            return node.value
        if node.kind == "seq":
            return [self.build(item, (*path, n)) for n, item in enumerate(node.items)]
        if node.kind == "map":
            return self._mapping(node, path)
        return self._tagged(node, path)

    def _mapping(self, node: _Node, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.items:
            key = key_node.value
            if key_node.kind != "scalar" or not isinstance(key, str) or key == "<<":
                self.problems.append(Problem("key_not_text", key_node.line, spelled(path)))
                continue
            inner = (*path, key)
            if key in made:
                params = {"key": key, "first": self.lines[inner]}
                self.problems.append(Problem("duplicate_key", key_node.line, spelled(path), params))
                continue
            self.lines[inner] = key_node.line
            made[key] = self.build(value_node, inner)
        return made

    def _tagged(self, node: _Node, path: Path) -> None:
        self.problems.append(Problem("tag", node.line, spelled(path), {"tag": node.kind}))
