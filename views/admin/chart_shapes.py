"""Charts as shapes: where each bar, line and word of an SVG stands. Pure; templates/components/charts.html draws them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 280
LEFT, RIGHT, TOP, BOTTOM = 84, 8, 12, 34
# How much of a column's slot its bars fill, and how many marks the axis has at least.
FILLED, MARKS = 0.72, 4
# What is less than this part of a step below zero needs no mark.
LITTLE = 4
# A chart of rows: the height of one with its name above its bar, the bar's own, and the part of the width of a full one.
ROW, ROW_BAR, ROW_FULL = 42, 14, 84
# Words under the columns: as many as fit without touching.
WORD_WIDTH = 52

Writer = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Series:
    """Values under one name, one for each label."""

    name: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its place, the number of its series (from 1), and what it says under the pointer."""

    x: float
    y: float
    width: float
    height: float
    tone: int
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside an axis, at a height or a distance."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve, and what it says under the pointer."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing; ``line`` are the points of its curve, as SVG writes them."""

    width: int
    height: int
    left: float
    bars: tuple[Bar, ...]
    heights: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    legend: tuple[tuple[int, str], ...] = ()
    line: str = ""
    line_name: str = ""
    dots: tuple[Dot, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to heights."""

    low: int
    high: int
    step: int

    def height(self, value: int) -> float:
        """Return where a value stands, from the top."""
        span = self.high - self.low
        return round(TOP + (self.high - value) * (HEIGHT - TOP - BOTTOM) / span, 1)

    def marks(self, written: Writer) -> tuple[Mark, ...]:
        """Return the axis's words, from the lowest value to the highest."""
        lowest = -(-self.low // self.step) * self.step
        return tuple(
            Mark(self.height(value), written(value)) for value in range(lowest, self.high + 1, self.step)
        )


def make_scale(values: Sequence[int]) -> Scale:
    """Return an axis that holds zero and all values, with marks at 1, 2 or 5 times a power of ten.

    A little below zero (a day whose only movement is a refund) gets a little room, not a whole step.
    """
    low, high = min([0, *values]), max([1, *values])
    step = _round_step((high - low) / MARKS)
    is_little = -low * LITTLE <= step
    return Scale(low=low if is_little else low // step * step, high=-(-high // step) * step, step=step)


def _round_step(least: float) -> int:
    """Return the smallest 1, 2 or 5 times a power of ten that is not below ``least``."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= least:
                return factor * power
        power *= 10


def column_chart(
    labels: Sequence[str], columns: Sequence[Series], written: Writer, line: Series | None = None
) -> Chart:
    """Return columns side by side under each label, and a curve over them if one is given."""
    scale = make_scale([value for one in (*columns, *([line] if line else [])) for value in one.values])
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(labels))
    thickness = slot * FILLED / len(columns)
    bars = [
        _column(scale, LEFT + slot * (place + (1 - FILLED) / 2) + thickness * number, thickness, value)
        + (number + 1, f"{labels[place]}, {one.name} : {written(value)}")
        for number, one in enumerate(columns)
        for place, value in enumerate(one.values)
        if value
    ]
    middles = [round(LEFT + slot * (place + 0.5), 1) for place in range(len(labels))]
    every = max(1, -(-WORD_WIDTH // max(1, int(slot))))
    dots = [
        Dot(middle, scale.height(value), f"{words}, {one.name} : {written(value)}")
        for one in ([line] if line else [])
        for middle, words, value in zip(middles, labels, one.values, strict=True)
    ]
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        bars=tuple(Bar(*bar) for bar in bars),
        heights=scale.marks(written),
        labels=tuple(
            Mark(middle, words)
            for place, (middle, words) in enumerate(zip(middles, labels, strict=True))
            if place % every == 0
        ),
        legend=tuple((number, one.name) for number, one in enumerate(columns, start=1)),
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        line_name=line.name if line else "",
        dots=tuple(dots),
    )


def _column(scale: Scale, x: float, thickness: float, value: int) -> tuple[float, float, float, float]:
    """Return the rectangle between zero and a value."""
    top, bottom = sorted((scale.height(value), scale.height(0)))
    return round(x, 1), top, round(thickness, 1), round(max(1.0, bottom - top), 1)


def row_chart(rows: Sequence[tuple[str, int, str]], full: int) -> Chart:
    """Return one bar a row: its label above it, its value, and what is written at its end.

    Widths are in hundredths of the drawing's, whatever that is: on a telephone the words keep their size.

    Args:
        full: the value whose bar takes all the room that the words at its end leave.
    """
    bars = [
        Bar(
            0,
            place * ROW + (ROW - ROW_BAR) - 4,
            round(max(0.3, ROW_FULL * min(value, full) / full), 2),
            ROW_BAR,
            1,
            words,
        )
        for place, (_, value, words) in enumerate(rows)
    ]
    return Chart(
        width=100,
        height=max(ROW, ROW * len(rows)),
        left=0,
        bars=tuple(bars),
        heights=tuple(
            Mark(place * ROW + ROW - ROW_BAR - 14, label) for place, (label, _, _) in enumerate(rows)
        ),
        labels=(),
    )
