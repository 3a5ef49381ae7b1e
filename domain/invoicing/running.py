"""What the current month comes to so far, on any day, as it would be invoiced."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from domain.access import require_family
from domain.actor import Actor
from domain.clock import local_day
from domain.dates import first_of_month
from domain.invoicing.operations import month_reader, work_out


@dataclass(frozen=True, slots=True)
class RunningTotal:
    """A month in progress, in cents.

    Attributes:
        so_far_cents: days up to today, before discounts and what other months carried.
        expected_cents: the whole month as it is booked, discounts taken off.
        late_count: late pick-ups billed so far, within the two sums before; ``late_cents`` what they cost.
        carried_cents: what earlier months left to be invoiced with it; negative when something is given back.
    """

    month: date
    so_far_cents: int
    expected_cents: int
    carried_cents: int
    day_count: int
    late_count: int
    late_cents: int


def running_total(session: Session, *, actor: Actor, now: datetime, family_id: int) -> RunningTotal:
    """Return what a family's current month comes to; nothing is written.

    Raises:
        Refusal: ``not_your_family``.
    """
    require_family(actor, family_id)
    today = local_day(now)
    month = first_of_month(today)
    [worked] = work_out(session, month_reader(session, month, now), [family_id], month, now)
    so_far = sum(day.price.unit_cents for day in worked.source.days if day.day <= today)
    late = [day for day in worked.source.days if day.late is not None]
    return RunningTotal(
        month=month,
        so_far_cents=so_far,
        expected_cents=worked.month_cents,
        carried_cents=worked.before_cents,
        day_count=len(worked.source.days),
        late_count=len(late),
        late_cents=sum(day.price.unit_cents for day in late),
    )
