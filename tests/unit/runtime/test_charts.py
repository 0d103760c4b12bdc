"""Charts: geometry that says the same as the numbers."""

import pytest

from runtime import charts


def _bars(values: list[float], **more: object) -> charts.Chart:
    labels = [f"l{index}" for index in range(len(values))]
    series = [("Leads", values)]
    return charts.draw("bar", title="t", axis="a", labels=labels, series=series, summary="s", **more)  # type: ignore[arg-type]


def test_a_bar_is_as_long_as_its_value() -> None:
    chart = _bars([10, 5, 0])
    ten, five, none = chart.series[0].points
    assert ten.height == pytest.approx(2 * five.height, abs=0.2)
    assert none.height == 0
    assert {point.y + point.height for point in (ten, five, none)} == {charts.BOTTOM}


def test_the_axis_ends_on_a_round_number_that_nothing_passes() -> None:
    assert [tick.label for tick in _bars([148, 96]).ticks] == ["0", "50", "100", "150", "200"]
    assert _bars([3]).ticks[-1].label == "4"
    assert _bars([0]).ticks[-1].label == "4"
    assert _bars([0.7]).ticks[-1].label == "0.8"
    assert all(point.y >= charts.TOP for point in _bars([7, 10, 9.99]).series[0].points)


def test_a_limit_above_all_values_is_still_in_the_drawing() -> None:
    chart = _bars([3], mark=(24, "24 h"))
    assert chart.mark is not None
    assert charts.TOP <= chart.mark.y < chart.series[0].points[0].y
    assert chart.mark.label == "24 h"


def test_bars_of_two_series_stand_side_by_side_within_their_place() -> None:
    chart = charts.draw(
        "bar", title="t", axis="a", labels=["x", "y"], series=[("a", [1, 2]), ("b", [2, 1])], summary="s"
    )
    first, second = (series.points[0] for series in chart.series)
    assert first.left + first.width == pytest.approx(second.left, abs=0.2)
    assert first.middle < first.x < second.middle


def test_the_table_holds_every_number_and_the_axis_only_what_fits() -> None:
    chart = _bars([float(value) for value in range(40)])
    assert [row.values for row in chart.rows] == [(str(value),) for value in range(40)]
    assert len(chart.labels) <= charts.MOST_LABELS


@pytest.mark.parametrize("values", [[-1.0], [float("nan")], [float("inf")]])
def test_what_cannot_be_drawn_is_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="negative or not a number"):
        _bars(values)


def test_a_series_without_a_value_for_each_label_is_refused() -> None:
    with pytest.raises(ValueError, match="1 values for 2 labels"):
        charts.draw("line", title="t", axis="a", labels=["x", "y"], series=[("a", [1])], summary="s")
    with pytest.raises(ValueError, match="1 to 4 series"):
        charts.draw("line", title="t", axis="a", labels=["x"], series=[], summary="s")
