"""Of an agent's input, the facts that decisions are made on and nothing else (policy/inputs/).

Whoever asks an agent may send whatever he likes along; only what the portal's own decisions keep is kept, and
that by the same dataclasses. Pure Python.
"""

import types
import typing
from dataclasses import is_dataclass
from functools import cache
from typing import Any

from policy.inputs import Context, Document, Resource, Subject

_PARTS: dict[str, Any] = {"action": str, "subject": Subject, "resource": Resource, "context": Context}


def facts_only(document: object) -> Document:
    """`document` without the members that no fact has, and without values of another type."""
    return _members(_PARTS, document) if isinstance(document, dict) else {}


def _members(hints: dict[str, Any], value: dict[str, Any]) -> Document:
    taken = {name: _taken(hint, value[name]) for name, hint in hints.items() if name in value}
    return {name: fact for name, fact in taken.items() if fact is not None}


def _taken(hint: Any, value: object) -> object:
    """`value` as far as it is what `hint` says; None for what is not."""
    if isinstance(hint, types.UnionType):
        [hint] = [kind for kind in typing.get_args(hint) if kind is not types.NoneType]
    if isinstance(hint, type) and is_dataclass(hint):
        return _members(_hints(hint), value) if isinstance(value, dict) else None
    if typing.get_origin(hint) in {tuple, frozenset}:
        if not isinstance(value, list):
            return None
        items = (_taken(typing.get_args(hint)[0], item) for item in value)
        return [item for item in items if item is not None]
    return value if type(value) is hint else None


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
