"""What is wrong with a manifest, where, in plain words.

The words stand here in English, marked for translation; this package knows no Django, so the portal
translates them (catalog/words.py) and the command line prints them as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple


def gettext_noop(message: str) -> str:
    """Marks a message for translation and leaves it alone."""
    return message


MESSAGES = {
    "too_large": gettext_noop("The file has %(size)s bytes; %(limit)s are taken at most."),
    "not_text": gettext_noop("The file is not UTF-8 text."),
    "syntax": gettext_noop("This is neither YAML nor JSON: %(problem)s."),
    "alias": gettext_noop("Anchors and aliases (& and *) are not taken: write the value out."),
    "tag": gettext_noop("The YAML tag %(tag)s is not taken."),
    "too_deep": gettext_noop("The file nests deeper than %(limit)s levels."),
    "too_many": gettext_noop("The file has more than %(limit)s values."),
    "several": gettext_noop("The file holds more than one document."),
    "duplicate_key": gettext_noop("“%(name)s” is given twice in the same place."),
    "key_type": gettext_noop("A name is expected here, not a list or a mapping."),
    "required": gettext_noop("“%(name)s” is missing."),
    "unknown": gettext_noop("“%(name)s” is not known here."),
    "type": gettext_noop("This must be %(expected)s."),
    "choice": gettext_noop("“%(value)s” is not one of: %(allowed)s."),
    "pattern": gettext_noop("“%(value)s” is not a valid name here: %(rule)s."),
    "too_short": gettext_noop("This must not be empty."),
    "too_long": gettext_noop("This is too long: %(limit)s characters at most."),
    "too_few_items": gettext_noop("At least %(limit)s must be given."),
    "too_many_items": gettext_noop("At most %(limit)s may be given."),
    "minimum": gettext_noop("This must be %(limit)s or more."),
    "maximum": gettext_noop("This must be %(limit)s or less."),
    "control_character": gettext_noop("Control characters are not taken in text."),
    "sso_only": gettext_noop("People come in through the company's sign-in only: provider must be “sso”."),
    "twice": gettext_noop("“%(name)s” is used twice; each must be different."),
    "no_dataset": gettext_noop("There is no dataset “%(name)s”."),
    "no_field": gettext_noop("There is no field “%(name)s” in the dataset “%(dataset)s”."),
    "no_operation": gettext_noop("The connector does not name the operation “%(name)s”."),
    "no_role": gettext_noop("There is no role “%(name)s”."),
    "group_without_access": gettext_noop("The group “%(name)s” is not among the groups that may come in."),
    "options_missing": gettext_noop("A choice needs at least two options."),
    "options_unused": gettext_noop("Only a choice has options."),
    "charts_misplaced": gettext_noop("Only a dashboard has charts."),
    "template_untagged": gettext_noop("This field lacks tags (%(missing)s); a template's fields have them."),
    "template_unlocked": gettext_noop("A template's identity and connectors must be locked."),
    "template_readme": gettext_noop("README.md is missing beside the template."),
    "value": gettext_noop("This value is not accepted."),
}


class Place(NamedTuple):
    """Where something stands in a text: line and column count from 1, 0 if unknown."""

    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `path` leads to it from the top; `line` and `column` as in Place."""

    code: str
    path: tuple[str | int, ...] = ()
    line: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)
    column: int = 0

    @classmethod
    def at(
        cls,
        place: Place,
        code: str,
        path: tuple[str | int, ...] = (),
        params: Mapping[str, Any] = MappingProxyType({}),
    ) -> "Problem":
        """A problem that stands at `place`."""
        return cls(code, path, place.line, params, place.column)

    @property
    def where(self) -> str:
        """The path as people write it: datasets[0].fields[2].name"""
        text = ""
        for step in self.path:
            text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
        return text

    @property
    def message(self) -> str:
        """The problem in plain English."""
        return MESSAGES[self.code] % self.params

    def __str__(self) -> str:
        place = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.where) if part)
        return f"{place}: {self.message}" if place else self.message


class ManifestError(ValueError):
    """A manifest that cannot be used; `problems` tells all that was found, in order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
