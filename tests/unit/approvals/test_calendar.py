"""Business hours, by hand-counted examples: changes of the clock, leap day, holidays, time zones."""

from datetime import UTC, datetime, time, timedelta

import pytest

from approvals.calendar import Calendar

BERLIN = Calendar("Europe/Berlin", "DE")
HOURS = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "end"),
    [
        (Calendar(), "2026-03-02T10:00", 4, "2026-03-02T14:00"),
        (Calendar(), "2026-03-02T10:00", 7, "2026-03-02T17:00"),  # to the minute of closing
        (Calendar(), "2026-03-02T16:00", 8, "2026-03-03T16:00"),
        (Calendar(), "2026-03-06T16:00", 8, "2026-03-09T16:00"),  # over a weekend
        (Calendar(), "2026-03-07T12:00", 1, "2026-03-09T10:00"),  # asked on a Saturday
        (Calendar(), "2026-03-02T03:00", 1, "2026-03-02T10:00"),  # asked in the night
        (BERLIN, "2026-03-27T15:00", 8, "2026-03-30T14:00"),  # summer time begins on the 29th
        (BERLIN, "2026-10-23T14:00", 8, "2026-10-26T15:00"),  # and ends on October 25th
        (Calendar(), "2028-02-28T16:00", 8, "2028-02-29T16:00"),  # leap day
        (BERLIN, "2026-04-30T14:00", 8, "2026-05-04T14:00"),  # May 1st is a holiday, then a weekend
        (Calendar("Europe/Berlin", "DE-BY"), "2026-06-03T14:00", 8, "2026-06-05T14:00"),  # Corpus Christi
        (Calendar("America/New_York"), "2026-03-02T10:00", 1, "2026-03-02T15:00"),
        (Calendar("Asia/Kolkata"), "2026-03-02T00:00", 1, "2026-03-02T04:30"),
        (Calendar("No/Where"), "2026-03-02T10:00", 1, "2026-03-02T11:00"),  # unknown zone: UTC
    ],
)
def test_deadlines(calendar: Calendar, start: str, hours: int, end: str) -> None:
    due = calendar.add(at(start), hours * HOURS)
    assert due == at(end)
    assert due.utcoffset() == timedelta(0)
    assert calendar.between(at(start), due) == hours * HOURS


def test_a_night_shift_over_the_hour_that_comes_twice() -> None:
    night = Calendar("Europe/Berlin", opens=time(1), closes=time(5), days=frozenset({6}))
    assert night.between(at("2026-10-24T00:00"), at("2026-10-26T00:00")) == 5 * HOURS
    assert night.between(at("2026-03-28T00:00"), at("2026-03-30T00:00")) == 3 * HOURS


def test_time_does_not_run_backwards() -> None:
    assert Calendar().between(at("2026-03-03T12:00"), at("2026-03-02T12:00")) == timedelta(0)


def test_a_calendar_without_work_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no working time"):
        Calendar(days=frozenset()).add(at("2026-03-02T12:00"), HOURS)
