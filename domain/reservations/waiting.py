"""The waiting list: a freed place is offered to the first who waits, in the transaction that frees it.

An offer is a reservation in state ``offered``: it holds its place until it is taken, declined or expired, so
nobody can slip in between. Whatever lets places go calls ``offer_places`` for the day.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_booking
from domain.actor import Actor, system
from domain.errors import Refusal
from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.facts import DayRow, child_sheet, day_rows
from domain.reservations.judging import day_facts
from domain.reservations.places import Booking, free_place, take_place
from domain.reservations.rules import Reason, is_offer_open, offer_expiry, waiting_obstacle
from models.activities import ActivityDay
from models.reservations import Reservation, ReservationState, WaitingEntry, WaitingState

ENTRIES_LOOKED_AT = 200
_LIVE = (WaitingState.WAITING, WaitingState.OFFERED)


@dataclass(frozen=True, slots=True)
class Offer:
    """A place held for a child until ``expires_at``."""

    entry_id: int
    child_id: int
    family_id: int
    activity_id: int
    day: date
    expires_at: datetime


def join_waiting_list(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    activity_day_id: int,
    formula_id: int | None = None,
) -> WaitingEntry:
    """Put a child at the end of a full day's waiting list; asking twice keeps the first place in line.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``, or the reason for which one may not wait: the day has
            places, is closed, too late, or not for this child.
    """
    require_booking(actor, family_id, child_id)
    lock_day(session, activity_day_id)
    row = _row(session, child_id, activity_day_id)
    entry = _live_entry(session, child_id, activity_day_id)
    if entry is not None:
        return entry
    sheet = child_sheet(session, child_id=child_id, family_id=family_id, on=row.day)
    activity = catalogue(session).activities.get(row.activity_id)
    if sheet is None or activity is None:
        raise Refusal("unknown_child")
    facts = day_facts(sheet, activity, row)
    obstacle = waiting_obstacle(facts, now)
    if obstacle is not None:
        closed_at = facts.wishes_until if obstacle is Reason.WISHES_FIRST else facts.book_until
        raise Refusal(obstacle.value, closed_at=closed_at, detail=row.closed_reason or "")
    if facts.taken < facts.places:
        raise Refusal("place_is_free")
    entry = WaitingEntry(
        child_id=child_id, family_id=family_id, activity_day_id=activity_day_id, formula_id=formula_id
    )
    session.add(entry)
    session.flush()
    _trail(session, actor, now, entry, "join_waiting_list")
    return entry


def leave_waiting_list(
    session: Session, *, actor: Actor, now: datetime, family_id: int, activity_day_id: int, child_id: int
) -> None:
    """Take a child's name off; a place that was offered goes to the next in line. Twice does nothing more.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``.
    """
    require_booking(actor, family_id, child_id)
    lock_day(session, activity_day_id)
    entry = _live_entry(session, child_id, activity_day_id)
    if entry is None or entry.family_id != family_id:
        return
    reservation_id = entry.reservation_id
    if _move(session, entry.id, (entry.state,), WaitingState.LEFT) and reservation_id is not None:
        _let_go(session, reservation_id, now, actor.label)
        offer_places(session, now=now, activity_day_id=activity_day_id)
    _trail(session, actor, now, entry, "leave_waiting_list")


def take_offer(session: Session, *, actor: Actor, now: datetime, entry_id: int) -> Offer:
    """Turn an offer into a reservation. A second click finds it done, and answers the same.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``offer_expired`` (also when it was given to the next in line).
    """
    offer = find_offer(session, entry_id=entry_id)
    if offer is None:
        raise Refusal("offer_expired")
    require_booking(actor, offer.family_id, offer.child_id)
    lock_day(session, _day_of(session, entry_id))
    entry = session.get_one(WaitingEntry, entry_id, populate_existing=True)
    if entry.state is WaitingState.TAKEN:
        return offer
    if entry.state is not WaitingState.OFFERED or not is_offer_open(now, offer.expires_at):
        raise Refusal("offer_expired")
    session.execute(
        update(Reservation)
        .where(Reservation.id == entry.reservation_id, Reservation.state == ReservationState.OFFERED)
        .values(state=ReservationState.RESERVED, booked_at=now, updated_at=now, updated_by=actor.label)
        .execution_options(synchronize_session=False)
    )
    _move(session, entry_id, (WaitingState.OFFERED,), WaitingState.TAKEN)
    _trail(session, actor, now, entry, "take_offer")
    return offer


def offer_places(session: Session, *, now: datetime, activity_day_id: int) -> list[Offer]:
    """Offer the free places of a day to those who wait, first come first; nothing after the deadline.

    A child who may no longer attend is passed over and keeps its place in line.
    """
    day = session.execute(
        select(ActivityDay.activity_id, ActivityDay.day, ActivityDay.closed_reason).where(
            ActivityDay.id == activity_day_id
        )
    ).one()
    activity = catalogue(session).activities.get(day.activity_id)
    if activity is None or day.closed_reason is not None or not activity.has_waiting_list:
        return []
    expires_at = offer_expiry(now, activity.offer_hours, activity.book_until(day.day))
    if expires_at is None:
        return []
    waiting = session.scalars(
        select(WaitingEntry)
        .where(WaitingEntry.activity_day_id == activity_day_id, WaitingEntry.state == WaitingState.WAITING)
        .order_by(WaitingEntry.id)
        .limit(ENTRIES_LOOKED_AT)
        .execution_options(populate_existing=True)
    )
    offers: list[Offer] = []
    for entry in waiting:
        if _may_attend(session, entry, activity, day.day):
            outcome = _hold(session, entry, activity.id, day.day, expires_at, now)
            if outcome is None:
                break
            offers += outcome
    return offers


def _hold(
    session: Session, entry: WaitingEntry, activity_id: int, day: date, expires_at: datetime, now: datetime
) -> list[Offer] | None:
    """Hold a place for an entry; None when there is none left."""
    booking = Booking(
        child_id=entry.child_id,
        family_id=entry.family_id,
        activity_day_id=entry.activity_day_id,
        activity_id=activity_id,
        day=day,
        formula_id=entry.formula_id,
        booked_at=now,
        booked_by=system("waiting-list").label,
        state=ReservationState.OFFERED,
    )
    taken = take_place(session, booking)
    if taken is False:
        return None
    if taken is None:  # the child was booked meanwhile, by its other family or at the desk
        _move(session, entry.id, (WaitingState.WAITING,), WaitingState.TAKEN)
        return []
    reservation_id = session.scalar(
        select(Reservation.id).where(
            Reservation.child_id == entry.child_id,
            Reservation.activity_day_id == entry.activity_day_id,
            Reservation.state == ReservationState.OFFERED,
        )
    )
    session.execute(
        update(WaitingEntry)
        .where(WaitingEntry.id == entry.id, WaitingEntry.state == WaitingState.WAITING)
        .values(state=WaitingState.OFFERED, offer_expires_at=expires_at, reservation_id=reservation_id)
        .execution_options(synchronize_session=False)
    )
    session.expire(entry)
    return [Offer(entry.id, entry.child_id, entry.family_id, activity_id, day, expires_at)]


def expire_offers(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Give the places of offers not taken in time to the next in line; return how many expired."""
    due = session.execute(
        select(WaitingEntry.id, WaitingEntry.activity_day_id, WaitingEntry.reservation_id)
        .where(WaitingEntry.state == WaitingState.OFFERED, WaitingEntry.offer_expires_at <= now)
        .order_by(WaitingEntry.activity_day_id, WaitingEntry.id)
        .limit(limit)
    ).all()
    expired = 0
    for entry_id, activity_day_id, reservation_id in due:
        lock_day(session, activity_day_id)
        if _move(session, entry_id, (WaitingState.OFFERED,), WaitingState.EXPIRED):
            _let_go(session, reservation_id, now, system("waiting-list").label)
            offer_places(session, now=now, activity_day_id=activity_day_id)
            expired += 1
    return expired


