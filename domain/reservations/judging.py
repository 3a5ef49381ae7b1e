"""What the rules need to judge one day for one child; shared by the page, the decision and the waiting list."""

from domain.reservations.catalogue import ActivityView
from domain.reservations.facts import ChildSheet, DayRow
from domain.reservations.rules import DayFacts, Holding
from models.reservations import ReservationState


def day_facts(sheet: ChildSheet, activity: ActivityView, row: DayRow) -> DayFacts:
    """Return what the rules need to judge a day for a child."""
    holding = Holding.NOTHING
    if row.reservation_id is not None:
        is_offer = row.reservation_state == ReservationState.OFFERED
        holding = Holding.OFFERED if is_offer else Holding.RESERVED
    elif row.waiting_id is not None:
        holding = Holding.WAITING
    return DayFacts(
        places=row.places,
        taken=row.taken,
        book_until=activity.book_until(row.day),
        cancel_until=activity.cancel_until(row.day),
        is_open=row.closed_reason is None,
        opens_at=activity.opens_at,
        obstacle=sheet.obstacle(activity, row.day),
        holding=holding,
        has_waiting_list=activity.has_waiting_list,
    )
