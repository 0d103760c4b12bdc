"""What `portal check` reports: one finding a place."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catalog.manifest import Place, Problem
from policy.credentials import looks_like_credential

FORMAT = "manifest"  # codes of problems of form: manifest.<code>
HIDDEN = "…"


class Level(StrEnum):
    """What a finding means for the exit code: an error denies, a warning is for the reviewer to see."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `rule` is a policy rule's code or manifest.<code>, `case` what the rule found.

    `line` and `column` count from 1, in characters. Texts hold nothing that a terminal or log would obey.
    """

    file: str
    line: int
    column: int
    rule: str
    case: str
    level: Level
    message: str
    remedy: str = ""
    where: str = ""

    @property
    def code(self) -> str:
        """Rule and case as one word, in the form of SARIF's hierarchical ids (2.1.0, section 3.5.4)."""
        return f"{self.rule}/{self.case}" if self.case else self.rule

    @property
    def place(self) -> str:
        """path:line:column, which editors and terminals open."""
        return f"{plain(self.file)}:{self.line}:{self.column}"

    @property
    def said(self) -> str:
        """The message with the part of the manifest that it is about."""
        return f"{self.message} [{self.where}]" if self.where else self.message


def of_problem(file: str, problem: Problem, place: Place | None = None) -> Finding:
    """A problem of form. What looks like a credential is not repeated: logs of CI are read by many."""
    line, column = place or (problem.line, problem.column)
    shown = Problem(problem.code, problem.path, params=_unquoted(problem))
    return Finding(
        file=file,
        line=line or 1,
        column=column or 1,
        rule=f"{FORMAT}.{problem.code}",
        case="",
        level=Level.ERROR,
        message=plain(shown.message),
        where=plain("" if _is_secret(shown.where) else shown.where),
    )


def plain(text: str) -> str:
    """`text` on one line, without characters that steer a terminal or a log."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _unquoted(problem: Problem) -> Mapping[str, Any]:
    member = str(problem.path[-1]) if problem.path else ""
    return {name: HIDDEN if _is_secret(value, member) else value for name, value in problem.params.items()}


def _is_secret(value: object, member: str = "") -> bool:
    return isinstance(value, str) and looks_like_credential(value, member)
