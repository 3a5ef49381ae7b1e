"""Several agents publish at the same moment, while families try to book: the answers are given once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from domain.reservations.operations import Choice, reserve_days
from domain.wishes.operations import publish_round
from models.activities import ActivityDay
from models.reservations import LIVE_STATES, Reservation, WaitingEntry
from tests.support.households import ACTOR
from tests.wishes.rounds import CLOSED, Wishing

pytestmark = pytest.mark.race
AGENTS, CHILDREN, PLACES = 4, 12, 5


def test_a_round_is_published_once_and_no_day_is_oversold(engine: Engine) -> None:
    with Session(engine) as session:
        town = Wishing(session, children=CHILDREN)
        day, round_id, family_id = town.days[0].id, town.round.id, town.house.family.id
        late_comer, *wishing = town.children
        town.set_places(town.days[0], PLACES)
        for child in wishing:
            town.wish(child, town.days[:1])
        child_id = late_comer.id
        session.commit()

    def publish() -> int:
        with Session(engine) as session:
            answered = publish_round(session, actor=ACTOR, now=CLOSED, round_id=round_id)
            session.commit()
            return len(answered)

    def book() -> int:
        with Session(engine) as session:
            outcome = reserve_days(
                session,
                actor=ACTOR,
                now=CLOSED,
                child_id=child_id,
                family_id=family_id,
                choices=[Choice(day)],
            )
            session.commit()
            return len(outcome.booked)

    with ThreadPoolExecutor(2 * AGENTS) as pool:
        published = [pool.submit(publish) for _agent in range(AGENTS)]
        booked = [pool.submit(book) for _agent in range(AGENTS)]

    assert sorted(one.result() for one in published) == [0] * (AGENTS - 1) + [CHILDREN - 1]
    assert sum(one.result() for one in booked) == 0  # wishes first, then full
    with Session(engine) as session:
        live = select(func.count()).where(
            Reservation.activity_day_id == day, Reservation.state.in_(LIVE_STATES)
        )
        assert session.scalar(live) == PLACES
        assert session.scalars(select(ActivityDay.taken).where(ActivityDay.id == day)).one() == PLACES
        assert session.scalar(select(func.count()).select_from(WaitingEntry)) == CHILDREN - 1 - PLACES
