"""The reference page of the record's events."""

import inspect
import re
from itertools import groupby

from ledger import events


def page() -> str:
    """Every event by the room that its comment names in ledger/events.py."""
    source = inspect.getsource(events.Event)
    lines = re.findall(
        r'^    (?:# (?P<room>.+)|(?P<name>[A-Z_]+) = "(?P<value>[^"]+)"(?:  # noqa.*)?)$',
        source,
        re.MULTILINE,
    )
    rows, room = [], ""
    for comment, name, value in lines:
        room = comment or room
        if name:
            rows.append((room, name, value))
    parts = ["# Events of the record\n\nMade from `ledger/events.py` by `python -m docs.generate`.\n"]
    for title, members in groupby(rows, key=lambda row: row[0]):
        parts.append(f"\n## {title}\n\n| event | name in code |\n|---|---|\n")
        parts.extend(f"| `{value}` | `{name}` |\n" for _room, name, value in members)
    return "".join(parts)
