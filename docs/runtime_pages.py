"""The reference page of an export's states, from runtime/states.py."""

from runtime.states import EXPORT


def states() -> str:
    """One Mermaid diagram."""
    lines = ["    [*] --> waiting: people are asked", "    [*] --> queued: nobody is asked"]
    for before, onward in EXPORT.items():
        lines.extend(f"    {before.value} --> {after.value}: {why}" for why, after in onward.items())
        if not onward:
            lines.append(f"    {before.value} --> [*]")
    return (
        "# States of an export\n\nMade from `runtime/states.py` by `python -m docs.generate`.\n"
        "The database refuses every other state (CHECK), the services every other move.\n\n"
        "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"
    )
