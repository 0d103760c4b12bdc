"""The reference page of an exception's states, from policy/states.py."""

from policy.states import EXCEPTION


def exception_states() -> str:
    """One Mermaid diagram."""
    lines = ["    [*] --> asked: from a refusal"]
    for before, onward in EXCEPTION.items():
        lines.extend(f"    {before.value} --> {after.value}: {why}" for why, after in onward.items())
        if not onward:
            lines.append(f"    {before.value} --> [*]")
    return (
        "# States of an exception\n\nMade from `policy/states.py` by `python -m docs.generate`.\n"
        "The database refuses every other state (CHECK), the services every other move. An exception\n"
        "that is past its end lets nothing pass, whatever its state says.\n\n"
        "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"
    )
