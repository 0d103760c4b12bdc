"""Suggestions on the labelled columns: precision and recall per class; rules were tuned on six locales alone.

`python -m bench suggest` writes the figures; docs/reference/suggestions.md is made of them.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bench.columns import HELD_OUT, TUNED, Labelled, columns
from bench.harness import Row
from datacatalog.suggest import Signs, suggest

RECALL, PRECISION = 0.95, 0.75
PERSONAL = {"pii", "special", "health", "card"}


@dataclass(frozen=True)
class Answer:
    """A column and the class that was suggested for it."""

    column: Labelled
    found: str


def run() -> list[Row]:
    """Six locales that the rules were tuned on, and six that they were not."""
    rows = []
    for title, locales in (("tuned", TUNED), ("held out", HELD_OUT)):
        labelled = list(columns(locales=locales))
        began = time.perf_counter()
        answers = answer(labelled)
        seconds = time.perf_counter() - began
        rows += figures(title, answers, goal=title == "held out")
        rows.append(Row(f"{title}: columns a second", len(answers) / seconds, "/s"))
    return rows


def answer(labelled: Iterable[Labelled]) -> list[Answer]:
    """What is suggested for each column."""
    made = []
    for column in labelled:
        found = suggest(Signs(column.name, column.dataset, examples=column.samples))
        made.append(Answer(column, found.classification if found else ""))
    return made


def figures(title: str, answers: list[Answer], *, goal: bool) -> list[Row]:
    """Yes/no for personal data, then each class."""
    rows = [Row(f"{title}: columns", len(answers), "columns")]
    hits = [(one.column.personal, one.found in PERSONAL) for one in answers]
    rows += _pair(title, "PII yes/no", hits, goal=goal)
    for code in sorted({one.column.classification for one in answers}):
        hits = [(one.column.classification == code, one.found == code) for one in answers]
        rows += _pair(title, code, hits, goal=False)
    return rows


def _pair(title: str, what: str, hits: list[tuple[bool, bool]], *, goal: bool) -> list[Row]:
    both = sum(is_it and said for is_it, said in hits)
    precision = both / max(1, sum(said for _is, said in hits))
    recall = both / max(1, sum(is_it for is_it, _said in hits))
    asked: Mapping[bool, tuple[str, str]] = {True: (f"≥ {PRECISION}", f"≥ {RECALL}"), False: ("", "")}
    first, second = asked[goal]
    return [
        Row(
            f"{title}: {what}, precision",
            round(precision, 4),
            "",
            goal=first,
            ok=precision >= PRECISION if goal else None,
        ),
        Row(
            f"{title}: {what}, recall",
            round(recall, 4),
            "",
            goal=second,
            ok=recall >= RECALL if goal else None,
        ),
    ]
