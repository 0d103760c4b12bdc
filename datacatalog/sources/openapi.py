"""OpenAPI 3.0 and 3.1 documents: each response field of each operation (D1, D3).

An operation is a dataset ("GET /people/{id}"), a response's properties are its fields: dotted for objects,
with [] for lists and .* for free names. References inside the document are followed, others refused. What
contains itself, or lies deeper than the share of fields of an operation reaches, stays one field.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from datacatalog.problems import BrokenFile, Problem, kind_name
from datacatalog.safe_yaml import Document, Path, parse, spelled
from datacatalog.sources.base import MAX_FIELDS, MAX_NAME, Source, SourceField, SourceObject
from datacatalog.sources.odcs_schema import json_kind
from datacatalog.specs import FieldType

MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 2_000_000
MAX_DEPTH = 12
MAX_PROBLEMS = 50
LEAST = 20  # fields an operation may have before what lies deeper is left together, however many there are
MOST = 600
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_FORMATS = {
    "email": FieldType.EMAIL,
    "idn-email": FieldType.EMAIL,
    "uri": FieldType.URL,
    "url": FieldType.URL,
    "date": FieldType.DATE,
    "date-time": FieldType.DATETIME,
}
_TYPES = {"integer": FieldType.INTEGER, "boolean": FieldType.BOOLEAN}

Schema = Mapping[str, Any]
Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class _Place:
    """A schema that is to be looked at: its name, where it stands, and the references that led there."""

    name: str
    schema: Any
    refs: frozenset[str]
    depth: int
    required: bool


@dataclass
class _Reader:
    document: Document
    share: int
    problems: list[Problem] = field(default_factory=list)
    bad_refs: set[str] = field(default_factory=set)

    def operation(self, method: str, path: str, operation: Schema) -> SourceObject | None:
        """The dataset of one operation; None if it answers with nothing that has fields."""
        found: dict[str, SourceField] = {}
        for schema in self._responses(operation):
            for made in self._fields(schema):
                found.setdefault(made.name, made)
        if not found:
            return None
        name = f"{method.upper()} {path}"
        title = str(operation.get("summary") or operation.get("operationId") or name)
        return SourceObject(
            name=name[:MAX_NAME],
            title=title[:MAX_NAME],
            description=str(operation.get("description") or "")[:2000],
            fields=tuple(found.values()),
            line=self.document.line(("paths", path, method)),
        )

    def _responses(self, operation: Schema) -> Iterator[Any]:
        responses = operation.get("responses")
        for answer in (responses if isinstance(responses, dict) else {}).values():
            found, _refs = self.resolved(answer, frozenset())
            content = found.get("content") if isinstance(found, dict) else None
            for media, body in (content if isinstance(content, dict) else {}).items():
                if isinstance(body, dict) and ("json" in media or "form" in media or media == "*/*"):
                    yield body.get("schema")

    def _fields(self, schema: Any) -> Iterator[SourceField]:
        """Breadth first: what is cut off is what lies deepest."""
        queue = deque([_Place("", schema, frozenset(), 0, required=False)])
        made = 0
        while queue:
            place = queue.popleft()
            parts = list(self._parts(place)) if made + len(queue) < self.share else []
            if parts:
                queue.extend(parts)
            elif place.name:
                made += 1
                yield self._leaf(place)

    def _parts(self, place: _Place) -> Iterator[_Place]:
        """What is inside an object or a list; nothing for a plain value or what contains itself."""
        if place.depth >= MAX_DEPTH:
            return
        for schema, refs in self._alternatives(place.schema, place.refs, 0):
            needed = schema.get("required")
            required = (
                set(needed) if isinstance(needed, list) and all(isinstance(n, str) for n in needed) else set()
            )
            properties = schema.get("properties")
            for name, inner in (properties if isinstance(properties, dict) else {}).items():
                full = f"{place.name}.{name}" if place.name else str(name)
                yield _Place(full, inner, refs, place.depth + 1, required=name in required)
            if isinstance(items := schema.get("items"), dict):
                yield _Place(
                    f"{place.name}[]" if place.name else "", items, refs, place.depth + 1, required=False
                )
            if isinstance(free := schema.get("additionalProperties"), dict) and free:
                full = f"{place.name}.*" if place.name else "*"
                yield _Place(full, free, refs, place.depth + 1, required=False)

    def _alternatives(
        self, schema: Any, refs: frozenset[str], depth: int
    ) -> Iterator[tuple[Schema, frozenset[str]]]:
        """The schema itself and all that it is composed of (allOf, oneOf, anyOf)."""
        schema, refs = self.resolved(schema, refs)
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return
        yield schema, refs
        for word in ("allOf", "oneOf", "anyOf"):
            parts = schema.get(word)
            for inner in parts if isinstance(parts, list) else ():
                yield from self._alternatives(inner, refs, depth + 1)

    def _leaf(self, place: _Place) -> SourceField:
        schema: Schema = next((found for found, _r in self._alternatives(place.schema, place.refs, 0)), {})
        typed = next(
            (found for found, _r in self._alternatives(place.schema, place.refs, 0) if "type" in found),
            schema,
        )
        kind = typed.get("type")
        if isinstance(kind, list):  # 3.1: ["string", "null"]
            kind = next((one for one in kind if one != "null"), "")
        shape = str(typed.get("format") or "")
        declared = schema.get("x-classification") or schema.get("x-data-classification") or ""
        return SourceField(
            name=place.name[:MAX_NAME],
            label=place.name[:MAX_NAME],
            description=str(schema.get("description") or "")[:2000],
            type=_FORMATS.get(shape) or _TYPES.get(str(kind), FieldType.TEXT),
            source_type=f"{kind or 'any'} {shape}".strip()[:100],
            required=place.required,
            classification=str(declared)[:100],
            examples=tuple(_examples(typed)),
        )

    def resolved(self, schema: Any, refs: frozenset[str]) -> tuple[Any, frozenset[str]]:
        """What a reference leads to; an empty object where it leads back to where it came from."""
        seen = refs
        while isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
            ref = schema["$ref"]
            if ref in seen:
                return {}, refs
            seen |= {ref}
            schema = self._target(ref)
        return schema, seen

    def _target(self, ref: str) -> Any:
        """RFC 6901, inside this document."""
        value: Any = self.document.value
        if not ref.startswith("#"):
            self._bad(ref, "outside_ref")
            return {}
        for part in ref.removeprefix("#").removeprefix("/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
            if isinstance(value, dict) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                self._bad(ref, "bad_ref")
                return {}
        return value

    def _bad(self, ref: str, code: str) -> None:
        if ref in self.bad_refs:
            return
        self.bad_refs.add(ref)
        path = next(_refs_to(self.document.value, ref, ()), ())
        self.problems.append(Problem(code, self.document.line(path), spelled(path), {"ref": ref[:200]}))


def read(content: bytes, source: str = "", tell: Tell = lambda _done, _total: None) -> Source:
    """The operations of a document in JSON or YAML. `tell(done, total)` is called as operations go by.

    Raises:
        BrokenFile: with what is wrong, by line.
    """
    document = parse(content, max_bytes=MAX_BYTES, max_nodes=MAX_NODES)
    root = document.value
    problems = list(_outline(document))
    if problems:
        raise BrokenFile(problems[:MAX_PROBLEMS])
    operations = [
        (method, path, item[method])
        for path, item in root["paths"].items()
        for method in METHODS
        if isinstance(item.get(method), dict)
    ]
    share = min(MOST, max(LEAST, MAX_FIELDS // max(1, len(operations))))
    reader = _Reader(document, share)
    objects = []
    for done, one in enumerate(operations, 1):
        if made := reader.operation(*one):
            objects.append(made)
        tell(done, len(operations))
    if not objects and not reader.problems:
        reader.problems.append(Problem("no_responses", document.line(("paths",)), "paths"))
    if reader.problems:
        raise BrokenFile(reader.problems[:MAX_PROBLEMS])
    title = str(root["info"]["title"])
    return Source(
        id=(source or title)[:200],
        version=str(root["info"].get("version") or ""),
        name=title,
        objects=tuple(objects),
    )


def _outline(document: Document) -> Iterator[Problem]:
    """Whether it is a document of a version that is taken, with paths that hold operations."""
    root = document.value
    if not isinstance(root, dict) or not ("openapi" in root or "swagger" in root):
        yield Problem("not_openapi", 1)
        return
    version = str(root.get("openapi") or root.get("swagger"))
    if not version.startswith(("3.0", "3.1")):
        key = "openapi" if "openapi" in root else "swagger"
        yield Problem("openapi_version", document.line((key,)), key, {"have": version[:20]})
        return
    info = root.get("info")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str) or not info["title"].strip():
        yield Problem("required", document.line(("info",)), "info", {"key": "title"})
    paths = root.get("paths")
    if not isinstance(paths, dict) or not paths:
        yield Problem("required", document.line(("paths",)), "paths", {"key": "paths"})
        return
    for path, item in paths.items():
        where: Path = ("paths", path)
        if not isinstance(item, dict):
            yield _wrong(document, where, item)
            continue
        for method in METHODS:
            if method in item and not isinstance(item[method], dict):
                yield _wrong(document, (*where, method), item[method])


def _wrong(document: Document, where: Path, value: Any) -> Problem:
    params = {"wanted": kind_name("object"), "have": kind_name(json_kind(value))}
    return Problem("type", document.line(where), spelled(where), params)


def _examples(schema: Schema) -> Iterator[str]:
    listed = schema.get("examples")
    for value in (*(listed if isinstance(listed, list) else ()), schema.get("example")):
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            yield str(value)[:400]


def _refs_to(value: Any, ref: str, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        if value.get("$ref") == ref:
            yield (*path, "$ref")
        for key, inner in value.items():
            yield from _refs_to(inner, ref, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _refs_to(inner, ref, (*path, n))