def close_waiting_lists(session: Session, *, now: datetime) -> int:
    """End the waiting of those whose day's deadline has passed: nothing is offered any more; return how many."""
    settings = catalogue(session)
    rows = session.execute(
        select(WaitingEntry.id, ActivityDay.activity_id, ActivityDay.day)
        .join(ActivityDay, ActivityDay.id == WaitingEntry.activity_day_id)
        .where(WaitingEntry.state == WaitingState.WAITING)
        .order_by(WaitingEntry.id)
    )
    over = [
        entry_id
        for entry_id, activity_id, day in rows
        if now >= settings.activities[activity_id].book_until(day)
    ]
    return sum(_move(session, entry_id, (WaitingState.WAITING,), WaitingState.EXPIRED) for entry_id in over)


def drop_offer(session: Session, *, reservation_id: int) -> None:
    """Take the name of whom a place was offered to off the list, when that place is given up like a booking."""
    session.execute(
        update(WaitingEntry)
        .where(WaitingEntry.reservation_id == reservation_id, WaitingEntry.state == WaitingState.OFFERED)
        .values(state=WaitingState.LEFT, offer_expires_at=None)
        .execution_options(synchronize_session=False)
    )


def find_offer(session: Session, *, entry_id: int) -> Offer | None:
    """Return the offer made to an entry, taken or still open; None when there is none (any more)."""
    row = session.execute(
        select(WaitingEntry, Reservation.activity_id, Reservation.day)
        .join(Reservation, Reservation.id == WaitingEntry.reservation_id)
        .where(WaitingEntry.id == entry_id)
    ).first()
    if row is None:
        return None
    entry = row[0]
    expires_at = entry.offer_expires_at or entry.updated_at
    return Offer(entry.id, entry.child_id, entry.family_id, row.activity_id, row.day, expires_at)


