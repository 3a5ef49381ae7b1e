"""Two homes in the database: written by staff, felt by both parents on their next page."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.access import require_booking
from domain.actor import Actor, Role
from domain.custody.operations import (
    attach_child,
    detach_child,
    end_arrangement,
    set_arrangement,
    set_guardian_right,
    withdraw_guardian,
)
from domain.custody.queries import arrangements_of, child_custody, strayed_bookings, without_authority
from domain.custody.rules import AdultRights, custody_weeks, family_of_day
from domain.errors import Refusal
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.custody import CustodyArrangement, CustodyPattern, GuardianRight
from models.family import Family, Guardian
from tests.support.households import Household, instant, make_family, make_household

DECEMBER = date(2026, 12, 7)
NOW = instant(date(2026, 11, 23))
AGENT = Actor(label="user:8", user_id=8, roles=frozenset({Role.SCHOOL_AGENT}))
PARENT = Actor(label="user:9", user_id=9, roles=frozenset({Role.PARENT}), family_ids=frozenset({1}))


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


@pytest.fixture
def second(house: Household) -> Family:
    family = make_family(house.session, "Moreau")
    attach_child(
        house.session,
        actor=AGENT,
        now=NOW,
        child_id=house.elder.id,
        family_id=family.id,
        valid_from=date(2026, 9, 1),
    )
    return family


def share(house: Household, family: Family, start: date = DECEMBER, **more: object) -> CustodyArrangement:
    facts: dict[str, object] = {"pattern": CustodyPattern.ODD_WEEKS} | more
    return set_arrangement(
        house.session,
        actor=AGENT,
        now=NOW,
        child_id=house.elder.id,
        family_id=family.id,
        valid_from=start,
        **facts,  # type: ignore[arg-type]
    )


def adult_of(house: Household, family: Family) -> Guardian:
    return house.session.scalars(select(Guardian).where(Guardian.family_id == family.id)).one()


def limit(house: Household, guardian: Guardian, start: date, **rights: bool) -> GuardianRight:
    return set_guardian_right(
        house.session,
        actor=AGENT,
        now=NOW,
        guardian_id=guardian.id,
        child_id=house.elder.id,
        rights=AdultRights(**rights),
        valid_from=start,
    )


def refusal(act: object) -> str:
    with pytest.raises(Refusal) as caught:
        act()  # type: ignore[operator]
    return caught.value.code


def test_a_year_of_53_weeks_gives_two_odd_weeks_in_a_row(house: Household, second: Family) -> None:
    share(house, second)

    known = arrangements_of(house.session, [house.elder.id])[house.elder.id]
    weeks = custody_weeks(known, date(2026, 12, 21), 4)

    assert [week.number for week in weeks] == [52, 53, 1, 2]
    homes = [[span.family_id for span in week.spans] for week in weeks]
    assert homes == [[house.family.id], [second.id], [second.id], [house.family.id]]
    assert [week.repeats_parity for week in weeks] == [False, False, True, False]


def test_a_week_in_which_the_child_changes_homes_names_both(house: Household, second: Family) -> None:
    share(house, second, date(2026, 12, 10), pattern=CustodyPattern.ALTERNATE_FROM_START)

    known = arrangements_of(house.session, [house.elder.id])[house.elder.id]
    spans = custody_weeks(known, date(2026, 12, 14), 1)[0].spans

    assert [(span.first.day, span.last.day, span.family_id) for span in spans] == [
        (14, 16, second.id),
        (17, 20, house.family.id),
    ]


def test_a_new_calendar_closes_the_one_before_and_stops_at_the_next(house: Household, second: Family) -> None:
    share(house, second, date(2026, 12, 7))
    share(house, second, date(2027, 2, 1))
    share(house, house.family, date(2027, 1, 4))

    rows = house.session.scalars(select(CustodyArrangement).order_by(CustodyArrangement.valid_from)).all()
    assert [(row.valid_from, row.valid_to) for row in rows] == [
        (date(2026, 12, 7), date(2027, 1, 4)),
        (date(2027, 1, 4), date(2027, 2, 1)),
        (date(2027, 2, 1), None),
    ]


def test_the_same_first_day_corrects_the_calendar(house: Household, second: Family) -> None:
    share(house, second)
    row = share(house, second, pattern=CustodyPattern.EVEN_WEEKS, share_percent=50)

    assert house.session.scalars(select(CustodyArrangement)).all() == [row]
    assert (row.pattern, row.share_percent) == (CustodyPattern.EVEN_WEEKS, 50)


def test_an_ended_calendar_leaves_every_day_to_both(house: Household, second: Family) -> None:
    share(house, second)
    end_arrangement(house.session, actor=AGENT, now=NOW, child_id=house.elder.id, valid_to=date(2027, 1, 4))

    known = arrangements_of(house.session, [house.elder.id])[house.elder.id]
    assert family_of_day(known[0], date(2027, 1, 4)) is None


def test_both_families_read_it_in_their_trail(house: Household, second: Family) -> None:
    share(house, second)

    entries = house.session.scalars(select(AuditEntry).where(AuditEntry.action == "set_custody")).all()
    assert {entry.family_id for entry in entries} == {house.family.id, second.id}


def test_what_makes_no_sense_is_refused(house: Household, second: Family) -> None:
    session, child = house.session, house.elder.id
    third = make_family(session, "Roux")
    signed = {"actor": AGENT, "now": NOW, "child_id": child}

    def attach(family: Family, actor: Actor = AGENT) -> object:
        return lambda: attach_child(
            session, actor=actor, now=NOW, child_id=child, family_id=family.id, valid_from=DECEMBER
        )

    assert refusal(attach(second)) == "child_already_there"
    assert refusal(attach(third)) == "two_families_already"
    assert refusal(attach(third, PARENT)) == "not_allowed"
    assert refusal(lambda: share(house, third)) == "custody_needs_two_families"
    assert refusal(lambda: share(house, second, share_percent=101)) == "share_out_of_range"
    assert refusal(lambda: end_arrangement(session, valid_to=DECEMBER, **signed)) == "custody_not_there"
    assert refusal(lambda: limit(house, adult_of(house, third), DECEMBER)) == "guardian_not_of_child"
    assert (
        refusal(lambda: detach_child(session, family_id=third.id, valid_to=DECEMBER, **signed))
        == "child_not_there"
    )


def test_a_child_that_leaves_a_home_ends_the_calendar_and_keeps_the_other_home(
    house: Household, second: Family
) -> None:
    share(house, second)
    detach_child(
        house.session,
        actor=AGENT,
        now=NOW,
        child_id=house.elder.id,
        family_id=second.id,
        valid_to=date(2027, 1, 4),
    )

    view = child_custody(house.session, child_id=house.elder.id, today=date(2027, 1, 4))
    assert view is not None
    assert [home.family.id for home in view.homes] == [house.family.id]
    assert view.in_force is None
    assert (
        refusal(
            lambda: detach_child(
                house.session,
                actor=AGENT,
                now=NOW,
                child_id=house.elder.id,
                family_id=house.family.id,
                valid_to=date(2027, 2, 1),
            )
        )
        == "only_family"
    )


def test_bookings_on_the_other_homes_days_are_counted_and_kept(house: Household, second: Family) -> None:
    house.book(house.elder, ActivityKind.CANTEEN, date(2026, 12, 1), 8)

    share(house, second)

    strayed = strayed_bookings(house.session, child_id=house.elder.id, today=DECEMBER)
    # Eight school days from 1 December end on Monday the 14th, the first of week 51.
    assert strayed == {house.family.id: 1}


def test_without_authority_nothing_else_stands_but_the_way_home(house: Household, second: Family) -> None:
    david = adult_of(house, second)
    row = limit(house, david, DECEMBER, has_parental_authority=False)

    assert (row.may_reserve, row.may_see_health, row.may_pick_up) == (False, False, True)
    assert without_authority(house.session, child_ids=[house.elder.id], day=DECEMBER) == {david.id}
    assert without_authority(house.session, child_ids=[house.elder.id], day=NOW.date()) == frozenset()

    withdraw_guardian(
        house.session,
        actor=AGENT,
        now=NOW,
        guardian_id=david.id,
        child_id=house.elder.id,
        valid_from=date(2027, 1, 4),
    )
    rows = house.session.scalars(select(GuardianRight).order_by(GuardianRight.valid_from)).all()
    assert [(one.valid_from, one.valid_to, one.may_pick_up) for one in rows] == [
        (DECEMBER, date(2027, 1, 4), True),
        (date(2027, 1, 4), None, False),
    ]


def test_who_may_not_reserve_is_refused_by_the_operation_itself() -> None:
    limited = Actor(
        label="user:9",
        user_id=9,
        roles=frozenset({Role.PARENT}),
        family_ids=frozenset({1}),
        limits={(1, 7): AdultRights(may_reserve=False)},
    )

    assert refusal(lambda: require_booking(limited, 1, 7)) == "may_not_reserve"
    assert refusal(lambda: require_booking(limited, 2, 7)) == "not_your_family"
    require_booking(limited, 1, 8)
