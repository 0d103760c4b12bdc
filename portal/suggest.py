"""`portal suggest`: try the suggestions on a file, and measure them where it says what is right.

The file is CSV, in one of two forms. A table of columns has a line a column: `name` (or column, header,
field), `samples` (or values, examples: a JSON list, else texts with | between them) and, where known,
`dataset`, `type`, `description`, and what is right: `label` (our code of the class) or `pii` (yes or no).
Any other file is taken as data, with a name at the top of each column. No database is needed.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datacatalog.specs import FieldType
from datacatalog.suggest import Signs, Suggestion, suggest

NAMES = ("name", "column", "header", "field")
SAMPLES = ("samples", "values", "examples")
PERSONAL = {"pii", "special", "health", "card"}
YES = {"1", "true", "yes", "y", "pii", "personal"}
ROWS = 50  # of a data file; more tell no more


@dataclass(frozen=True)
class Line:
    """One column, and what is right for it, if the file says."""

    signs: Signs
    label: str = ""
    pii: str = ""


def run(options: argparse.Namespace) -> int:
    """Print what is suggested for each column; the exit code is 0 unless the file cannot be read."""
    try:
        lines = list(read(options.file))
    except (OSError, ValueError, csv.Error) as error:
        sys.stderr.write(f"{options.file}: {error}\n")
        return 2
    found = [(line, suggest(line.signs)) for line in lines]
    if options.json:
        document = {"columns": [_row(line, item) for line, item in found], **_measures(found)}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    else:
        _print(found)
    return 0


def read(path: Path) -> Iterable[Line]:
    """The columns that a file holds or lists.

    Raises:
        ValueError: nothing at the top that could be names.
    """
    csv.field_size_limit(2**24)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, dialect=_dialect(file.read(65536), file))
        top = next(rows, [])
        if not any(cell.strip() for cell in top):
            raise ValueError("the first line has no names of columns")
        known = {cell.strip().lower(): n for n, cell in enumerate(top)}
        if any(name in known for name in NAMES) and any(name in known for name in SAMPLES):
            return [_listed(known, row) for row in rows if any(row)]
        data = [row for row, _n in zip(rows, range(ROWS), strict=False)]
    return [
        Line(Signs(name, examples=[row[n] for row in data if n < len(row)])) for n, name in enumerate(top)
    ]


def _dialect(start: str, file: Any) -> Any:
    file.seek(0)
    try:
        return csv.Sniffer().sniff(start.partition("\n")[0], delimiters=",;\t")
    except csv.Error:
        return csv.excel


def _listed(known: Mapping[str, int], row: list[str]) -> Line:
    def cell(*names: str) -> str:
        return next((row[known[n]].strip() for n in names if n in known and known[n] < len(row)), "")

    kind = cell("type").lower()
    return Line(
        Signs(
            name=cell(*NAMES),
            dataset=cell("dataset", "table"),
            type=FieldType(kind) if kind in set(FieldType) else FieldType.TEXT,
            description=cell("description"),
            examples=_samples(cell(*SAMPLES)),
        ),
        label=cell("label", "classification", "class").lower(),
        pii=cell("pii", "is_pii", "personal").lower(),
    )


def _samples(text: str) -> list[str]:
    if text.startswith("["):
        try:
            return ["" if value is None else str(value) for value in json.loads(text)]
        except ValueError:
            pass
    return [value.strip() for value in text.split("|")]


def _row(line: Line, item: Suggestion | None) -> dict[str, Any]:
    """For programs. The samples stay out of it."""
    return {
        "name": line.signs.name,
        "dataset": line.signs.dataset,
        "classification": item.classification if item else "",
        "personal": bool(item and item.classification in PERSONAL),
        "kind": item.kind if item else "",
        "confidence": item.confidence if item else 0.0,
        "reason": item.reason if item else "",
        "params": dict(item.params) if item else {},
    }


def _measures(found: list[tuple[Line, Suggestion | None]]) -> dict[str, Any]:
    """Precision and recall of personal or not, and of each class, as far as the file says what is right."""
    told = [(line, item) for line, item in found if line.pii or line.label]
    if not told:
        return {}
    hits = [(_is_personal(line), bool(item and item.classification in PERSONAL)) for line, item in told]
    made: dict[str, Any] = {"personal": _pair(hits)}
    labelled = [(line.label, item.classification if item else "") for line, item in told if line.label]
    for code in sorted({label for label, _found in labelled}):
        made[code] = _pair([(label == code, found == code) for label, found in labelled])
    return {"measured": made}


def _is_personal(line: Line) -> bool:
    return line.pii in YES if line.pii else line.label in PERSONAL


def _pair(hits: list[tuple[bool, bool]]) -> dict[str, float | int]:
    both = sum(right and said for right, said in hits)
    said = sum(said for _right, said in hits)
    right = sum(right for right, _said in hits)
    return {
        "precision": round(both / said, 4) if said else 1.0,
        "recall": round(both / right, 4) if right else 1.0,
        "columns": right,
    }


def _print(found: list[tuple[Line, Suggestion | None]]) -> None:
    width = max((len(line.signs.name) for line, _item in found), default=4)
    for line, item in found:
        row = _row(line, item)
        name, sure = f"{line.signs.name:<{width}}", f"{row['confidence']:.2f}"
        sys.stdout.write(f"{name}  {row['classification']:<12}  {sure}  {row['reason']}\n")
    for what, pair in _measures(found).get("measured", {}).items():
        sys.stdout.write(
            f"{what}: precision {pair['precision']:.3f}, recall {pair['recall']:.3f} of {pair['columns']}\n"
        )
