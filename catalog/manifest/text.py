"""From YAML or JSON text to plain data, with the place of every value.

Text comes from repositories and uploads, so it is taken as hostile: size, depth and number of values are
limited while it is read, aliases (the "billion laughs") and tags are refused, and a name given twice is an
error instead of the last one winning. The parser is libyaml (0.2.5, through PyYAML), thirteen times as fast
as one in Python; what a plain scalar means is said here (YAML 1.2, section 10.3.2), not by the parser.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from .problems import ManifestError, Place, Problem

MAX_BYTES = 512 * 1024
MAX_DEPTH = 12
MAX_VALUES = 40_000

Path = tuple[str | int, ...]
_PREFIX = "tag:yaml.org,2002:"
_BREAK = re.compile("[\x85\u2028\u2029]")  # breaks a line to libyaml (YAML 1.1), and not to YAML 1.2
_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Plain data and the place of each of its values by path; a member's place is its name's."""

    data: Any
    places: dict[Path, Place]


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
    return Loaded(data, _json_places(text))


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


def _json_places(text: str) -> dict[Path, Place]:
    """Places in a JSON text, as far as YAML can read it; without them an error still has its path."""
    try:
        return _yaml(text).places
    except ManifestError:
        return {}


def _yaml(text: str) -> Loaded:
    if found := _BREAK.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ManifestError([Problem("control_character", line=line)])
    try:
        return _Reader(text).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "unreadable"
        place = Place(mark.line + 1, mark.column + 1) if mark else Place()
        raise ManifestError([Problem.at(place, "syntax", params={"problem": said})]) from None


class _Reader:
    """One pass over the parser's events, which come one by one: nothing grows before it is counted."""

    def __init__(self, text: str) -> None:
        self._event: Callable[[], Any] = yaml.CSafeLoader(text).get_event
        self._values = self._depth = 0
        self._places: dict[Path, Place] = {}

    def document(self) -> Loaded:
        """The one document of the text; an empty text is a null."""
        data = None
        event = self._next(StreamStartEvent, DocumentStartEvent)
        if not isinstance(event, StreamEndEvent):
            data = self._value(event, ())
            event = self._next(DocumentEndEvent)
        if not isinstance(event, StreamEndEvent):
            raise ManifestError([Problem.at(_place(event), "several")])
        return Loaded(data, self._places)

    def _next(self, *passed: type[Event]) -> Event:
        """The next event that is none of `passed`."""
        event: Event = self._event()
        while isinstance(event, passed):
            event = self._event()
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise ManifestError([Problem.at(_place(event), "alias")])
        return event

    def _value(self, event: Event, path: Path) -> Any:
        self._values += 1
        self._places[path] = _place(event)
        if self._values > MAX_VALUES:
            raise ManifestError([Problem.at(_place(event), "too_many", params={"limit": MAX_VALUES})])
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ManifestError([Problem.at(_place(event), "too_deep", params={"limit": MAX_DEPTH})])
        made = self._mapping(event, path) if isinstance(event, MappingStartEvent) else self._list(event, path)
        self._depth -= 1
        return made

    def _list(self, start: Event, path: Path) -> list[Any]:
        assert isinstance(start, SequenceStartEvent)  # noqa: S101 - there is no fourth kind of node
        _tagged(start, "seq")
        made: list[Any] = []
        while not isinstance(event := self._next(), SequenceEndEvent):
            made.append(self._value(event, (*path, len(made))))
        return made

    def _mapping(self, start: MappingStartEvent, path: Path) -> dict[str, Any]:
        _tagged(start, "map")
        made: dict[str, Any] = {}
        while not isinstance(key := self._next(), MappingEndEvent):
            place = _place(key)
            if not isinstance(key, ScalarEvent):
                raise ManifestError([Problem.at(place, "key_type", path)])
            _tagged(key, "str")
            if key.value in made:
                raise ManifestError([Problem.at(place, "duplicate_key", path, {"name": key.value})])
            made[key.value] = self._value(self._next(), (*path, key.value))
            self._places[(*path, key.value)] = place
        return made


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place()


def _scalar(event: ScalarEvent) -> Any:
    """Text, except what a plain scalar says otherwise; floats and dates stay text: the format has neither."""
    text = str(event.value)
    _tagged(event, "str")
    if not event.implicit[0]:  # in quotes, in a block, or tagged as text
        return text
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    return int(text) if _INT.fullmatch(text) else text


def _tagged(event: Event, kind: str) -> None:
    tag = getattr(event, "tag", None)
    if tag and str(tag) != _PREFIX + kind:
        raise ManifestError([Problem.at(_place(event), "tag", params={"tag": str(tag)})])
