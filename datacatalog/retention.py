"""When values have to go: in days from when their record was made (D6, docs/adr/0091). Pure Python."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Stage:
    """After `days` the values of `fields` go; where none is named, what is left of the record does."""

    days: int
    fields: tuple[str, ...] = ()

    def cutoff(self, now: datetime) -> datetime:
        """Records made before it are due."""
        return now - timedelta(days=self.days)


def stages(kept: Mapping[str, int | None]) -> list[Stage]:
    """What goes when, the soonest first, of fields by id with the days that each is kept (None: for good).

    Where every field has an end, the record goes with the last of them.
    """
    by_days: dict[int, list[str]] = defaultdict(list)
    for field, days in kept.items():
        if days is not None:
            by_days[days].append(field)
    found = [Stage(days, tuple(sorted(fields))) for days, fields in sorted(by_days.items())]
    if found and None not in kept.values():
        found[-1] = Stage(found[-1].days)
    return found


def is_over(days: int | None, made_at: datetime, now: datetime) -> bool:
    """Whether a value of a record made at `made_at` may not be kept, nor entered, any more."""
    return days is not None and made_at < now - timedelta(days=days)
