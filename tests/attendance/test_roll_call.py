"""The roll-call in the database and in the browser: one presence a child, whatever the tablets send."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.attendance.operations import Mark, close_roll_call, note_presence, reopen_roll_call
from domain.attendance.queries import find_children, roll_children
from domain.dates import at
from domain.errors import Refusal
from models.accounts import StaffSite
from models.activities import ActivityDay, ActivityKind
from models.attendance import Attendance, Presence
from models.calendar import SchoolYear
from models.custody import CustodyArrangement, CustodyPattern
from models.family import ChildFamily, Diet
from models.health import HealthSheet
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, make_family, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

DAY = date(2026, 11, 2)
EVENING = at(DAY, time(17, 30))
LEADER = Actor(label="user:9", user_id=9, roles=frozenset({Role.ACTIVITY_LEADER}))
AGENT = Actor(label="user:8", user_id=8, roles=frozenset({Role.SCHOOL_AGENT}))


def study(house: Household) -> ActivityDay:
    return house.days(ActivityKind.SUPERVISED_STUDY, DAY, 1)[0]


@pytest.fixture
def house(db: Session) -> Household:
    made = make_household(db)
    made.book(made.elder, ActivityKind.SUPERVISED_STUDY, DAY, 1)
    return made


def mark(
    day: ActivityDay, child_id: int, presence: Presence | None, minutes: int = 0, **times: object
) -> Mark:
    noted_at = EVENING + timedelta(minutes=minutes)
    return Mark(day.id, child_id, presence, noted_at, f"key-{child_id}-{minutes}", **times)  # type: ignore[arg-type]


def note(
    house: Household, what: Mark, *, now: datetime = EVENING + timedelta(hours=1), actor: Actor = LEADER
) -> bool:
    return note_presence(house.session, actor=actor, now=now, mark=what)


def presences(house: Household) -> list[Presence]:
    return list(house.session.scalars(select(Attendance.presence).order_by(Attendance.id)))


def test_the_same_mark_sent_twice_notes_one_presence(house: Household) -> None:
    day = study(house)

    assert note(house, mark(day, house.elder.id, Presence.PRESENT))
    assert not note(house, mark(day, house.elder.id, Presence.PRESENT))

    assert presences(house) == [Presence.PRESENT]


def test_of_two_tablets_the_later_mark_stands_in_whatever_order_they_arrive(house: Household) -> None:
    day = study(house)

    note(house, mark(day, house.elder.id, Presence.PRESENT, minutes=5))
    note(house, mark(day, house.elder.id, Presence.ABSENT, minutes=2))

    assert presences(house) == [Presence.PRESENT]


def test_a_clock_that_is_ahead_does_not_win_for_ever(house: Household) -> None:
    day = study(house)

    note(house, mark(day, house.elder.id, Presence.PRESENT, minutes=600), now=EVENING)
    note(house, mark(day, house.elder.id, Presence.ABSENT, minutes=1), now=EVENING + timedelta(minutes=1))

    assert presences(house) == [Presence.ABSENT]


def test_a_child_not_booked_is_added_for_the_family_it_is_with(house: Household) -> None:
    day = study(house)
    other = make_family(house.session, "Petit")
    house.session.add(ChildFamily(child_id=house.younger.id, family_id=other.id, valid_from=date(2026, 9, 1)))
    house.session.add(
        CustodyArrangement(
            child_id=house.younger.id,
            family_id=other.id,
            other_family_id=house.family.id,
            pattern=CustodyPattern.ODD_WEEKS,
            valid_from=date(2026, 9, 1),
        )
    )
    house.session.flush()

    note(house, mark(day, house.younger.id, Presence.PRESENT))

    week_is_odd = DAY.isocalendar().week % 2 == 1
    found = house.session.scalars(select(Attendance)).one()
    assert found.family_id == (other.id if week_is_odd else house.family.id)


def test_a_mark_made_by_mistake_is_taken_back(house: Household) -> None:
    day = study(house)
    note(house, mark(day, house.younger.id, Presence.PRESENT))

    assert note(house, mark(day, house.younger.id, None, minutes=1))

    assert presences(house) == []


def test_closing_asks_for_every_child_or_notes_the_rest_absent(house: Household) -> None:
    day = study(house)
    now = EVENING + timedelta(hours=1)

    with pytest.raises(Refusal, match="roll_call_unfinished"):
        close_roll_call(house.session, actor=LEADER, now=now, activity_day_id=day.id)
    close_roll_call(house.session, actor=LEADER, now=now, activity_day_id=day.id, mark_rest_absent=True)
    close_roll_call(house.session, actor=LEADER, now=now, activity_day_id=day.id)

    assert presences(house) == [Presence.ABSENT]


def test_after_closing_what_was_noted_before_still_counts_and_the_rest_is_refused(house: Household) -> None:
    day = study(house)
    note(house, mark(day, house.elder.id, Presence.PRESENT))
    closed_at = EVENING + timedelta(hours=1)
    close_roll_call(house.session, actor=LEADER, now=closed_at, activity_day_id=day.id)
    later = closed_at + timedelta(hours=1)

    assert note(house, mark(day, house.younger.id, Presence.PRESENT, minutes=30), now=later)
    with pytest.raises(Refusal, match="roll_call_closed"):
        note(house, mark(day, house.elder.id, Presence.ABSENT, minutes=90), now=later)


def test_only_the_service_opens_a_closed_roll_call_again(house: Household) -> None:
    day = study(house)
    now = EVENING + timedelta(hours=1)
    close_roll_call(house.session, actor=LEADER, now=now, activity_day_id=day.id, mark_rest_absent=True)

    with pytest.raises(Refusal, match="not_allowed"):
        reopen_roll_call(house.session, actor=LEADER, now=now, activity_day_id=day.id)
    reopen_roll_call(house.session, actor=AGENT, now=now, activity_day_id=day.id)

    assert note(house, mark(day, house.elder.id, Presence.PRESENT, minutes=90), now=now + timedelta(hours=2))


def test_a_leader_of_another_site_makes_no_mark_here(house: Household) -> None:
    day = study(house)
    leader = make_staff(house.session, "leader@saint-preau.example", Role.ACTIVITY_LEADER)
    centre = house.activity(ActivityKind.WEDNESDAY_LEISURE).site_id
    house.session.add(StaffSite(user_id=leader.id, site_id=centre))
    house.session.flush()
    actor = Actor(label="x", user_id=leader.id, roles=frozenset({Role.ACTIVITY_LEADER}))

    with pytest.raises(Refusal, match="unknown_day"):
        note(house, mark(day, house.elder.id, Presence.PRESENT), actor=actor)


def test_nobody_is_marked_before_the_day(house: Household) -> None:
    with pytest.raises(Refusal, match="roll_call_in_future"):
        note(house, mark(study(house), house.elder.id, Presence.PRESENT), now=EVENING - timedelta(days=3))


def test_a_departure_before_the_arrival_is_refused(house: Household) -> None:
    wrong = mark(
        study(house),
        house.elder.id,
        Presence.PRESENT,
        arrived_at=EVENING,
        left_at=EVENING - timedelta(minutes=1),
    )

    with pytest.raises(Refusal, match="left_before_arrival"):
        note(house, wrong)


def test_the_leader_sees_health_diet_and_who_may_come(house: Household) -> None:
    house.elder.diet = Diet.NO_PORK
    year = house.session.scalars(select(SchoolYear)).first()
    assert year is not None
    house.session.add(
        HealthSheet(child_id=house.elder.id, school_year_id=house.setting.year.id, allergies="Arachides")
    )
    house.session.flush()

    child = roll_children(house.session, activity_day_id=study(house).id, day=DAY)[0]

    assert (child.name, child.about, child.allergies, child.diet) == (
        "Martin Léo",
        "CE1",
        "Arachides",
        "no_pork",
    )
    assert child.pickups == ("Alice Martin",)


def test_children_are_found_without_accents(house: Household) -> None:
    assert [name for _id, name, _born in find_children(house.session, text="leo", day=DAY)] == ["Martin Léo"]


class TestPages:
    """The same through the portal."""

    @pytest.fixture
    def house(self, app: Flask, store: Session, set_clock: Callable[[datetime], None]) -> Household:
        made = make_household(store)
        made.book(made.elder, ActivityKind.SUPERVISED_STUDY, DAY, 1)
        store.commit()
        set_clock(EVENING)
        return made

    @pytest.fixture
    def leader(self, store: Session, house: Household, visitor: Visitor) -> Visitor:
        user = make_staff(store, "animatrice@saint-preau.example", Role.ACTIVITY_LEADER)
        store.commit()
        return visitor.sign_in(user)

    def test_the_leader_marks_closes_and_prints_without_script(
        self, leader: Visitor, house: Household, store: Session
    ) -> None:
        day = study(house)
        page = leader.get("/pointage")
        assert "Jules Ferry" in page.text
        page = leader.get(f"/pointage/{day.id}")
        assert "Martin Léo" in page.text

        page = leader.submit(page, action=f"/enfants/{house.elder.id}", button="mark=present")
        page = leader.submit(page, action=f"/enfants/{house.elder.id}", button="mark=left")
        page = leader.submit(page, action="/clore")

        assert "Le pointage est clos" in page.text
        assert "17 h 30" in page.text
        assert store.scalar(select(func.count()).select_from(Attendance)) == 1
        assert leader.client.get(f"/pointage/{day.id}/liste.pdf").data.startswith(b"%PDF")

    def test_a_child_who_had_not_booked_is_searched_and_added(
        self, leader: Visitor, house: Household, store: Session
    ) -> None:
        page = leader.get(f"/pointage/{study(house).id}?q=jade")
        page = leader.submit(page, action=f"/enfants/{house.younger.id}", button="mark=present")

        assert "Non réservé" in page.text
        assert store.scalars(select(Attendance.child_id)).one() == house.younger.id

    def test_a_tablet_sends_its_marks_twice_and_rubbish_once(
        self, leader: Visitor, house: Household, store: Session
    ) -> None:
        good = {
            "key": "0a1b2c3d-key",
            "day": study(house).id,
            "child": house.elder.id,
            "presence": "present",
            "notedAt": "2026-11-02T16:10:00.000Z",
        }
        body = {
            "marks": [good, good, {"key": "x" * 90}, "?", good | {"child": "1 OR 1"}, good | {"day": 999999}]
        }
        page = leader.get(f"/pointage/{study(house).id}")
        token = page.all("ul", class_="roll")[0].get("data-token")

        answer = leader.client.post("/pointage/synchroniser", json=body, headers={"X-CSRFToken": token})

        assert [one["state"] for one in answer.json["answers"]] == ["done", "done"] + ["refused"] * 4
        assert store.scalar(select(func.count()).select_from(Attendance)) == 1

    def test_what_is_not_a_list_of_marks_is_refused(self, leader: Visitor, house: Household) -> None:
        page = leader.get(f"/pointage/{study(house).id}")
        token = page.all("ul", class_="roll")[0].get("data-token")

        for body in ("[]", "{", '{"marks": 3}'):
            headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
            assert leader.client.post("/pointage/synchroniser", data=body, headers=headers).status_code == 400

    def test_a_parent_finds_nothing_here(self, app: Flask, store: Session, house: Household) -> None:
        parent = Visitor(app).sign_in(make_parent(app, store, house.family.id, "alice@courriel.example"))

        parent.get("/pointage", status=403)
        parent.get(f"/pointage/{study(house).id}", status=403)
