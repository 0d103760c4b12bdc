"""Tables without a description of their own: the types of columns, and samples, from their rows."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from datacatalog.problems import BrokenFile, Problem
from datacatalog.sources.base import MAX_NAME, SourceField, SourceObject
from datacatalog.specs import FieldType

ROWS = 10_000  # looked at for types; more change little
SAMPLES = 50
LONG = 255
MAX_COLUMNS = 2_000

_INTEGER = re.compile(r"[-+]?\d{1,18}")
_DECIMAL = re.compile(r"[-+]?[\d.,' ]*\d[.,]\d+|[-+]?\d+(?:\.\d+)?[eE][-+]?\d+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{4}")
_DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
_BOOLEANS = {"true", "false", "yes", "no", "ja", "nein", "oui", "non"}
_AMOUNT = re.compile(
    r"price|cost|amount|total|salary|betrag|preis|montant|prix|importe|precio|prezzo|gehalt|umsatz"
)


@dataclass
class _Seen:
    """What a column's values were, so far. The values leave with the reader."""

    kinds: set[str] = field(default_factory=set)
    samples: dict[str, None] = field(default_factory=dict)
    filled: int = 0
    longest: int = 0


def table(
    name: str,
    title: str,
    head: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    *,
    line: int = 1,
    path: str = "",
) -> SourceObject:
    """One dataset from its first row and the rows below.

    Raises:
        BrokenFile: names that are missing or given twice, or rows longer than the first.
    """
    names = _names(head, line, path)
    seen, count, problems = [_Seen() for _name in names], 0, []
    for number, row in enumerate(rows, line + 1):
        if count >= ROWS:
            break
        if len(row) > len(names) and any(_text(value) for value in row[len(names) :]):
            params = {"have": len(row), "wanted": len(names)}
            problems.append(Problem("long_row", number, path, params))
            if len(problems) >= 20:
                break
            continue
        if not any(_text(value) for value in row):
            continue
        count += 1
        for column, value in zip(seen, row, strict=False):
            _look(column, value)
    if problems:
        raise BrokenFile(problems)
    fields = [_field(name, column, count) for name, column in zip(names, seen, strict=True)]
    return SourceObject(name=name[:MAX_NAME], title=title[:MAX_NAME], fields=tuple(fields), line=line)


def _names(head: Sequence[Any], line: int, path: str) -> list[str]:
    names = [_text(value) for value in head]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise BrokenFile([Problem("no_columns", line, path)])
    if len(names) > MAX_COLUMNS:
        raise BrokenFile([Problem("too_many_columns", line, path, {"limit": MAX_COLUMNS})])
    if sum(map(_is_value, names)) * 2 >= len(names):
        raise BrokenFile([Problem("no_header", line, path)])
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for n, name in enumerate(names, 1):
        where = f"{path}[{n}]" if path else f"column {n}"
        if not name:
            problems.append(Problem("empty_name", line, where))
        elif name.casefold() in first:
            params = {"key": name, "first": first[name.casefold()]}
            problems.append(Problem("same_column", line, where, params))
        elif len(name) > MAX_NAME:
            problems.append(Problem("too_long", line, where, {"size": len(name), "limit": MAX_NAME}))
        first.setdefault(name.casefold(), n)
    if problems:
        raise BrokenFile(problems)
    return names


def _is_value(name: str) -> bool:
    """A number, a date or an address, which names of columns seldom are (years are, now and then)."""
    return "@" in name or any(kind.fullmatch(name) for kind in (_INTEGER, _DECIMAL, _DATE))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value).strip()


def _look(column: _Seen, value: Any) -> None:
    text = _text(value)
    if not text:
        return
    column.filled += 1
    column.longest = max(column.longest, len(text))
    column.kinds.add(_kind(text))
    if len(column.samples) < SAMPLES:
        column.samples.setdefault(text[:400])


def _kind(text: str) -> str:
    if text.casefold() in _BOOLEANS:
        return "boolean"
    if _INTEGER.fullmatch(text):
        return "text" if len(text) > 1 and text.lstrip("+-").startswith("0") else "integer"
    if _DATE.fullmatch(text):
        return "date"
    if _DATETIME.fullmatch(text):
        return "datetime"
    return "decimal" if _DECIMAL.fullmatch(text) else "text"


def _field(name: str, column: _Seen, rows: int) -> SourceField:
    kinds = column.kinds
    found = next(iter(kinds)) if len(kinds) == 1 else "decimal" if kinds == {"integer", "decimal"} else "text"
    if kinds == {"date", "datetime"}:
        found = "datetime"
    type_ = {
        "boolean": FieldType.BOOLEAN,
        "integer": FieldType.INTEGER,
        "date": FieldType.DATE,
        "datetime": FieldType.DATETIME,
    }.get(found, FieldType.LONG_TEXT if column.longest > LONG else FieldType.TEXT)
    if found == "decimal":
        type_ = FieldType.MONEY if _AMOUNT.search(name.lower()) else FieldType.TEXT
    return SourceField(
        name=name,
        label=name,
        type=type_,
        source_type=("string" if found == "text" else found) if column.filled else "",
        required=bool(rows) and column.filled == rows,
        examples=tuple(column.samples),
    )
