"""Rows of figures, and a way to measure two sides fairly on a machine whose speed drifts."""

import json
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` is value ÷ baseline; `ok` tells whether the goal is reached (None: no goal)."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    goal: str = ""
    ok: bool | None = None


def compare(
    name: str, value: float, baseline: float, unit: str, *, at_least: float = 0, at_most: float = 0
) -> Row:
    """A row whose goal is on the ratio of both sides."""
    ratio = value / baseline
    if at_least:
        return Row(name, value, unit, baseline, ratio, f"ratio ≥ {at_least}", ratio >= at_least)
    if at_most:
        return Row(name, value, unit, baseline, ratio, f"ratio ≤ {at_most}", ratio <= at_most)
    return Row(name, value, unit, baseline, ratio)


def interleave(sides: Mapping[str, Callable[[], float]], *, rounds: int = 7) -> dict[str, float]:
    """Measure each side in turn, `rounds` times after one warm-up; the median of each.

    Each second round runs the sides in reverse, so that drift falls on all of them alike.
    """
    for side in sides.values():
        side()
    seen: dict[str, list[float]] = {name: [] for name in sides}
    for n in range(rounds):
        for name in list(sides) if n % 2 == 0 else list(reversed(sides)):
            seen[name].append(sides[name]())
    return {name: statistics.median(values) for name, values in seen.items()}


def rate(work: Callable[[], None], *, times: int) -> Callable[[], float]:
    """How often `work` gets done in a second, over `times` repetitions."""

    def measure() -> float:
        start = time.perf_counter()
        for _ in range(times):
            work()
        return times / (time.perf_counter() - start)

    return measure


def write(name: str, rows: list[Row]) -> None:
    """Keep the rows in bench/results/<name>.json and print them as a table."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(f"\n{name}\n" + table(rows))


def table(rows: list[Row]) -> str:
    """The rows for a terminal."""
    head = ("", "value", "unit", "baseline", "ratio", "goal", "")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n in {0, 2, 5} else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    number = "{:,.2f}".format
    return (
        row.name,
        number(row.value),
        row.unit,
        number(row.baseline) if row.baseline is not None else "",
        number(row.ratio) if row.ratio is not None else "",
        row.goal,
        {True: "ok", False: "MISSED", None: ""}[row.ok],
    )
