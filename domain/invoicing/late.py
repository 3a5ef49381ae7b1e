"""Late pick-ups of a month: who left after the closing, and what is billed of it, once for a family and day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, or_, select, true
from sqlalchemy.orm import Session

from domain.dates import at, local_time
from domain.invoicing.rules import LatePickup, late_minutes
from domain.invoicing.stays import attended_hour
from domain.pricing.formulas import formula_attended
from domain.reservations.catalogue import ActivityView, Catalogue, FormulaView
from models.attendance import Attendance, Presence
from models.family import Child
from models.invoices import CarriedItem, InvoiceItem


@dataclass(frozen=True, slots=True)
class FoundPickup:
    """A late pick-up to bill: ``id`` is that of the roll-call it rests on."""

    id: int
    child_id: int
    family_id: int
    activity: ActivityView
    day: date
    formula: FormulaView | None
    told: LatePickup


def read_late(
    session: Session,
    family_ids: Sequence[int],
    *,
    first: date,
    end: date,
    settings: Catalogue,
    include_billed: bool = False,
    known_at: datetime | None = None,
) -> list[FoundPickup]:
    """Return the late pick-ups of ``[first, end[`` to bill, by day; one query, none where no activity bills them.

    The family that the roll-call names pays: the one that booked, or the one the child was with. Two homes never
    share it. Siblings picked up late on the same day, by the same price list, are billed once, unless their
    activity says otherwise: the eldest is, and the others are told.

    Args:
        include_billed: those that are invoiced or carried too.
        known_at: roll-calls written later do not count.
    """
    activities = {one.id: one for one in settings.activities.values() if one.late_after_minutes is not None}
    if not activities:
        return []
    billed = or_(
        exists().where(InvoiceItem.late_id == Attendance.id, InvoiceItem.released_by_id.is_(None)),
        exists().where(CarriedItem.late_id == Attendance.id),
    )
    rows = session.execute(
        select(
            Attendance.id,
            Attendance.child_id,
            Attendance.family_id,
            Attendance.activity_id,
            Attendance.day,
            Attendance.presence,
            Attendance.arrived_at,
            Attendance.left_at,
            Child.given_name,
            Child.born_on,
            billed.label("is_billed"),
        )
        .join(Child, Child.id == Attendance.child_id)
        .where(
            Attendance.family_id.in_(family_ids),
            Attendance.activity_id.in_(sorted(activities)),
            Attendance.day >= first,
            Attendance.day < end,
            true() if known_at is None else Attendance.created_at <= known_at,
        )
        .order_by(Attendance.day, Child.born_on, Attendance.child_id, Attendance.id)
    )
    groups: dict[tuple[int, ...], list[Any]] = defaultdict(list)
    for row in rows:
        activity = activities[row.activity_id]
        alone = 0 if activity.is_late_by_family else row.id
        groups[row.family_id, row.day.toordinal(), activity.tariff.id, alone].append(row)
    found = (
        _pickup(group, activities) for group in groups.values() if include_billed or not _is_billed(group)
    )
    return [one for one in found if one is not None]


def _is_billed(group: Iterable[Any]) -> bool:
    return any(row.is_billed for row in group)


def _pickup(group: Iterable[Any], activities: dict[int, ActivityView]) -> FoundPickup | None:
    """Return what is billed of the late pick-ups of a group: of those billed already, else of the eldest child."""
    minutes = {row: _late(row, activities[row.activity_id]) for row in group}
    late = sorted((row for row in minutes if minutes[row]), key=lambda row: not row.is_billed)
    if not late:
        return None
    row, *others = late
    activity = activities[row.activity_id]
    formula = formula_attended(activity.formulas, attended_hour(row.arrived_at), attended_hour(row.left_at))
    told = LatePickup(
        minutes=max(minutes.values()),
        left_at=row.left_at,
        closes_at=at(row.day, activity.ends_at),
        formula_key=formula.key if formula else "",
        siblings=tuple((other.given_name, other.left_at) for other in others),
    )
    return FoundPickup(row.id, row.child_id, row.family_id, activity, row.day, formula, told)


def _late(row: Any, activity: ActivityView) -> int:
    left_at = row.left_at if row.presence is Presence.PRESENT else None
    return late_minutes(left_at, at(row.day, activity.ends_at), activity.late_after_minutes)


def told_pickup(day: date, pickup: LatePickup) -> dict[str, Any]:
    """Return what a line keeps of a late pick-up, with hours in Paris."""
    return {
        "day": day.isoformat(),
        "minutes": pickup.minutes,
        "formula": pickup.formula_key,
        "left": _hour(pickup.left_at),
        "closes": _hour(pickup.closes_at),
        "siblings": [{"name": name, "left": _hour(left_at)} for name, left_at in pickup.siblings],
    }


def _hour(instant: datetime) -> str:
    return local_time(instant).isoformat("minutes")
