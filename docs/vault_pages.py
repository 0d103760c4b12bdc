"""The reference page of the states of keys, from vault/states.py."""

from collections.abc import Mapping
from typing import Any

from vault.states import DESTRUCTION, KEK


def key_states() -> str:
    """Two Mermaid diagrams."""
    return (
        "# States of keys\n\nMade from `vault/states.py` by `python -m docs.generate`.\n"
        "The database refuses every other state (CHECK), the services every other move.\n\n"
        "## A key-encryption key\n\nSwitched off is no state: it is a switch that can be put back.\n\n"
        + _diagram(KEK, "active: made or brought")
        + "\n## The destruction of a tenant's key\n\n"
        + _diagram(DESTRUCTION, "asked: by an admin")
    )


def _diagram(table: Mapping[Any, Mapping[str, Any]], begins: str) -> str:
    lines = [f"    [*] --> {begins}"]
    for before, onward in table.items():
        lines.extend(f"    {before.value} --> {after.value}: {why}" for why, after in onward.items())
        if not onward:
            lines.append(f"    {before.value} --> [*]")
    return "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"
