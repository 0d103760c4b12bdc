"""Reference pages of the data catalog."""

from datacatalog.states import SUBJECT


def subject_states() -> str:
    """One Mermaid diagram."""
    lines = ["    [*] --> found: a person is searched for"]
    for before, onward in SUBJECT.items():
        lines.extend(f"    {before.value} --> {after.value}: {why}" for why, after in onward.items())
        if not onward:
            lines.append(f"    {before.value} --> [*]")
    return (
        "# States of a data subject's request\n\nMade from `datacatalog/states.py` by "
        "`python -m docs.generate`.\n"
        "The services refuse every other move. One for access is `found` until it is closed. What is over\n"
        "no longer knows by what the person was found (CHECK).\n\n"
        "```mermaid\nstateDiagram-v2\n" + "\n".join(lines) + "\n```\n"
    )
