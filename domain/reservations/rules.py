"""Who may book what: eligibility on the day, the state of a day's cell, cancelling, and the waiting list.

The page and the operation ask the same functions, so what a cell shows is what the server decides. Places
themselves are taken by the database: ``taken`` here is what was read, and the last word is the counter's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.dates import age_in_months
from domain.reservations.notice import is_in_time


class Reason(StrEnum):
    """Why a day is refused; also the code of the Refusal and the name of its sentence."""

    NOT_REGISTERED = "not_registered"
    REGISTRATION_WAITS = "registration_waits"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    WRONG_LEVEL = "wrong_level"
    WRONG_SCHOOL = "wrong_school"
    DOCUMENT_MISSING = "document_missing"
    NOT_YOUR_DAY = "not_your_day"
    BOOKED_BY_OTHER_HOME = "booked_by_other_home"
    CLOSED = "closed"
    WISHES_FIRST = "wishes_first"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    FULL = "full"
    ALREADY_BOOKED = "already_booked"
    ALREADY_WAITING = "already_waiting"
    NOT_BOOKED = "not_booked"


class DayState(StrEnum):
    """What a cell of the month's grid says."""

    FREE = "free"
    BOOKED = "booked"
    OFFERED = "offered"
    WAITING = "waiting"
    FULL = "full"
    CLOSED = "closed"
    TOO_LATE = "too_late"
    WISHES_FIRST = "wishes_first"
    NOT_OPEN_YET = "not_open_yet"
    NOT_ELIGIBLE = "not_eligible"


