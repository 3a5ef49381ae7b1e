"""A town with a round open on November's studies, and children who may wish them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.actor import Actor, Role
from domain.dates import at
from domain.reservations.opening import register_child
from domain.reservations.operations import Choice
from domain.wishes.operations import post_wishes
from domain.wishes.rounds import Terms, make_round
from domain.wishes.rules import Criterion
from models.activities import ActivityDay, ActivityKind
from models.family import Child
from models.schools import Level
from models.wishes import WishRound, WishSheet
from tests.support.households import ACTOR, AUGUST, Household, make_household, make_pupil

KIND = ActivityKind.SUPERVISED_STUDY
NOVEMBER = date(2026, 11, 1)
OPENS, OPEN, CLOSES, CLOSED = (at(date(2026, 10, day), time(8)) for day in (1, 5, 9, 10))
POINTS = {Criterion.WORKING_PARENTS: 10, Criterion.RESIDENT: 5, Criterion.SIBLING: 2}


def parent_of(house: Household) -> Actor:
    """An adult of the household, as the portal sees it."""
    return Actor(
        label="user:1", user_id=1, roles=frozenset({Role.PARENT}), family_ids=frozenset({house.family.id})
    )


class Wishing:
    """One family of several children registered to the study, and a round on its days of November."""

    def __init__(self, session: Session, children: int = 2) -> None:
        self.session = session
        self.house = house = make_household(session)
        more = [
            make_pupil(session, house.setting, house.family, f"Enfant {n}", date(2019, 1, n + 1), Level.CE1)
            for n in range(children - 2)
        ]
        self.children = [house.elder, house.younger, *more]
        for child in self.children:
            register_child(
                session,
                actor=ACTOR,
                now=AUGUST,
                child_id=child.id,
                family_id=house.family.id,
                activity_id=house.activity(KIND).id,
            )
        self.round = self.make_round(NOVEMBER, date(2026, 11, 30), POINTS)
        self.days = house.days(KIND, NOVEMBER, 4)

    def terms(
        self,
        first: date,
        last: date,
        points: Mapping[Criterion, int],
        *,
        opens_at: datetime = OPENS,
        closes_at: datetime = CLOSES,
    ) -> Terms:
        """Return a round's terms on the study."""
        return Terms(
            activity_id=self.house.activity(KIND).id,
            name="Études de novembre",
            first_day=first,
            last_day=last,
            opens_at=opens_at,
            closes_at=closes_at,
            points=points,
        )

    def make_round(self, first: date, last: date, points: Mapping[Criterion, int]) -> WishRound:
        """Make a round on the study."""
        return make_round(self.session, actor=ACTOR, now=AUGUST, terms=self.terms(first, last, points))

    def set_places(self, day: ActivityDay, places: int) -> None:
        """Give a day this many places."""
        self.session.execute(update(ActivityDay).where(ActivityDay.id == day.id).values(places=places))

    def wish(
        self,
        child: Child,
        days: Sequence[ActivityDay],
        *,
        declared: Sequence[str] = (),
        now: datetime = OPEN,
        wish_round: WishRound | None = None,
    ) -> WishSheet | None:
        """Post a child's wishes as its parent."""
        return post_wishes(
            self.session,
            actor=parent_of(self.house),
            now=now,
            round_id=(wish_round or self.round).id,
            child_id=child.id,
            family_id=self.house.family.id,
            choices=[Choice(day.id) for day in days],
            declared=declared,
        )
