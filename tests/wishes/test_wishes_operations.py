"""A round in the database: wished, planned, published, on each kind of database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.errors import Refusal
from domain.reservations.operations import Choice, reserve_days
from domain.reservations.rules import Reason
from domain.reservations.waiting import join_waiting_list
from domain.wishes.operations import post_wishes, publish_round
from domain.wishes.planning import make_plan
from domain.wishes.queries import answers_of, find_sheet, wishes_of
from domain.wishes.rounds import change_round, delete_round, make_round, set_declared_aside
from domain.wishes.rules import Criterion, Verdict, fingerprint
from models.activities import ActivityDay
from models.audit import AuditEntry
from models.reservations import LIVE_STATES, Reservation, WaitingEntry, WaitingState
from models.wishes import WishAnswer
from tests.support.databases import rolled_back
from tests.support.households import ACTOR, AUGUST
from tests.wishes.rounds import CLOSED, KIND, NOVEMBER, OPEN, Wishing, parent_of


@pytest.fixture
def town(db: Session) -> Wishing:
    return Wishing(db, children=4)


def live(session: Session, day: ActivityDay) -> list[int]:
    found = select(Reservation.child_id).where(
        Reservation.activity_day_id == day.id, Reservation.state.in_(LIVE_STATES)
    )
    return sorted(session.scalars(found))


def test_days_of_an_unfinished_round_are_not_booked_by_the_grid(town: Wishing) -> None:
    free_day = town.house.days(KIND, date(2026, 12, 1), 1)[0]
    outcome = reserve_days(
        town.session,
        actor=parent_of(town.house),
        now=OPEN,
        child_id=town.children[0].id,
        family_id=town.house.family.id,
        choices=[Choice(town.days[0].id), Choice(free_day.id)],
    )

    assert [answer.day for answer in outcome.booked] == [free_day.day]
    assert [(one.reason, one.closed_at) for one in outcome.refused] == [
        (Reason.WISHES_FIRST, town.round.closes_at)
    ]
    with pytest.raises(Refusal, match="wishes_first"):
        join_waiting_list(
            town.session,
            actor=parent_of(town.house),
            now=OPEN,
            child_id=town.children[0].id,
            family_id=town.house.family.id,
            activity_day_id=town.days[0].id,
        )


def test_publishing_gives_places_by_rank_and_the_rest_waits_in_that_order(town: Wishing) -> None:
    town.set_places(town.days[0], 2)
    for child in town.children:
        town.wish(child, town.days[:1], declared=["working_parents"] if child is town.children[3] else [])
    plan = make_plan(town.session, town.round, now=CLOSED)

    answered = publish_round(town.session, actor=ACTOR, now=CLOSED, round_id=town.round.id)

    order = [one.child_id for one in answered]
    assert order == [line.sheet.child_id for line in plan.children]
    assert order[0] == town.children[3].id
    assert live(town.session, town.days[0]) == sorted(order[:2])
    queue = select(WaitingEntry.child_id).where(WaitingEntry.state == WaitingState.WAITING)
    assert list(town.session.scalars(queue.order_by(WaitingEntry.id))) == order[2:]
    assert [[answer.verdict for answer in one.answers] for one in answered] == [
        [Verdict.GRANTED], [Verdict.GRANTED], [Verdict.WAITING], [Verdict.WAITING],
    ]  # fmt: skip
    sheet = find_sheet(
        town.session, round_id=town.round.id, child_id=order[0], family_id=town.house.family.id
    )
    assert sheet is not None and sheet.place == 1
    assert sheet.earned == {"working_parents": 10, "resident": 5, "sibling": 2}


def test_published_twice_it_changes_nothing_and_tells_nobody(town: Wishing) -> None:
    town.set_places(town.days[0], 1)
    for child in town.children:
        town.wish(child, town.days[:1])

    first = publish_round(town.session, actor=ACTOR, now=CLOSED, round_id=town.round.id)
    before = town.session.scalar(select(func.count()).select_from(AuditEntry))
    again = publish_round(town.session, actor=ACTOR, now=CLOSED, round_id=town.round.id)

    assert (len(first), again) == (4, [])
    assert town.session.scalar(select(func.count()).select_from(AuditEntry)) == before
    assert len(live(town.session, town.days[0])) == 1
    assert town.session.scalar(select(func.count()).select_from(WaitingEntry)) == 3


def test_once_published_the_remaining_places_are_booked_as_usual(town: Wishing) -> None:
    publish_round(town.session, actor=ACTOR, now=CLOSED, round_id=town.round.id)
    outcome = reserve_days(
        town.session,
        actor=parent_of(town.house),
        now=CLOSED,
        child_id=town.children[0].id,
        family_id=town.house.family.id,
        choices=[Choice(town.days[0].id)],
    )

    assert len(outcome.booked) == 1


def test_wishes_are_what_was_said_last_and_none_takes_the_sheet_back(town: Wishing) -> None:
    child = town.children[0]
    sheet = town.wish(child, town.days[:2], declared=["working_parents", "resident", "nonsense"])
    assert sheet is not None
    assert sheet.declared == ["working_parents"]  # what the portal knows by itself is not declared

    again = town.wish(child, town.days[1:3])
    assert again is not None and again.id == sheet.id
    assert {wish.activity_day_id for wish in wishes_of(town.session, sheet.id)} == {
        day.id for day in town.days[1:3]
    }
    assert again.declared == []

    assert town.wish(child, []) is None
    assert (
        find_sheet(town.session, round_id=town.round.id, child_id=child.id, family_id=town.house.family.id)
        is None
    )


def test_wishes_are_refused_outside_the_window_outside_the_round_and_for_strangers(town: Wishing) -> None:
    child, other = town.children[0], town.house.days(KIND, date(2026, 12, 1), 1)
    with pytest.raises(Refusal, match="wish_round_not_open"):
        town.wish(child, town.days[:1], now=town.round.opens_at - timedelta(seconds=1))
    with pytest.raises(Refusal, match="wish_round_closed"):
        town.wish(child, town.days[:1], now=town.round.closes_at)
    with pytest.raises(Refusal, match="wish_day_refused"):
        town.wish(child, other)
    with pytest.raises(Refusal, match="wish_declared_both"):
        town.wish(child, town.days[:1], declared=["working_parents", "single_parent"])
    stranger = Actor(label="user:9", user_id=9, roles=frozenset({Role.PARENT}), family_ids=frozenset())
    with pytest.raises(Refusal, match="not_your_family"):
        post_wishes(
            town.session,
            actor=stranger,
            now=OPEN,
            round_id=town.round.id,
            child_id=child.id,
            family_id=town.house.family.id,
            choices=[Choice(town.days[0].id)],
            declared=[],
        )


def test_a_declaration_set_aside_counts_no_more_and_says_why(town: Wishing) -> None:
    child = town.children[0]
    sheet = town.wish(child, town.days[:1], declared=["working_parents"])
    assert sheet is not None
    with pytest.raises(Refusal, match="wish_reason_missing"):
        set_declared_aside(
            town.session, actor=ACTOR, now=CLOSED, sheet_id=sheet.id, codes=["working_parents"], reason=""
        )
    set_declared_aside(
        town.session,
        actor=ACTOR,
        now=CLOSED,
        sheet_id=sheet.id,
        codes=["working_parents"],
        reason="Attestation absente",
    )

    earned = make_plan(town.session, town.round, now=CLOSED).children[0].standing.earned
    assert Criterion.WORKING_PARENTS not in earned
    assert earned[Criterion.RESIDENT] == 5


def test_who_was_granted_nothing_earlier_in_the_year_comes_first_later(town: Wishing) -> None:
    town.set_places(town.days[0], 1)
    for child in town.children:
        town.wish(child, town.days[:1])
    answered = publish_round(town.session, actor=ACTOR, now=CLOSED, round_id=town.round.id)
    lucky = answered[0].child_id

    terms = town.terms(
        date(2026, 12, 1),
        date(2026, 12, 18),
        {Criterion.EARLIER_REFUSAL: 3},
        closes_at=CLOSED + timedelta(days=9),
    )
    later = make_round(town.session, actor=ACTOR, now=CLOSED, terms=terms)
    days = town.house.days(KIND, date(2026, 12, 1), 1)
    for child in town.children:
        town.wish(child, days, wish_round=later, now=CLOSED)
    plan = make_plan(town.session, later, now=later.closes_at)

    assert plan.children[-1].sheet.child_id == lucky
    assert [line.standing.total for line in plan.children] == [3, 3, 3, 0]


def test_a_child_booked_meanwhile_is_refused_with_the_reason_and_loses_nothing(town: Wishing) -> None:
    child = town.children[0]
    sheet = town.wish(child, town.days[:1])
    assert sheet is not None
    town.session.execute(update(ActivityDay).where(ActivityDay.id == town.days[0].id).values(taken=1))
    town.session.add(
        Reservation(
            child_id=child.id,
            family_id=town.house.family.id,
            activity_day_id=town.days[0].id,
            activity_id=town.round.activity_id,
            day=town.days[0].day,
            booked_at=OPEN,
        )
    )
    town.session.flush()

    publish_round(town.session, actor=ACTOR, now=CLOSED, round_id=town.round.id)

    assert [(one.verdict, one.reason) for one in answers_of(town.session, sheet.id)] == [
        (Verdict.REFUSED, "already_booked")
    ]
    assert live(town.session, town.days[0]) == [child.id]


def test_a_round_is_changed_before_it_opens_then_only_put_off(town: Wishing) -> None:
    terms = town.terms(NOVEMBER, date(2026, 11, 30), {Criterion.RESIDENT: 50})
    before = town.round.opens_at - timedelta(hours=1)
    change_round(town.session, actor=ACTOR, now=before, round_id=town.round.id, terms=terms)
    assert town.round.points == {"resident": 50}

    with pytest.raises(Refusal, match="wish_round_opened"):
        change_round(
            town.session,
            actor=ACTOR,
            now=OPEN,
            round_id=town.round.id,
            terms=town.terms(NOVEMBER, date(2026, 11, 30), {Criterion.RESIDENT: 1}),
        )
    later = town.terms(
        NOVEMBER,
        date(2026, 11, 30),
        {Criterion.RESIDENT: 50},
        closes_at=town.round.closes_at + timedelta(hours=2),
    )
    change_round(town.session, actor=ACTOR, now=OPEN, round_id=town.round.id, terms=later)
    assert town.round.closes_at == later.closes_at

    town.wish(town.children[0], town.days[:1])
    with pytest.raises(Refusal, match="wish_round_has_wishes"):
        delete_round(town.session, actor=ACTOR, now=OPEN, round_id=town.round.id)


def test_a_round_that_cannot_be_is_refused(town: Wishing) -> None:
    first = town.days[0].day
    cases = {
        "wish_round_overlaps": town.terms(first, first, {}),
        "wish_round_without_day": town.terms(date(2026, 10, 24), date(2026, 10, 25), {}),
        "wish_round_dates": town.terms(date(2026, 12, 18), date(2026, 12, 1), {}),
        "wish_round_too_late": town.terms(
            date(2026, 12, 1), date(2026, 12, 18), {}, closes_at=CLOSED + timedelta(days=60)
        ),
    }
    for code, terms in cases.items():
        with pytest.raises(Refusal, match=code):
            make_round(town.session, actor=ACTOR, now=AUGUST, terms=terms)
    parent = parent_of(town.house)
    with pytest.raises(Refusal, match="not_allowed"):
        make_round(town.session, actor=parent, now=AUGUST, terms=cases["wish_round_overlaps"])
    with pytest.raises(Refusal, match="not_allowed"):
        publish_round(town.session, actor=parent, now=CLOSED, round_id=town.round.id)
    with pytest.raises(Refusal, match="wish_round_still_open"):
        publish_round(town.session, actor=ACTOR, now=OPEN, round_id=town.round.id)


def test_the_seed_is_drawn_and_its_fingerprint_can_be_published_at_once(town: Wishing) -> None:
    other = town.make_round(date(2026, 12, 1), date(2026, 12, 18), {})

    assert len(town.round.seed) == 32
    assert town.round.seed != other.seed
    assert fingerprint(town.round.seed) != town.round.seed


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_wished_no_day_is_oversold_and_nobody_is_lost(
    engine: Engine, data: st.DataObject
) -> None:
    with rolled_back(engine) as session:
        town = Wishing(session, children=5)
        for day in town.days[:3]:
            town.set_places(day, data.draw(st.integers(0, 4)))
        wished = {child.id: data.draw(st.sets(st.sampled_from(range(3)))) for child in town.children}
        for child in data.draw(st.permutations(town.children)):
            town.wish(child, [town.days[n] for n in sorted(wished[child.id])])

        answered = publish_round(session, actor=ACTOR, now=CLOSED, round_id=town.round.id)

        for number, day in enumerate(town.days[:3]):
            session.refresh(day)
            wanting = [child for child, days in wished.items() if number in days]
            assert day.taken == len(live(session, day)) == min(day.places, len(wanting))
        assert sum(len(one.answers) for one in answered) == sum(map(len, wished.values()))
        waiting = session.scalar(select(func.count()).select_from(WaitingEntry))
        told = [answer for one in answered for answer in one.answers]
        assert waiting == sum(answer.verdict.value == WishAnswer.WAITING.value for answer in told)


def test_what_the_portal_knows_gives_its_points_as_of_the_closing_day(town: Wishing) -> None:
    """The household's quotient is 850 from September; it lives in the town; its children are two."""
    points = {Criterion.LOW_QUOTIENT: 7, Criterion.RESIDENT: 5, Criterion.SIBLING: 3}
    found = {}
    for below, month in ((85_000, 12), (85_001, 1)):
        first = date(2026 + (month == 1), month, 4)
        terms = replace(town.terms(first, first + timedelta(days=14), points), quotient_below_cents=below)
        wish_round = make_round(town.session, actor=ACTOR, now=AUGUST, terms=terms)
        days = town.house.days(KIND, first.replace(day=1), 12)
        town.wish(town.children[0], [day for day in days if day.day >= first][:1], wish_round=wish_round)
        line = make_plan(town.session, wish_round, now=CLOSED).children[0]
        found[below] = line.standing.earned

    # The sibling is registered to the study, without a wish of its own.
    assert found[85_000] == {Criterion.RESIDENT: 5, Criterion.SIBLING: 3}
    assert found[85_001] == {Criterion.LOW_QUOTIENT: 7, Criterion.RESIDENT: 5, Criterion.SIBLING: 3}