class Holding(StrEnum):
    """What the child has on the day already."""

    NOTHING = "nothing"
    RESERVED = "reserved"
    OFFERED = "offered"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class HeldRange:
    """Something that holds on ``[valid_from, valid_to[``; no end: for ever."""

    valid_from: date
    valid_to: date | None = None

    def covers(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """An accepted supporting document; ``valid_until`` is its last valid day, None for ever."""

    code: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ActivityTerms:
    """To whom an activity is open. Empty sets exclude nobody; ages in full months, both ends included."""

    min_age_months: int = 0
    max_age_months: int = 18 * 12
    levels: frozenset[str] = frozenset()
    schools: frozenset[int] = frozenset()
    needs_registration: bool = True
    required_documents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """What eligibility needs to know of a child.

    Attributes:
        registrations: the validated ones to the activity.
        is_awaiting: one was asked for, and the service has not answered.
    """

    born_on: date
    level: str | None = None
    school_id: int | None = None
    registrations: tuple[HeldRange, ...] = ()
    documents: tuple[HeldDocument, ...] = ()
    is_awaiting: bool = False


def missing_documents(child: ChildFacts, terms: ActivityTerms, day: date) -> tuple[str, ...]:
    """Return the blocking documents that are not valid on the day, sorted by code."""
    held = {
        document.code
        for document in child.documents
        if document.valid_until is None or day <= document.valid_until
    }
    return tuple(sorted(terms.required_documents - held))


def ineligibility(child: ChildFacts, terms: ActivityTerms, day: date) -> Reason | None:
    """Return the first reason for which the child may not attend on the day; None when it may.

    Age is that of the day of the activity, not of the booking: a child turns three on its birthday.
    """
    age = age_in_months(child.born_on, day)
    if age < terms.min_age_months:
        return Reason.TOO_YOUNG
    if age > terms.max_age_months:
        return Reason.TOO_OLD
    if terms.levels and child.level not in terms.levels:
        return Reason.WRONG_LEVEL
    if terms.schools and child.school_id not in terms.schools:
        return Reason.WRONG_SCHOOL
    if terms.needs_registration and not any(held.covers(day) for held in child.registrations):
        return Reason.REGISTRATION_WAITS if child.is_awaiting else Reason.NOT_REGISTERED
    return Reason.DOCUMENT_MISSING if missing_documents(child, terms, day) else None


class DayFacts(NamedTuple):
    """What is known of one child and one activity day.

    Attributes:
        book_until, cancel_until: deadlines, see ``notice.deadline``.
        opens_at: the instant from which the period may be booked; None, at once.
        wishes_until: the end of the wish window that gives this day's places; None when there is none, or once its
            answers are published.
        obstacle: what ``ineligibility`` answered, or what custody says: NOT_YOUR_DAY, BOOKED_BY_OTHER_HOME.
        is_open: the activity opens that day and is not closed.
    """

    places: int
    taken: int
    book_until: datetime
    cancel_until: datetime
    is_open: bool = True
    opens_at: datetime | None = None
    obstacle: Reason | None = None
    holding: Holding = Holding.NOTHING
    has_waiting_list: bool = True
    wishes_until: datetime | None = None


class DayCell(NamedTuple):
    """The state of a day, why, and what may be done now."""

    state: DayState
    reason: Reason | None
    may_book: bool = False
    may_cancel: bool = False
    may_wait: bool = False


_STATES = {
    Reason.CLOSED: DayState.CLOSED,
    Reason.WISHES_FIRST: DayState.WISHES_FIRST,
    Reason.TOO_EARLY: DayState.NOT_OPEN_YET,
    Reason.TOO_LATE: DayState.TOO_LATE,
    Reason.FULL: DayState.FULL,
}
_HELD_STATES = {
    Holding.RESERVED: (DayState.BOOKED, Reason.ALREADY_BOOKED),
    Holding.OFFERED: (DayState.OFFERED, Reason.ALREADY_BOOKED),
    Holding.WAITING: (DayState.WAITING, Reason.ALREADY_WAITING),
}


def day_state(facts: DayFacts, now: datetime) -> DayCell:
    """Return the state of a day for a child, and what the family may do at ``now``.

    A booking made is kept and shown as such even when the child would no longer be eligible; a day closed
    afterwards is shown closed. A waiting child may take its name off at any time.
    """
    if facts.holding is not Holding.NOTHING and facts.is_open:
        state, reason = _HELD_STATES[facts.holding]
        may_cancel = facts.holding is Holding.WAITING or is_in_time(now, facts.cancel_until)
        return DayCell(state, reason, may_cancel=may_cancel)
    obstacle = booking_obstacle(facts, now)
    if obstacle is None:
        return DayCell(DayState.FREE, None, may_book=True)
    may_wait = obstacle is Reason.FULL and facts.has_waiting_list
    return DayCell(_STATES.get(obstacle, DayState.NOT_ELIGIBLE), obstacle, may_wait=may_wait)


def booking_obstacle(facts: DayFacts, now: datetime) -> Reason | None:
    """Return why a booking received at ``now`` is refused; None when it may be made."""
    if not facts.is_open:
        return Reason.CLOSED
    if facts.holding is not Holding.NOTHING:
        return _HELD_STATES[facts.holding][1]
    if facts.obstacle is not None:
        return facts.obstacle
    if not is_in_time(now, facts.book_until):
        return Reason.TOO_LATE
    if facts.wishes_until is not None:
        return Reason.WISHES_FIRST
    if facts.opens_at is not None and now < facts.opens_at:
        return Reason.TOO_EARLY
    return Reason.FULL if facts.taken >= facts.places else None


def waiting_obstacle(facts: DayFacts, now: datetime) -> Reason | None:
    """Return why the child may not join the waiting list; None when it may, that is when only places lack."""
    obstacle = booking_obstacle(facts, now)
    if obstacle is Reason.FULL:
        return None if facts.has_waiting_list else Reason.FULL
    return obstacle


def wish_obstacle(facts: DayFacts, now: datetime) -> Reason | None:
    """Return why a day may not be wished, nor given to who wished it; places and opening date do not count."""
    return booking_obstacle(facts._replace(wishes_until=None, opens_at=None, places=facts.taken + 1), now)


class Cancellation(StrEnum):
    """What becomes of a reservation given up; the same names as its states."""

    IN_TIME = "cancelled"
    LATE = "late_cancelled"


def cancellation(now: datetime, cancel_until: datetime, starts_at: datetime) -> Cancellation | None:
    """Return whether a cancellation is in time (free) or late (billed as an absence); None once it has begun."""
    if is_in_time(now, cancel_until):
        return Cancellation.IN_TIME
    return Cancellation.LATE if now < starts_at else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child in the waiting list of a day; ``entry_id`` grows with arrival."""

    entry_id: int
    offer_expires_at: datetime | None = None


def offer_expiry(now: datetime, offer_hours: int, book_until: datetime) -> datetime | None:
    """Return until when a place offered now may be taken; None when the deadline is past: nothing is offered.

    An offer never outlives the booking deadline. Hours here are elapsed hours.
    """
    if not is_in_time(now, book_until):
        return None
    return min(now + timedelta(hours=offer_hours), book_until)


def is_offer_open(now: datetime, offer_expires_at: datetime) -> bool:
    """Whether an offer may still be taken."""
    return is_in_time(now, offer_expires_at)


def expired_offers(entries: Iterable[Waiting], now: datetime) -> tuple[Waiting, ...]:
    """Return the entries whose offer was not taken in time, in order of arrival; their places are free again."""
    return tuple(
        entry
        for entry in in_order(entries)
        if entry.offer_expires_at is not None and not is_offer_open(now, entry.offer_expires_at)
    )


def next_in_line(entries: Iterable[Waiting], free_places: int) -> tuple[Waiting, ...]:
    """Return who is offered the free places: the first to arrive among those without an offer."""
    waiting = [entry for entry in in_order(entries) if entry.offer_expires_at is None]
    return tuple(waiting[: max(free_places, 0)])


def in_order(entries: Iterable[Waiting]) -> Sequence[Waiting]:
    """Return entries in order of arrival."""
    return sorted(entries, key=lambda entry: entry.entry_id)
