"""Which missed days accepted certificates excuse, waiting days counted; one query for a batch of families."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from domain.attendance.rules import AbsencePolicy, Justification, justifications
from domain.dates import at
from domain.reservations.catalogue import Catalogue
from models.attendance import AbsenceJustification, Attendance, Presence
from models.reservations import Reservation, ReservationState

BILLED_STATES = (ReservationState.RESERVED, ReservationState.LATE_CANCELLED)


def excused_days(
    session: Session,
    booked: Sequence[Any],
    *,
    first: date,
    end: date,
    settings: Catalogue,
    policy: AbsencePolicy,
    known_at: datetime | None = None,
) -> Mapping[tuple[int, date], Justification]:
    """Return what accepted certificates free of the days that were missed; ``known_at``: accepted until then."""
    missed = {
        row.child_id
        for row in booked
        if row.presence == Presence.ABSENT or row.state == ReservationState.LATE_CANCELLED
    }
    if not missed:
        return {}
    absences: dict[tuple[int, int, datetime], list[Any]] = defaultdict(list)
    for row in session.execute(_justified(missed, first, end)):
        if known_at is not None and row.updated_at > known_at:
            continue
        absences[row.id, row.child_id, row.justified_at].append(row)
    found: dict[tuple[int, date], Justification] = {}
    for (_, child_id, justified_at), days in absences.items():
        freed = _freed(days, justified_at, settings, policy)
        found |= {(child_id, day): what for day, what in freed.items()}
    return found


def _justified(child_ids: Iterable[int], first: date, end: date) -> Select[*tuple[Any, ...]]:
    """Select every missed day of the absences that touch the month.

    Days of other months come too, because waiting days count from the very first one.
    """
    own = and_(
        Reservation.child_id == AbsenceJustification.child_id,
        Reservation.family_id == AbsenceJustification.family_id,
        Reservation.day >= AbsenceJustification.starts_on,
        Reservation.day <= AbsenceJustification.ends_on,
        Reservation.state.in_(BILLED_STATES),
    )
    called = and_(
        Attendance.child_id == Reservation.child_id,
        Attendance.activity_day_id == Reservation.activity_day_id,
    )
    return (
        select(
            AbsenceJustification.id,
            AbsenceJustification.child_id,
            AbsenceJustification.justified_at,
            AbsenceJustification.updated_at,
            Reservation.day,
            Reservation.activity_id,
        )
        .join(Reservation, own)
        .outerjoin(Attendance, called)
        .where(
            AbsenceJustification.child_id.in_(sorted(child_ids)),
            AbsenceJustification.is_accepted.is_(True),
            AbsenceJustification.ends_on >= first,
            AbsenceJustification.starts_on < end,
            or_(
                Attendance.presence == Presence.ABSENT,
                Reservation.state == ReservationState.LATE_CANCELLED,
            ),
        )
    )


def _freed(
    days: Sequence[Any], justified_at: datetime, settings: Catalogue, policy: AbsencePolicy
) -> Mapping[date, Justification]:
    first = min(days, key=lambda row: row.day)
    absent_from = at(first.day, settings.activities[first.activity_id].starts_at)
    return justifications((row.day for row in days), absent_from, justified_at, policy)
