"""YAML from strangers: plain values with the line of each, or every reason why not.

Nothing is constructed but str, int, float, bool, None, list and dict. Refused are oversized files, several
documents, duplicate keys, tags, merge keys, and aliases that multiply or contain themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from datacatalog.problems import BrokenFile, Problem

MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 40

Path = tuple[str | int, ...]

_CORE = "tag:yaml.org,2002:"
# what the resolver may make of a plain scalar; dates stay the text that they are
_TEXTS = {f"{_CORE}str", f"{_CORE}timestamp"}
# YAML 1.2 core schema (section 10.3.2)
_SCALARS: dict[str, Callable[[str], object]] = {
    f"{_CORE}null": lambda _text: None,
    f"{_CORE}bool": lambda text: text.lower() == "true",
    f"{_CORE}int": lambda text: int(
        text.replace("_", ""), 0 if text.lstrip("+-")[:2] in {"0x", "0o"} else 10
    ),
    f"{_CORE}float": lambda text: float(text.lower().replace(".inf", "inf").replace(".nan", "nan")),
}


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


def parse(content: bytes) -> Document:
    """The one document in `content`.

    Raises:
        BrokenFile: with every problem that could be found.
    """
    if len(content) > MAX_BYTES:
        params = {"size": len(content) // 1024, "limit": MAX_BYTES // 1024}
        raise BrokenFile([Problem("too_large", params=params)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenFile([Problem("not_utf8", content[: error.start].count(b"\n") + 1)]) from None
    root = _compose(text)
    if root is None:
        raise BrokenFile([Problem("empty")])
    builder = _Builder()
    value = builder.build(root, ())
    if builder.problems:
        raise BrokenFile(builder.problems)
    return Document(value, builder.lines)


def _compose(text: str) -> Node | None:
    loader = YAML(typ="safe", pure=True)
    loader.Composer = _ShallowComposer
    try:
        roots = list(loader.compose_all(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "?"
        raise BrokenFile([Problem("syntax", mark.line + 1 if mark else 0, params={"what": what})]) from None
    except YAMLError as error:
        what = str(error).splitlines()[0]
        raise BrokenFile([Problem("syntax", params={"what": what})]) from None
    if len(roots) > 1:
        raise BrokenFile([Problem("many_documents", roots[1].start_mark.line + 1)])
    return roots[0] if roots else None


class _ShallowComposer(Composer):
    """Stops at the first thing that is nested too deep, before the rest of the file is read."""

    _depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node:
        """The node of the next events."""
        if self._depth > MAX_DEPTH:
            line = self.loader.parser.peek_event().start_mark.line + 1
            raise BrokenFile([Problem("too_deep", line, params={"limit": MAX_DEPTH})])
        self._depth += 1
        node: Node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Builder:
    """Makes values of nodes, counting every visit, since an alias is the same node seen again."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []
        self._visited = 0

    def build(self, node: Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self._visited += 1
        if self._visited > MAX_NODES:
            raise BrokenFile([Problem("too_many", line, spelled(path), {"limit": MAX_NODES})])
        if len(path) > MAX_DEPTH:
            raise BrokenFile([Problem("too_deep", line, spelled(path), {"limit": MAX_DEPTH})])
        self.lines.setdefault(path, line)
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if isinstance(node, SequenceNode) and node.tag == f"{_CORE}seq":
            return [self.build(item, (*path, n)) for n, item in enumerate(node.value)]
        if isinstance(node, MappingNode) and node.tag == f"{_CORE}map":
            return self._mapping(node, path)
        return self._tagged(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode) or key_node.tag not in _TEXTS:
                self.problems.append(Problem("key_not_text", line, spelled(path)))
                continue
            key = str(key_node.value)
            inner = (*path, key)
            if key in made:
                params = {"key": key, "first": self.lines[inner]}
                self.problems.append(Problem("duplicate_key", line, spelled(path), params))
                continue
            self.lines[inner] = line
            made[key] = self.build(value_node, inner)
        return made

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        if node.tag in _TEXTS:
            return str(node.value)
        if node.tag not in _SCALARS:
            return self._tagged(node, path)
        try:
            return _SCALARS[node.tag](node.value)
        except ValueError:
            return str(node.value)

    def _tagged(self, node: Node, path: Path) -> None:
        problem = Problem("tag", node.start_mark.line + 1, spelled(path), {"tag": str(node.tag)})
        self.problems.append(problem)
