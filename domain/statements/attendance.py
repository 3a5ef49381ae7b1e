"""On which days a child came, by activity, as the roll-calls say: for an employer, or the CAF."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.activities import Activity
from models.attendance import Attendance, Presence
from models.family import Child
from models.schools import Site

MINUTE = timedelta(minutes=1)


def attendance_facts(
    session: Session, *, family_id: int, child_id: int, first_on: date, last_on: date
) -> dict[str, Any]:
    """Return what an attendance statement says: the days of one family, never those of the child's other home.

    The minutes of an activity are told when the roll-call noted every arrival and departure; else None.
    """
    child = session.get_one(Child, child_id)
    rows = session.execute(
        select(
            Activity.name,
            Site.name.label("site"),
            Attendance.day,
            Attendance.arrived_at,
            Attendance.left_at,
        )
        .join(Activity, Activity.id == Attendance.activity_id)
        .join(Site, Site.id == Activity.site_id)
        .where(
            Attendance.family_id == family_id,
            Attendance.child_id == child_id,
            Attendance.day.between(first_on, last_on),
            Attendance.presence == Presence.PRESENT,
        )
        .order_by(Activity.position, Activity.name, Site.name, Attendance.day)
    ).all()
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.name, row.site].append(row)
    return {
        "child_name": child.full_name,
        "born_on": child.born_on.isoformat(),
        "activities": [
            {
                "activity": name,
                "site": site,
                "days": sorted({stay.day.isoformat() for stay in stays}),
                "minutes": _minutes([(stay.arrived_at, stay.left_at) for stay in stays]),
            }
            for (name, site), stays in found.items()
        ],
        "day_count": len({row.day for row in rows}),
    }


def _minutes(stays: list[tuple[datetime | None, datetime | None]]) -> int | None:
    total = timedelta()
    for arrived_at, left_at in stays:
        if arrived_at is None or left_at is None:
            return None
        total += left_at - arrived_at
    return total // MINUTE
