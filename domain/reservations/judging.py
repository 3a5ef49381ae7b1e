"""What the rules need to judge one day for one child; shared by the page, the decision and the waiting list."""

from domain.dates import age_in_months
from domain.reservations.catalogue import ActivityView
from domain.reservations.facts import ChildSheet, DayRow
from domain.reservations.rules import DayFacts, Holding, Reason
from models.reservations import ReservationState


def is_own_group(sheet: ChildSheet, activity: ActivityView, row: DayRow) -> bool:
    """Whether a day is the child's: places may be set apart by age group, and the age is that of the day."""
    if row.age_group_id is None:
        return True
    youngest, oldest = activity.age_groups[row.age_group_id]
    return youngest <= age_in_months(sheet.born_on, row.day) <= oldest


def _obstacle(sheet: ChildSheet, activity: ActivityView, row: DayRow) -> Reason | None:
    obstacle = sheet.obstacle(activity, row.day)
    if obstacle is None and _is_of_other_home(sheet, row):
        return Reason.BOOKED_BY_OTHER_HOME
    if obstacle is not None or row.age_group_id is None or is_own_group(sheet, activity, row):
        return obstacle
    youngest, _oldest = activity.age_groups[row.age_group_id]
    return Reason.TOO_YOUNG if age_in_months(sheet.born_on, row.day) < youngest else Reason.TOO_OLD


def _is_of_other_home(sheet: ChildSheet, row: DayRow) -> bool:
    """Whether the child's other home booked it that day, or waits for a place."""
    if row.reservation_id is not None:
        return not row.is_held_by(sheet.family_id)
    return row.waiting_id is not None and row.waiting_family_id != sheet.family_id


def _holding(sheet: ChildSheet, row: DayRow) -> Holding:
    if _is_of_other_home(sheet, row):
        return Holding.NOTHING
    if row.reservation_id is not None:
        is_offer = row.reservation_state == ReservationState.OFFERED
        return Holding.OFFERED if is_offer else Holding.RESERVED
    return Holding.WAITING if row.waiting_id is not None else Holding.NOTHING


def day_facts(sheet: ChildSheet, activity: ActivityView, row: DayRow) -> DayFacts:
    """Return what the rules need to judge a day for a child; what its other home booked is not this one's."""
    return DayFacts(
        places=row.places,
        taken=row.taken,
        book_until=activity.book_until(row.day),
        cancel_until=activity.cancel_until(row.day),
        is_open=row.closed_reason is None,
        opens_at=activity.opens_at,
        obstacle=_obstacle(sheet, activity, row),
        holding=_holding(sheet, row),
        has_waiting_list=activity.has_waiting_list,
        wishes_until=activity.wishes_until(row.day),
    )
