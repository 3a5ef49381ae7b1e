"""The waiting list in the database: whatever the order of acts, nothing is oversold and nobody is lost."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.reservations.opening import register_child
from domain.reservations.operations import Choice, cancel_days, reserve_days
from domain.reservations.waiting import (
    close_waiting_lists,
    expire_offers,
    join_waiting_list,
    leave_waiting_list,
    offer_places,
    take_offer,
)
from models.activities import ActivityDay, ActivityKind
from models.family import Child
from models.reservations import LIVE_STATES, Reservation, ReservationState, WaitingEntry, WaitingState
from models.schools import Level
from tests.support.databases import rolled_back
from tests.support.households import ACTOR, AUGUST, Household, make_household, make_pupil

KIND = ActivityKind.SUPERVISED_STUDY
NOVEMBER = date(2026, 11, 1)
PLACES, CHILDREN = 2, 6


def parent_of(household: Household) -> Actor:
    """An adult of the household, as the portal sees it."""
    return Actor(
        label="user:1",
        user_id=1,
        roles=frozenset({Role.PARENT}),
        family_ids=frozenset({household.family.id}),
    )


class Queue:
    """A day of two places, and six children of one family who want them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.household = make_household(session)
        self.actor = parent_of(self.household)
        self.now = AUGUST
        home = self.household
        more = [
            make_pupil(session, home.setting, home.family, f"Enfant {n}", date(2019, 1, n + 1), Level.CE1)
            for n in range(CHILDREN - 2)
        ]
        self.children = [home.elder, home.younger, *more]
        for child in self.children:
            register_child(
                session,
                actor=ACTOR,
                now=AUGUST,
                child_id=child.id,
                family_id=home.family.id,
                activity_id=home.activity(KIND).id,
            )
        self.day = home.days(KIND, NOVEMBER, 1)[0]
        self.set_places(PLACES)

    def set_places(self, places: int) -> None:
        self.session.execute(update(ActivityDay).where(ActivityDay.id == self.day.id).values(places=places))

    def book(self, child: Child) -> bool:
        outcome = reserve_days(
            self.session,
            actor=self.actor,
            now=self.now,
            child_id=child.id,
            family_id=self.household.family.id,
            choices=[Choice(self.day.id)],
        )
        return bool(outcome.booked)

    def cancel(self, child: Child) -> None:
        cancel_days(
            self.session,
            actor=self.actor,
            now=self.now,
            child_id=child.id,
            family_id=self.household.family.id,
            day_ids=[self.day.id],
        )

    def join(self, child: Child) -> WaitingEntry:
        return join_waiting_list(
            self.session,
            actor=self.actor,
            now=self.now,
            child_id=child.id,
            family_id=self.household.family.id,
            activity_day_id=self.day.id,
        )

    def leave(self, child: Child) -> None:
        leave_waiting_list(
            self.session,
            actor=self.actor,
            now=self.now,
            family_id=self.household.family.id,
            activity_day_id=self.day.id,
            child_id=child.id,
        )

    def take(self, entry_id: int) -> None:
        take_offer(self.session, actor=self.actor, now=self.now, entry_id=entry_id)

    def entries(self, state: WaitingState) -> list[WaitingEntry]:
        found = (
            select(WaitingEntry)
            .where(WaitingEntry.activity_day_id == self.day.id, WaitingEntry.state == state)
            .order_by(WaitingEntry.id)
            .execution_options(populate_existing=True)
        )
        return list(self.session.scalars(found))

    def state_of(self, child: Child) -> ReservationState | None:
        return self.session.scalar(
            select(Reservation.state).where(
                Reservation.child_id == child.id,
                Reservation.activity_day_id == self.day.id,
                Reservation.state.in_(LIVE_STATES),
            )
        )

    def taken(self) -> int:
        return self.session.scalar(select(ActivityDay.taken).where(ActivityDay.id == self.day.id)) or 0


@pytest.fixture
def queue(db: Session) -> Queue:
    return Queue(db)


