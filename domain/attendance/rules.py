"""What is billed of a day, given what was reserved and who came; and how many staff are needed.

Only the fact that an absence was justified, and when, is known here; never a diagnosis.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.clock import PARIS
from domain.dates import at


class Booking(StrEnum):
    """What the family had reserved when the day came."""

    RESERVED = "reserved"
    CANCELLED = "cancelled"
    LATE_CANCELLED = "late_cancelled"
    NONE = "none"


class Justification(StrEnum):
    """What an accepted certificate frees of an absence on this day."""

    NONE = "none"
    WAITING_DAY = "waiting_day"
    FREE = "free"


class BillingBasis(StrEnum):
    """At which price a day is billed; WAITING_DAY is priced as an absence, and told apart on the invoice."""

    NORMAL = "normal"
    ABSENCE = "absence"
    WAITING_DAY = "waiting_day"
    UNRESERVED = "unreserved"
    FREE = "free"


class DayRecord(NamedTuple):
    """What is known of one child and one activity day when it is billed.

    Attributes:
        attended: what the roll-call noted; None when it was not made.
        is_event: the activity was closed, on strike, or the class on an outing.
        is_place_retaken: another child took the place that was cancelled late.
    """

    booking: Booking
    attended: bool | None
    justification: Justification = Justification.NONE
    is_event: bool = False
    is_place_retaken: bool = False


def billing_basis(record: DayRecord, *, retaken_is_free: bool = False) -> BillingBasis:
    """Return how a day is billed: the truth table of the regulation.

    A reserved place without roll-call is billed as reserved. A child who came after its cancellation in time
    had no reservation; after a late one, the place was still owed, so it pays the normal price.

    Args:
        record: what was booked and what happened.
        retaken_is_free: the activity frees a late cancellation whose place was taken again.
    """
    match record.booking:
        case Booking.NONE | Booking.CANCELLED:
            return BillingBasis.UNRESERVED if record.attended else BillingBasis.FREE
        case Booking.RESERVED | Booking.LATE_CANCELLED if record.is_event:
            return BillingBasis.FREE
        case Booking.RESERVED:
            return _absence(record) if record.attended is False else BillingBasis.NORMAL
        case Booking.LATE_CANCELLED:
            if record.attended:
                return BillingBasis.NORMAL
            if record.is_place_retaken and retaken_is_free:
                return BillingBasis.FREE
            return _absence(record)


def _absence(record: DayRecord) -> BillingBasis:
    match record.justification:
        case Justification.FREE:
            return BillingBasis.FREE
        case Justification.WAITING_DAY:
            return BillingBasis.WAITING_DAY
        case Justification.NONE:
            return BillingBasis.ABSENCE


@dataclass(frozen=True, slots=True)
class AbsencePolicy:
    """What a town frees of a justified absence, by the delay of the certificate (carence).

    Attributes:
        free_within_hours: a certificate given this soon frees every day.
        partial_within_days: given later but this soon, it frees all but the waiting days.
        waiting_days: how many of the first missed days stay billed then.
    """

    free_within_hours: int
    partial_within_days: int
    waiting_days: int


def justifications(
    missed_days: Iterable[date], absent_from: datetime, justified_at: datetime, policy: AbsencePolicy
) -> dict[date, Justification]:
    """Return what an accepted certificate frees of each missed day of one absence.

    Delays run on the Paris wall clock from ``absent_from``, the start of the first missed activity, and their
    last instant is within. Missed days count in order; days of one absence go together in one call.
    """
    days = sorted(set(missed_days))
    if justified_at <= _wall_clock_after(absent_from, timedelta(hours=policy.free_within_hours)):
        waiting = 0
    elif justified_at <= _wall_clock_after(absent_from, timedelta(days=policy.partial_within_days)):
        waiting = policy.waiting_days
    else:
        return dict.fromkeys(days, Justification.NONE)
    return {
        day: Justification.WAITING_DAY if rank < waiting else Justification.FREE
        for rank, day in enumerate(days)
    }


def _wall_clock_after(instant: datetime, delay: timedelta) -> datetime:
    local = instant.astimezone(PARIS).replace(tzinfo=None) + delay
    return at(local.date(), local.time())


class CareKind(StrEnum):
    """The settings whose staff ratios differ."""

    PERISCOLAIRE = "periscolaire"
    HOLIDAYS = "holidays"


@dataclass(frozen=True, slots=True)
class StaffRatio:
    """Most children one member of staff may look after, under six and from six years on."""

    under_six: int
    six_and_over: int


# Code de l'action sociale et des familles R227-12, R227-15, R227-16, check against the text in force; an activity may
# carry ratios of its own.
_LONG_STAY_HOURS = 5
_RATIOS = {
    # (kind, longer than five hours, with a PEDT)
    (CareKind.PERISCOLAIRE, False, False): StaffRatio(10, 14),
    (CareKind.PERISCOLAIRE, True, False): StaffRatio(8, 12),
    (CareKind.PERISCOLAIRE, False, True): StaffRatio(14, 18),
    (CareKind.PERISCOLAIRE, True, True): StaffRatio(10, 14),
}
_HOLIDAY_RATIO = StaffRatio(8, 12)


def staff_ratio(kind: CareKind, stay: timedelta, *, has_pedt: bool) -> StaffRatio:
    """Return the legal ratio; "up to five hours" includes five. A PEDT changes nothing in the holidays."""
    if kind is CareKind.HOLIDAYS:
        return _HOLIDAY_RATIO
    return _RATIOS[kind, stay > timedelta(hours=_LONG_STAY_HOURS), has_pedt]


def staff_needed(under_six: int, six_and_over: int, ratio: StaffRatio) -> int:
    """Return the staff for the children of the day's peak; each age group is rounded up by itself."""
    return -(-under_six // ratio.under_six) - (-six_and_over // ratio.six_and_over)
