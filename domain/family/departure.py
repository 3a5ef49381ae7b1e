"""A family leaves the town: its bookings are given back, its children leave its school, its file can only be read.

What it still owes stays due, what was carried is invoiced with the next month (DOMAIN.md §7), and its adults keep a
way in to read, pay and fetch their data, until a purge takes the file away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_role
from domain.actor import Actor, Role, system
from domain.clock import local_day
from domain.errors import Refusal
from domain.reservations.places import free_place
from domain.reservations.waiting import drop_offer, offer_places
from models.activities import ActivityRegistration, RegistrationState
from models.calendar import SchoolYear
from models.custody import CustodyArrangement
from models.family import ChildFamily, Family, FamilyState, Guardian
from models.payments import LedgerEntry
from models.reservations import LIVE_STATES, Reservation, ReservationState, WaitingEntry, WaitingState
from models.schools import EnrolmentState, SchoolEnrolment
from models.wishes import WishRound, WishSheet

EDITORS = (Role.ADMINISTRATOR, Role.SCHOOL_AGENT)
MAX_DAYS = timedelta(days=366)
LIVE_REGISTRATIONS = (RegistrationState.REQUESTED, RegistrationState.VALIDATED)


@dataclass(frozen=True, slots=True)
class Departure:
    """What leaving on a day comes to: bookings to give back, and what the family owes so far."""

    bookings: int
    balance_cents: int


def departure_of(session: Session, *, family_id: int, left_on: date, today: date) -> Departure:
    """Return what a departure would do; nothing is written."""
    balance = session.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount_cents), 0)).where(LedgerEntry.family_id == family_id)
    )
    return Departure(len(_coming(session, family_id, max(left_on, today))), int(balance or 0))


def depart_family(
    session: Session, *, actor: Actor, now: datetime, family_id: int, left_on: date, reason: str
) -> Family:
    """Write that a family leaves from a day on.

    Its bookings from that day on are cancelled in time, whatever their deadline, and their places given back; days
    already past stay as they were. A child that has no other home leaves its school.

    Raises:
        Refusal: ``not_allowed``, ``family_cannot_leave``, ``departure_implausible``.
    """
    require_role(actor, *EDITORS)
    family = session.get_one(Family, family_id, with_for_update=True, populate_existing=True)
    if family.state is not FamilyState.VALIDATED:
        raise Refusal("family_cannot_leave")
    today = local_day(now)
    if not today - MAX_DAYS <= left_on <= today + MAX_DAYS:
        raise Refusal("departure_implausible")
    family.left_on, family.departure_reason = left_on, reason.strip()
    if left_on <= today:
        family.state = FamilyState.DEPARTED
    cancelled = _give_back(session, actor, now, family_id, max(left_on, today))
    _leave_lists(session, family_id)
    _end_memberships(session, family_id, left_on)
    _end_registrations(session, family_id, left_on)
    session.execute(
        update(Guardian)
        .where(Guardian.family_id == family_id)
        .values(calendar_key=None, wants_reminders=False)
    )
    session.flush()
    after = {"left_on": left_on.isoformat(), "reason": family.departure_reason, "cancelled": cancelled}
    _record(session, actor, now, "depart_family", family_id, after)
    return family


def close_departed_families(session: Session, *, now: datetime) -> int:
    """Close the files of families whose announced day has come; return how many."""
    rows = session.scalars(
        select(Family).where(Family.state == FamilyState.VALIDATED, Family.left_on <= local_day(now))
    ).all()
    for family in rows:
        family.state = FamilyState.DEPARTED
        _record(session, system("worker"), now, "close_departed_family", family.id, {})
    session.flush()
    return len(rows)


def reinstate_family(session: Session, *, actor: Actor, now: datetime, family_id: int) -> Family:
    """Take a departure back: the family came back, or never left. Its bookings are not made again.

    Raises:
        Refusal: ``not_allowed``, ``family_not_departed``.
    """
    require_role(actor, *EDITORS)
    family = session.get_one(Family, family_id, with_for_update=True, populate_existing=True)
    if family.left_on is None or family.pseudonymised_at is not None:
        raise Refusal("family_not_departed")
    session.execute(
        update(ChildFamily)
        .where(ChildFamily.family_id == family_id, ChildFamily.valid_to == family.left_on)
        .values(valid_to=None)
    )
    before = {"left_on": family.left_on.isoformat(), "reason": family.departure_reason}
    family.state, family.left_on, family.departure_reason = FamilyState.VALIDATED, None, ""
    session.flush()
    _record(session, actor, now, "reinstate_family", family_id, before)
    return family


def _coming(session: Session, family_id: int, first: date) -> Sequence[Reservation]:
    """Return the bookings of a family from a day on, in the order in which places are moved."""
    return session.scalars(
        select(Reservation)
        .where(
            Reservation.family_id == family_id,
            Reservation.day >= first,
            Reservation.state.in_(LIVE_STATES),
        )
        .order_by(Reservation.activity_day_id, Reservation.id)
    ).all()


def _give_back(session: Session, actor: Actor, now: datetime, family_id: int, first: date) -> int:
    freed = []
    for booking in _coming(session, family_id, first):
        state = ReservationState.CANCELLED
        if free_place(session, reservation_id=booking.id, state=state, now=now, by=actor.label):
            drop_offer(session, reservation_id=booking.id)
            freed.append(booking.activity_day_id)
    for day_id in sorted(set(freed)):
        offer_places(session, now=now, activity_day_id=day_id)
    return len(freed)


def _leave_lists(session: Session, family_id: int) -> None:
    """Take the family off waiting lists and out of the wishes not yet answered."""
    session.execute(
        update(WaitingEntry)
        .where(WaitingEntry.family_id == family_id, WaitingEntry.state == WaitingState.WAITING)
        .values(state=WaitingState.LEFT)
        .execution_options(synchronize_session=False)
    )
    unanswered = select(WishRound.id).where(WishRound.published_at.is_(None))
    session.execute(
        delete(WishSheet)
        .where(WishSheet.family_id == family_id, WishSheet.round_id.in_(unanswered))
        .execution_options(synchronize_session=False)
    )


def _end_memberships(session: Session, family_id: int, left_on: date) -> None:
    """Let the children leave the family, the calendar between two homes, and their school if it was the only home."""
    rows = session.scalars(
        select(ChildFamily).where(
            ChildFamily.family_id == family_id,
            or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > left_on),
        )
    ).all()
    children = {row.child_id for row in rows}
    for row in rows:
        if row.valid_from >= left_on:
            session.delete(row)
        else:
            row.valid_to = left_on
    shared = select(CustodyArrangement).where(
        or_(CustodyArrangement.family_id == family_id, CustodyArrangement.other_family_id == family_id),
        or_(CustodyArrangement.valid_to.is_(None), CustodyArrangement.valid_to > left_on),
    )
    for arrangement in session.scalars(shared):
        if arrangement.valid_from >= left_on:
            session.delete(arrangement)
        else:
            arrangement.valid_to = left_on
    session.flush()
    _leave_schools(session, children, left_on)


def _leave_schools(session: Session, children: set[int], left_on: date) -> None:
    at_home = select(ChildFamily.child_id).where(
        ChildFamily.child_id.in_(children),
        or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > left_on),
    )
    years = select(SchoolYear.id).where(SchoolYear.ends_on >= left_on)
    session.execute(
        update(SchoolEnrolment)
        .where(
            SchoolEnrolment.child_id.in_(children),
            SchoolEnrolment.child_id.not_in(at_home),
            SchoolEnrolment.school_year_id.in_(years),
            SchoolEnrolment.state == EnrolmentState.VALIDATED,
        )
        .values(state=EnrolmentState.LEFT)
        .execution_options(synchronize_session="fetch")
    )


def _end_registrations(session: Session, family_id: int, left_on: date) -> None:
    rows = session.scalars(
        select(ActivityRegistration).where(
            ActivityRegistration.family_id == family_id, ActivityRegistration.state.in_(LIVE_REGISTRATIONS)
        )
    )
    for row in rows:
        row.state = RegistrationState.ENDED
        if row.valid_from < left_on:
            row.valid_to = left_on
    session.flush()


def _record(
    session: Session, actor: Actor, now: datetime, action: str, family_id: int, after: dict[str, Any]
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="family",
        subject_id=family_id,
        family_id=family_id,
        after=after,
    )
    session.flush()