def lock_day(session: Session, activity_day_id: int) -> None:
    """Keep others from moving the day's places until this transaction ends.

    Raises:
        Refusal: ``unknown_day``.
    """
    locked = session.execute(
        update(ActivityDay)
        .where(ActivityDay.id == activity_day_id)
        .values(taken=ActivityDay.taken)
        .execution_options(synchronize_session=False)
    )
    if locked.rowcount == 0:  # type: ignore[attr-defined]
        raise Refusal("unknown_day")


def _row(session: Session, child_id: int, activity_day_id: int) -> DayRow:
    return day_rows(session, child_id=child_id, day_ids=[activity_day_id])[0]


def _day_of(session: Session, entry_id: int) -> int:
    return session.get_one(WaitingEntry, entry_id).activity_day_id


def _live_entry(session: Session, child_id: int, activity_day_id: int) -> WaitingEntry | None:
    return session.scalar(
        select(WaitingEntry)
        .where(
            WaitingEntry.child_id == child_id,
            WaitingEntry.activity_day_id == activity_day_id,
            WaitingEntry.state.in_(_LIVE),
        )
        .execution_options(populate_existing=True)
    )


def _may_attend(session: Session, entry: WaitingEntry, activity: ActivityView, day: date) -> bool:
    sheet = child_sheet(session, child_id=entry.child_id, family_id=entry.family_id, on=day)
    return sheet is not None and sheet.obstacle(activity, day) is None


def _move(session: Session, entry_id: int, states: tuple[WaitingState, ...], state: WaitingState) -> bool:
    """Move an entry to another state; False when someone moved it first."""
    moved = session.execute(
        update(WaitingEntry)
        .where(WaitingEntry.id == entry_id, WaitingEntry.state.in_(states))
        .values(state=state, offer_expires_at=None)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def _let_go(session: Session, reservation_id: int | None, now: datetime, by: str) -> None:
    if reservation_id is not None:
        free_place(session, reservation_id=reservation_id, state=ReservationState.CANCELLED, now=now, by=by)


def _trail(session: Session, actor: Actor, now: datetime, entry: WaitingEntry, action: str) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="child",
        subject_id=entry.child_id,
        family_id=entry.family_id,
        after={"activity_day_id": entry.activity_day_id},
    )
