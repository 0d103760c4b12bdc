"""What goes when."""

from datetime import UTC, datetime, timedelta

import pytest

from datacatalog.retention import Stage, is_over, stages

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({}, []),
        ({"f_a": None}, []),
        ({"f_a": 30, "f_b": None}, [Stage(30, ("f_a",))]),
        ({"f_a": 30, "f_b": 30}, [Stage(30)]),
        ({"f_a": 90, "f_b": 30}, [Stage(30, ("f_b",)), Stage(90)]),
        ({"f_b": 90, "f_a": 90, "f_c": 30, "f_d": None}, [Stage(30, ("f_c",)), Stage(90, ("f_a", "f_b"))]),
        ({"f_a": 0}, [Stage(0)]),
    ],
    ids=["nothing", "for-good", "one-ends", "all-end-together", "all-end", "some-end", "at-once"],
)
def test_the_soonest_first_the_record_last(kept: dict[str, int | None], expected: object) -> None:
    assert stages(kept) == expected


def test_days_are_whole_and_counted_from_the_making() -> None:
    assert not is_over(30, NOW - timedelta(days=30), NOW)
    assert is_over(30, NOW - timedelta(days=30, microseconds=1), NOW)
    assert not is_over(None, NOW - timedelta(days=9999), NOW)
    assert Stage(30).cutoff(NOW) == NOW - timedelta(days=30)
