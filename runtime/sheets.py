"""Records as they may be seen: what the gateway hands out."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from datacatalog.masking import Method
from policy.decision import Decision
from runtime.live import LiveField
from runtime.mask_words import CELLS
from runtime.values import shown

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as it may be seen."""

    field: LiveField
    text: str
    masked: bool
    mask: str = ""  # by which method

    @property
    def mask_word(self) -> Promise:
        """The same in words."""
        return CELLS.get(self.mask, CELLS[Method.HIDE.value])


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a list."""

    id: uuid.UUID
    created_at: dt.datetime
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Listing:
    """A page of records."""

    lines: tuple[Line, ...]
    count: int
    capped: bool
    page: int
    decision: Decision
    unsearched: tuple[LiveField, ...] = ()  # what a search of this person tells nothing of


@dataclass(frozen=True)
class Sheet:
    """One record."""

    id: uuid.UUID
    created_at: dt.datetime
    updated_at: dt.datetime
    mine: bool
    cells: tuple[Cell, ...]
    plain: Mapping[str, Any]  # values of fields that are not protected, to fill a form
    kept: Mapping[str, str]  # masked texts of protected fields that are filled


def lines_of(
    rows: Sequence[Row],
    fields: Sequence[LiveField],
    columns: Mapping[str, Sequence[Any]],
    masked: Mapping[str, Any],
) -> tuple[Line, ...]:
    """The lines of a list from its columns; what is in `masked` is text already."""
    texts = []
    for item in fields:
        column = columns[item.id]
        if item.id in masked:
            texts.append(
                [Cell(item, value or "", value is not None, str(masked[item.id])) for value in column]
            )
        else:
            kind = item.type
            texts.append([Cell(item, shown(kind, value), False) for value in column])
    by_row = zip(*texts, strict=True) if texts else (() for _row in rows)
    return tuple(Line(row["id"], row["created_at"], cells) for row, cells in zip(rows, by_row, strict=True))
