"""The reference pages of states of exceptions and of changes of policy data, from policy/states.py."""

from collections.abc import Mapping
from typing import Any

from policy.states import CHANGE, EXCEPTION


def exception_states() -> str:
    """One Mermaid diagram."""
    return (
        "# States of an exception\n\nMade from `policy/states.py` by `python -m docs.generate`.\n"
        "The database refuses every other state (CHECK), the services every other move. An exception\n"
        "that is past its end lets nothing pass, whatever its state says.\n\n"
        + _diagram("asked: from a refusal", EXCEPTION)
    )


def data_change_states() -> str:
    """One Mermaid diagram."""
    return (
        "# States of a change of policy data\n\nMade from `policy/states.py` by `python -m docs.generate`.\n"
        "The database refuses every other state (CHECK), the services every other move. Nothing of a change\n"
        "counts before it is applied, which happens with the vote that approves it.\n\n"
        + _diagram("in_review: in the admin", CHANGE)
    )


def _diagram(first: str, table: Mapping[Any, Mapping[str, Any]]) -> str:
    lines = [f"    [*] --> {first}"]
    for before, onward in table.items():
        lines.extend(f"    {before.value} --> {after.value}: {why}" for why, after in onward.items())
        if not onward:
            lines.append(f"    {before.value} --> [*]")
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"
