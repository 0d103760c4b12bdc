"""The subset of Rego in which both engines were measured to agree (docs/adr/0020, 0078). Pure Python.

Looks at the syntax tree that `opa parse --format json` makes: everything that the subset does not name is
refused, so that what a later OPA adds is refused until it has been measured.
"""

from collections.abc import Iterator
from typing import Any

# operators and functions, as the syntax tree names them
CALLS = frozenset(
    {"and", "assign", "count", "eq", "equal", "gt", "gte", "internal.member_2", "internal.member_3", "lt"}
    | {"lte", "minus", "neq", "object.union", "or"}
)
TERMS = frozenset(
    {"array", "arraycomprehension", "boolean", "call", "null", "number", "object", "objectcomprehension"}
    | {"ref", "set", "setcomprehension", "string", "var"}
)


def problems(tree: Any) -> Iterator[str]:
    """What in the syntax tree of a file one of the engines cannot do, each with its line."""
    for rule in tree.get("rules", ()):
        if rule.get("head", {}).get("args"):
            yield _at(rule, "a function; use a comprehension: what is undefined of it was answered wrongly")
        if "else" in rule:
            yield _at(rule, "“else”")
        yield from _walk(rule)


def _walk(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item)
        return
    if not isinstance(node, dict):
        return
    yield from _of(node)
    for name, item in node.items():
        if name != "location":
            yield from _walk(item)


def _of(node: dict[str, Any]) -> Iterator[str]:
    terms = node.get("terms")
    if node.get("with"):
        yield _at(node, "“with”: outside of tests the input is what it is")
    if isinstance(terms, list):
        name = _name(terms[0])
        if name not in CALLS:
            yield _at(node, f"{name}()")
        elif node.get("negated"):
            known = {"internal.member_2", "internal.member_3"}
            yield _at(node, "“not … in”; use set difference" if name in known else f"“not” before {name}()")
    elif isinstance(terms, dict) and "domain" in terms:
        yield _at(node, "“every”; compare a set of those that differ with the empty set")
    elif isinstance(terms, dict) and node.get("negated") and terms.get("type") not in {"ref", "var"}:
        yield _at(node, "“not” before something else than a name")
    kind = node.get("type")
    if kind == "call" and (name := _name(node["value"][0])) not in CALLS:
        yield _at(node, f"{name}()")
    elif isinstance(kind, str) and kind not in TERMS:
        yield _at(node, kind)


def _name(term: dict[str, Any]) -> str:
    value = term.get("value")
    return ".".join(str(part.get("value")) for part in value) if isinstance(value, list) else str(value)


def _at(node: dict[str, Any], what: str) -> str:
    return f"{node.get('location', {}).get('row', '?')}: {what}"
