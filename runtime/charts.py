"""Charts as geometry: numbers in, coordinates out; templates/_components/chart.html draws them.

Pure Python. Units are those of the drawing's viewBox (about a pixel at full width). Values must be
zero or more; the axis starts at zero, so that a bar's length is its value.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WIDTH = 1100
HEIGHT = 320
LEFT = 64
RIGHT = WIDTH - 16
TOP = 24
BOTTOM = HEIGHT - 40
TICKS = 4
MOST_SERIES = 4  # what the design system can tell apart by colour and dash
MOST_LABELS = 14  # more would touch each other


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line and its number."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    """A name under the horizontal axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """One value: (x, y) its top centre; left, width and height for a bar."""

    x: float
    y: float
    left: float
    width: float
    height: float
    value: str
    title: str

    @property
    def middle(self) -> float:
        """The centre of the bar, which several series move off `x`."""
        return round(self.left + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one name; `number` (1 to 4) picks its colour and dash."""

    number: int
    label: str
    points: tuple[Point, ...]

    @property
    def path(self) -> str:
        """The points as an SVG polyline wants them."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table that says the same in numbers."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template needs, nothing left to compute."""

    kind: Literal["bar", "line"]
    title: str
    note: str
    axis: str
    summary: str
    series: tuple[Series, ...]
    labels: tuple[Label, ...]
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    mark: Tick | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT


def draw(
    kind: Literal["bar", "line"],
    *,
    title: str,
    axis: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    summary: str,
    note: str = "",
    mark: tuple[float, str] | None = None,
) -> Chart:
    """The chart of one to four `series` (name, one value a label) over `labels`.

    `axis` names what the labels are; `summary` says in a sentence what the picture shows, for who
    cannot see it; `mark` is a limit to draw as a dotted line: (value, name).
    Raises ValueError for no or too many series, a wrong number of values, or a negative value.
    """
    _check(labels, series)
    highest = max((value for _name, values in series for value in values), default=0)
    top = _round_up(max(highest, mark[0] if mark else 0))
    return Chart(
        kind=kind,
        title=title,
        note=note,
        axis=axis,
        summary=summary,
        series=tuple(
            Series(number, name, _points(values, labels, name, top, number, len(series)))
            for number, (name, values) in enumerate(series, start=1)
        ),
        labels=_thinned(labels),
        ticks=tuple(
            Tick(_y(top * step / TICKS, top), number_text(top * step / TICKS)) for step in range(TICKS + 1)
        ),
        rows=tuple(
            Row(label, tuple(number_text(values[index]) for _name, values in series))
            for index, label in enumerate(labels)
        ),
        mark=Tick(_y(mark[0], top), mark[1]) if mark else None,
    )


def number_text(value: float) -> str:
    """A number without a tail of zeros: 3, 2.5, 1250."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _check(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]]) -> None:
    if not 1 <= len(series) <= MOST_SERIES:
        raise ValueError(f"a chart shows 1 to {MOST_SERIES} series, not {len(series)}")
    for name, values in series:
        if len(values) != len(labels):
            raise ValueError(f"{name}: {len(values)} values for {len(labels)} labels")
        if any(value < 0 or not math.isfinite(value) for value in values):
            raise ValueError(f"{name}: a value is negative or not a number")


def _round_up(value: float) -> float:
    """The first of 1, 2, 4, 6, 8 times a power of ten that is not below `value` (4 for zero)."""
    if value <= 0:
        return float(TICKS)
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value)


def _slot(labels: Sequence[str]) -> float:
    return (RIGHT - LEFT) / max(len(labels), 1)


def _centre(index: int, labels: Sequence[str]) -> float:
    return round(LEFT + _slot(labels) * (index + 0.5), 1)


def _y(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _points(
    values: Sequence[float], labels: Sequence[str], name: str, top: float, number: int, of: int
) -> tuple[Point, ...]:
    """Bars of several series stand side by side inside their label's slot, at most 72 wide."""
    width = min(_slot(labels) * 0.64 / of, 72.0)
    shift = (number - (of + 1) / 2) * width
    points = []
    for index, value in enumerate(values):
        x, y = _centre(index, labels), _y(value, top)
        text = number_text(value)
        points.append(
            Point(
                x=x,
                y=y,
                left=round(x + shift - width / 2, 1),
                width=round(width, 1),
                height=round(BOTTOM - y, 1),
                value=text,
                title=f"{labels[index]} · {name}: {text}",
            )
        )
    return tuple(points)


def _thinned(labels: Sequence[str]) -> tuple[Label, ...]:
    every = max(1, math.ceil(len(labels) / MOST_LABELS))
    return tuple(
        Label(_centre(index, labels), text) for index, text in enumerate(labels) if index % every == 0
    )
