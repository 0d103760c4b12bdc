"""Business hours as windows in UTC. Pure functions: times in and out are aware and in UTC.

A window is made from wall-clock times of its own day, so that a day on which the clocks change has the
right length; adding hours to an aware local time would not (24 h across a change are 23 or 25).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

MONDAY_TO_FRIDAY = frozenset(range(5))
FURTHEST_DAYS = 3660  # a calendar without any working day is a mistake, not an endless loop


@dataclass(frozen=True)
class Calendar:
    """When a reviewer works. `country` is "DE" or "DE-BY"; empty: no holidays."""

    zone: str = "UTC"
    country: str = ""
    opens: time = time(9)
    closes: time = time(17)
    days: frozenset[int] = MONDAY_TO_FRIDAY

    def windows(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working windows in UTC that end after `since`, in order; the first may have begun before."""
        zone = _zone(self.zone)
        first = since.astimezone(zone).date() - timedelta(days=1)
        for n in range(FURTHEST_DAYS):
            day = first + timedelta(days=n)
            if day.weekday() not in self.days or _is_holiday(self.country, day):
                continue
            start, end = (datetime.combine(day, at, zone).astimezone(UTC) for at in (self.opens, self.closes))
            if end > since:
                yield start, end

    def add(self, start: datetime, work: timedelta) -> datetime:
        """The moment at which `work` of business time has passed since `start`.

        Raises:
            ValueError: the calendar has no working time within ten years.
        """
        left = work
        for opens, closes in self.windows(start):
            begin = max(opens, start)
            if begin + left <= closes:
                return (begin + left).astimezone(UTC)
            left -= closes - begin
        raise ValueError("this calendar has no working time")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Business time from `start` to `end`; zero when `end` is not after `start`."""
        total = timedelta()
        for opens, closes in self.windows(start):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, start), timedelta())
        return total


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")  # the directory sent a name that no database knows


def _is_holiday(country: str, day: date) -> bool:
    return bool(country) and day in _holidays(country)


@lru_cache(maxsize=64)
def _holidays(country: str) -> holidays.HolidayBase:
    code, _, part = country.partition("-")
    return holidays.country_holidays(code, subdiv=part or None)