def fill(queue: Queue) -> tuple[Child, ...]:
    """Book the two places; return all the children."""
    first, second = queue.children[:2]
    assert queue.book(first)
    assert queue.book(second)
    return tuple(queue.children)


def test_a_freed_place_is_held_for_the_first_who_waits_and_for_nobody_else(queue):
    first, _second, third, fourth, fifth, _sixth = fill(queue)
    queue.join(third)
    queue.join(fourth)

    queue.cancel(first)

    assert queue.state_of(third) is ReservationState.OFFERED
    assert queue.state_of(fourth) is None
    assert not queue.book(fifth)


def test_an_offer_taken_is_a_reservation_and_a_second_click_changes_nothing(queue):
    first, _second, third, *_ = fill(queue)
    entry = queue.join(third)
    queue.cancel(first)

    queue.take(entry.id)
    queue.take(entry.id)

    assert queue.state_of(third) is ReservationState.RESERVED
    assert queue.taken() == PLACES


def test_an_offer_that_expires_goes_to_the_next_in_line(queue):
    first, _second, third, fourth, *_ = fill(queue)
    entry = queue.join(third)
    queue.join(fourth)
    queue.cancel(first)

    queue.now += timedelta(hours=25)
    assert expire_offers(queue.session, now=queue.now) == 1

    assert queue.state_of(third) is None
    assert queue.state_of(fourth) is ReservationState.OFFERED
    with pytest.raises(Refusal, match="offer_expired"):
        queue.take(entry.id)


def test_an_offer_declined_goes_to_the_next_in_line(queue):
    first, _second, third, fourth, *_ = fill(queue)
    queue.join(third)
    queue.join(fourth)
    queue.cancel(first)

    queue.leave(third)

    assert queue.state_of(fourth) is ReservationState.OFFERED
    assert queue.taken() == PLACES


def test_asking_twice_keeps_the_first_place_in_line(queue):
    _first, _second, third, *_ = fill(queue)

    assert queue.join(third).id == queue.join(third).id


def test_nobody_waits_for_a_day_that_has_places(queue):
    with pytest.raises(Refusal, match="place_is_free"):
        queue.join(queue.children[0])


def test_nothing_is_offered_after_the_deadline(queue):
    first, _second, third, *_ = fill(queue)
    queue.join(third)
    queue.now = datetime(2026, 11, 30, tzinfo=AUGUST.tzinfo)

    assert offer_places(queue.session, now=queue.now, activity_day_id=queue.day.id) == []
    assert close_waiting_lists(queue.session, now=queue.now) == 1
    assert queue.state_of(first) is ReservationState.RESERVED
    assert queue.entries(WaitingState.WAITING) == []


def test_a_family_waits_for_its_own_children_only(queue):
    fill(queue)
    queue.actor = Actor(label="user:2", user_id=2, roles=frozenset({Role.PARENT}))

    with pytest.raises(Refusal, match="not_your_family"):
        queue.join(queue.children[2])


