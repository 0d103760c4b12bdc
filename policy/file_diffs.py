"""What differs between two sets of texts, as people read it. Pure Python."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Line:
    """One line of a unified diff. `sign` is "+", "-", " ", or "@" for where a part begins."""

    sign: str
    text: str


@dataclass(frozen=True)
class FileDiff:
    """One file that was added, removed or changed."""

    name: str
    change: Literal["added", "removed", "changed"]
    lines: tuple[Line, ...]

    @property
    def added(self) -> int:
        """How many lines are new."""
        return sum(line.sign == "+" for line in self.lines)

    @property
    def removed(self) -> int:
        """How many lines are gone."""
        return sum(line.sign == "-" for line in self.lines)


def diffs(before: Mapping[str, str], after: Mapping[str, str]) -> list[FileDiff]:
    """The files in which `after` differs from `before`, by name."""
    names = sorted(before.keys() | after.keys())
    return [_diff(name, before, after) for name in names if before.get(name) != after.get(name)]


def _diff(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> FileDiff:
    change: Literal["added", "removed", "changed"] = (
        "added" if name not in before else "removed" if name not in after else "changed"
    )
    return FileDiff(name, change, tuple(diff_lines(before.get(name, ""), after.get(name, ""))))


def diff_lines(before: str, after: str) -> list[Line]:
    """The lines of a unified diff with their surroundings."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    told = list(lines)[2:]  # the first two name the file
    return [Line(line[0], line if line[0] == "@" else line[1:]) for line in told]
