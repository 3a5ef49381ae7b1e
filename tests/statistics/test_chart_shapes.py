"""The geometry of charts: nothing leaves the drawing, and heights tell the truth."""

from hypothesis import given
from hypothesis import strategies as st

from views.admin.chart_shapes import (
    BOTTOM,
    HEIGHT,
    LEFT,
    TOP,
    WIDTH,
    Series,
    column_chart,
    make_scale,
    row_chart,
)

VALUES = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=31)


@given(VALUES)
def test_an_axis_holds_zero_and_every_value_with_few_marks(values: list[int]) -> None:
    scale = make_scale(values)

    assert scale.low <= min([0, *values])
    assert scale.high >= max([0, *values])
    assert "0" in [mark.words for mark in scale.marks(str)]
    assert 2 <= len(scale.marks(str)) <= 8


@given(VALUES)
def test_bars_and_curves_stay_inside(values: list[int]) -> None:
    labels = [str(place) for place in range(len(values))]

    chart = column_chart(labels, [Series("a", values), Series("b", values)], str, Series("c", values))

    for bar in chart.bars:
        assert bar.x >= LEFT
        assert bar.x + bar.width <= WIDTH
        assert bar.y >= TOP - 0.1
        assert bar.y + bar.height <= HEIGHT - BOTTOM + 1.1
    assert len(chart.dots) == len(values)
    assert all(LEFT <= dot.x <= WIDTH for dot in chart.dots)


def test_a_bar_twice_as_high_is_twice_the_value() -> None:
    low, high = column_chart(["a", "b"], [Series("x", [10, 20])], str).bars

    assert abs(high.height - 2 * low.height) < 0.3
    assert (low.words, low.tone) == ("a, x : 10", 1)


def test_nothing_to_show_draws_nothing() -> None:
    assert column_chart([], [Series("x", [])], str).bars == ()
    assert column_chart(["a"], [Series("x", [0])], str).bars == ()
    assert row_chart([], 100).bars == ()


def test_a_row_is_as_long_as_its_part_and_never_longer() -> None:
    half, full, more = row_chart([("a", 50, "50 %"), ("b", 100, "100 %"), ("c", 130, "130 %")], 100).bars

    assert half.width * 2 == full.width == more.width
