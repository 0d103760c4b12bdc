"""The reference page of the approvals' state machines, from approvals/states.py."""

from collections.abc import Mapping
from typing import Any

from approvals.states import REQUEST, STEP, TIMER


def page() -> str:
    """One Mermaid diagram each for requests, steps and timers."""
    parts = ["# States of approvals\n\nMade from `approvals/states.py` by `python -m docs.generate`.\n"]
    parts.append("The database refuses every other state (CHECK), the services every other move.\n")
    for title, table in (("Request", REQUEST), ("Step", STEP), ("Timer", TIMER)):
        parts.append(f"\n## {title}\n\n```mermaid\nstateDiagram-v2\n{_diagram(table)}```\n")
    return "".join(parts)


def _diagram(table: Mapping[Any, Mapping[str, Any]]) -> str:
    first = next(iter(table))
    lines = [f"    [*] --> {first.value}"]
    for before, onward in table.items():
        lines.extend(f"    {before.value} --> {after.value}: {why}" for why, after in onward.items())
        if not onward:
            lines.append(f"    {before.value} --> [*]")
    return "\n".join(lines) + "\n"
