"""A wish round for the rights matrix: one sheet, of the owner's child."""

from datetime import date, datetime, timedelta

from domain.reservations.operations import Choice
from domain.wishes.operations import post_wishes
from domain.wishes.rounds import Terms, make_round
from domain.wishes.rules import Criterion
from models.activities import ActivityKind
from tests.support.households import ACTOR, AUGUST, Household


def open_wish_round(house: Household, now: datetime) -> dict[str, int]:
    """Open a wish round on January's meals, and wish the first for the elder child; return their numbers."""
    session, january = house.session, date(2027, 1, 1)
    terms = Terms(
        activity_id=house.activity(ActivityKind.CANTEEN).id,
        name="Repas de janvier",
        first_day=january,
        last_day=date(2027, 1, 31),
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=9),
        points={Criterion.RESIDENT: 1, Criterion.WORKING_PARENTS: 2},
    )
    wish_round = make_round(session, actor=ACTOR, now=AUGUST, terms=terms)
    sheet = post_wishes(
        session,
        actor=ACTOR,
        now=now,
        round_id=wish_round.id,
        child_id=house.elder.id,
        family_id=house.family.id,
        choices=[Choice(house.days(ActivityKind.CANTEEN, january, 1)[0].id)],
        declared=[Criterion.WORKING_PARENTS],
    )
    assert sheet is not None
    return {"round": wish_round.id, "sheet": sheet.id}
