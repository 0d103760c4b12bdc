"""Small groups cannot be read from a chart, nor worked out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.dashboards import guarded

FLOOR = 5


@pytest.mark.parametrize(
    ("counts", "left"),
    [
        ([10, 20], [10, 20]),
        ([10, 3, 3], [10, 6]),
        ([20, 10, 1], [20, 11]),
        ([4], []),
        ([], []),
        ([10, 0], [10, 0]),
    ],
)
def test_small_groups_are_put_together(counts: list[int], left: list[int]) -> None:
    groups = [(str(n), count) for n, count in enumerate(counts)]
    assert [count for _name, count in guarded(groups, FLOOR)] == left


@given(st.lists(st.integers(0, 30), max_size=12))
def test_no_number_left_is_small_and_none_is_lost(counts: list[int]) -> None:
    left = guarded([(str(n), count) for n, count in enumerate(counts)], FLOOR)
    assert all(count == 0 or count >= FLOOR for _name, count in left)
    assert sum(count for _name, count in left) in {sum(counts), 0}


def test_a_floor_of_one_hides_nothing() -> None:
    assert guarded([("a", 1), ("b", 0)], 1) == [("a", 1), ("b", 0)]