class WaitingListMachine(RuleBasedStateMachine):
    """Books, waits, cancels, takes, declines, expires, closes, adds and takes places away, in any order."""

    engine: Engine

    @initialize()
    def open(self) -> None:
        self.rolled = rolled_back(self.engine)
        self.queue = Queue(self.rolled.__enter__())
        self.joined: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "rolled"):
            self.rolled.__exit__(None, None, None)

    @rule(n=st.integers(0, CHILDREN - 1))
    def book(self, n: int) -> None:
        self.queue.book(self.queue.children[n])

    @rule(n=st.integers(0, CHILDREN - 1))
    def cancel(self, n: int) -> None:
        self.queue.cancel(self.queue.children[n])

    @rule(n=st.integers(0, CHILDREN - 1))
    def join(self, n: int) -> None:
        try:
            self.joined.add(self.queue.join(self.queue.children[n]).id)
        except Refusal as refusal:
            assert refusal.code in ("place_is_free", "already_booked", "too_late", "closed")

    @rule(n=st.integers(0, CHILDREN - 1))
    def leave(self, n: int) -> None:
        self.queue.leave(self.queue.children[n])

    @rule(n=st.integers(0, 3))
    def take(self, n: int) -> None:
        offered = self.queue.entries(WaitingState.OFFERED)
        if n < len(offered):
            try:
                self.queue.take(offered[n].id)
            except Refusal as refusal:
                assert refusal.code == "offer_expired"

    @rule(hours=st.sampled_from([1, 23, 30]))
    def time_passes(self, hours: int) -> None:
        self.queue.now += timedelta(hours=hours)
        expire_offers(self.queue.session, now=self.queue.now)
        close_waiting_lists(self.queue.session, now=self.queue.now)

    @rule(more=st.integers(1, 2))
    def staff_add_places(self, more: int) -> None:
        places = self.queue.session.scalar(
            select(ActivityDay.places).where(ActivityDay.id == self.queue.day.id)
        )
        self.queue.set_places(min((places or 0) + more, CHILDREN))
        offer_places(self.queue.session, now=self.queue.now, activity_day_id=self.queue.day.id)

    @rule(fewer=st.integers(1, 2))
    def staff_take_places_away(self, fewer: int) -> None:
        places, taken = self.queue.session.execute(
            select(ActivityDay.places, ActivityDay.taken).where(ActivityDay.id == self.queue.day.id)
        ).one()
        self.queue.set_places(max(places - fewer, taken))

    @rule(is_closed=st.booleans())
    def staff_close_or_open(self, is_closed: bool) -> None:
        self.queue.session.execute(
            update(ActivityDay)
            .where(ActivityDay.id == self.queue.day.id)
            .values(closed_reason="Grève" if is_closed else None)
        )
        offer_places(self.queue.session, now=self.queue.now, activity_day_id=self.queue.day.id)

    @invariant()
    def nothing_is_oversold_and_the_counter_is_true(self) -> None:
        if not hasattr(self, "queue"):
            return
        day_id = self.queue.day.id
        live = self.queue.session.scalar(
            select(func.count())
            .select_from(Reservation)
            .where(Reservation.activity_day_id == day_id, Reservation.state.in_(LIVE_STATES))
        )
        places, taken = self.queue.session.execute(
            select(ActivityDay.places, ActivityDay.taken).where(ActivityDay.id == day_id)
        ).one()
        assert taken == live
        assert taken <= places

    @invariant()
    def nobody_is_lost_and_an_offer_holds_a_place(self) -> None:
        if not hasattr(self, "queue"):
            return
        rows = self.queue.session.execute(
            select(WaitingEntry.id, WaitingEntry.state, Reservation.state)
            .outerjoin(Reservation, Reservation.id == WaitingEntry.reservation_id)
            .where(WaitingEntry.activity_day_id == self.queue.day.id)
        ).all()
        assert self.joined <= {row.id for row in rows}
        for _entry_id, waiting, reservation in rows:
            assert (waiting is WaitingState.OFFERED) == (reservation is ReservationState.OFFERED)

    @invariant()
    def nobody_is_offered_a_place_before_who_came_first(self) -> None:
        if not hasattr(self, "queue"):
            return
        offered, waiting = (
            [entry.id for entry in self.queue.entries(state)]
            for state in (WaitingState.OFFERED, WaitingState.WAITING)
        )
        assert not offered or not waiting or max(offered) < min(waiting)

    @invariant()
    def no_place_lies_free_while_someone_waits_in_time(self) -> None:
        if not hasattr(self, "queue"):
            return
        places, taken, closed = self.queue.session.execute(
            select(ActivityDay.places, ActivityDay.taken, ActivityDay.closed_reason).where(
                ActivityDay.id == self.queue.day.id
            )
        ).one()
        if closed is None and taken < places:
            assert self.queue.entries(WaitingState.WAITING) == []


@pytest.mark.slow
def test_no_order_of_acts_oversells_or_loses_anyone(engine):
    class Machine(WaitingListMachine):
        pass

    Machine.engine = engine
    quiet = settings(
        max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Machine, settings=quiet)
