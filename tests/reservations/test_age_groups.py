"""Places set apart by age group: each child sees and takes those of its own age, on the day itself."""

from datetime import date, time

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.dates import at
from domain.reservations.opening import open_days, register_child
from domain.reservations.operations import Choice, reserve_days
from domain.reservations.patterns import Slot, reserve_pattern
from domain.reservations.queries import month_grid
from domain.reservations.rules import Reason
from models.activities import ActivityDay, ActivityKind, AgeGroup
from tests.support.households import ACTOR, AUGUST, Household, make_household

KIND = ActivityKind.SUPERVISED_STUDY
NOVEMBER = date(2026, 11, 1)
SEVEN_YEARS = 7 * 12


@pytest.fixture
def house(db: Session) -> Household:
    """Jade (6) and Léo (7), and a study whose places are set apart at seven years."""
    made = make_household(db)
    activity = made.activity(KIND)
    db.execute(delete(ActivityDay).where(ActivityDay.activity_id == activity.id))
    db.add_all(
        [
            AgeGroup(activity_id=activity.id, name="6 ans", min_age_months=0, max_age_months=83, places=1),
            AgeGroup(
                activity_id=activity.id,
                name="7 ans et plus",
                min_age_months=SEVEN_YEARS,
                max_age_months=216,
                places=2,
            ),
        ]
    )
    db.flush()
    open_days(db, actor=ACTOR, now=AUGUST, activity_id=activity.id)
    for child in (made.elder, made.younger):
        register_child(
            db,
            actor=ACTOR,
            now=AUGUST,
            child_id=child.id,
            family_id=made.family.id,
            activity_id=activity.id,
        )
    return made


def first_days(house: Household) -> dict[str, ActivityDay]:
    """The two halves of the first day of November, by the name of their group."""
    rows = house.session.execute(
        select(AgeGroup.name, ActivityDay)
        .join(ActivityDay, ActivityDay.age_group_id == AgeGroup.id)
        .where(ActivityDay.day == date(2026, 11, 2))
    )
    return {row.name: row.ActivityDay for row in rows}


def reserve(house: Household, child_id: int, day: ActivityDay):
    return reserve_days(
        house.session,
        actor=ACTOR,
        now=AUGUST,
        child_id=child_id,
        family_id=house.family.id,
        choices=[Choice(day.id)],
    )


def test_each_group_has_its_own_days_and_places(house: Household) -> None:
    days = first_days(house)

    assert {name: day.places for name, day in days.items()} == {"6 ans": 1, "7 ans et plus": 2}


def test_a_child_takes_the_places_of_its_own_age_only(house: Household) -> None:
    days = first_days(house)

    wrong = reserve(house, house.elder.id, days["6 ans"])
    right = reserve(house, house.elder.id, days["7 ans et plus"])

    assert [answer.reason for answer in wrong.refused] == [Reason.TOO_OLD]
    assert len(right.booked) == 1
    assert [a.reason for a in reserve(house, house.younger.id, days["7 ans et plus"]).refused] == [
        Reason.TOO_YOUNG
    ]


def test_the_month_shows_one_cell_a_day_the_childs_own(house: Household) -> None:
    grid = month_grid(
        house.session,
        child_id=house.younger.id,
        family_id=house.family.id,
        month=NOVEMBER,
        now=at(NOVEMBER, time(9)),
    )

    assert grid is not None
    cell = grid.cells[date(2026, 11, 2), 0]
    assert cell.activity_day_id == first_days(house)["6 ans"].id


def test_a_week_pattern_books_the_childs_own_group(house: Household) -> None:
    outcome = reserve_pattern(
        house.session,
        actor=ACTOR,
        now=AUGUST,
        child_id=house.elder.id,
        family_id=house.family.id,
        slots=[Slot(house.activity(KIND).id, None, 0)],
        first=date(2026, 11, 2),
        last=date(2026, 11, 16),
    )

    assert (len(outcome.booked), outcome.refused) == (3, [])
