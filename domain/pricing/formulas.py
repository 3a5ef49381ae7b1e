"""Which formula a child attended, when nobody booked one. Pure."""

from collections.abc import Sequence
from datetime import time
from typing import Protocol, TypeVar

from domain.dates import minutes_of


class Attended(Protocol):
    """A way to attend, as far as the hours of a stay tell."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def starts_at(self) -> time: ...  # noqa: D102
    @property
    def ends_at(self) -> time: ...  # noqa: D102
    @property
    def minutes(self) -> int: ...  # noqa: D102
    @property
    def is_for_unreserved(self) -> bool: ...  # noqa: D102


Formula = TypeVar("Formula", bound=Attended)


def formula_attended(
    formulas: Sequence[Formula], arrived_at: time | None, left_at: time | None
) -> Formula | None:
    """Return the formula of a presence that was not booked; None when the activity has none.

    The hours noted at the roll-call decide: the shortest formula among those that hold most of the stay. When they
    were not both noted, staff's own choice does (``is_for_unreserved``), and failing that the shortest formula: a
    family is not billed for more than is known.

    Args:
        arrived_at: wall-clock hour in Paris.
    """
    if not formulas:
        return None
    ordered = sorted(formulas, key=lambda one: (one.minutes, not one.is_for_unreserved, one.id))
    if arrived_at is None or left_at is None:
        return next((one for one in ordered if one.is_for_unreserved), ordered[0])
    start, end = minutes_of(arrived_at), minutes_of(left_at)
    return max(
        ordered, key=lambda one: min(end, minutes_of(one.ends_at)) - max(start, minutes_of(one.starts_at))
    )


def booked_formula(formulas: Sequence[Formula], formula_id: int | None) -> Formula | None:
    """Return the formula that was booked, or the first when a booking of an activity with formulas names none."""
    if not formulas:
        return None
    return next((one for one in formulas if one.id == formula_id), formulas[0])
