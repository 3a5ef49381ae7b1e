"""Two wish rounds: the holiday centre's next holidays, open; and one whose answers are published."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import select

from demo.families import Builder
from domain.dates import at
from domain.reservations.catalogue import catalogue
from domain.reservations.facts import child_sheet
from domain.reservations.operations import Choice
from domain.wishes.operations import post_wishes, publish_round
from domain.wishes.planning import wishable_days
from domain.wishes.rounds import Terms, make_round
from domain.wishes.rules import DECLARED, Criterion
from models.activities import Activity, ActivityDay, ActivityKind, ActivityRegistration, RegistrationState
from models.wishes import WishRound

POINTS = {
    Criterion.WORKING_PARENTS: 10,
    Criterion.SINGLE_PARENT: 10,
    Criterion.RESIDENT: 8,
    Criterion.EARLIER_REFUSAL: 6,
    Criterion.SIBLING: 4,
    Criterion.LOW_QUOTIENT: 4,
}
BELOW_CENTS = 80_000
WISHING, DAYS_ROUND = 40, 8
PLACES_LEFT = 12
DECLARING = 0.6


def wish_for_places(builder: Builder, now: datetime) -> None:
    """Let families wish for the Wednesdays of two coming months; the nearer ones are answered already."""
    days = _days(builder, now)
    if len(days) < 2 * DAYS_ROUND:
        return
    answered, coming = days[:DAYS_ROUND], days[DAYS_ROUND : 2 * DAYS_ROUND]
    _published(builder, answered, now)
    _open(builder, coming, now)


def _days(builder: Builder, now: datetime) -> list[ActivityDay]:
    """Return the Wednesdays from six weeks on, of which nobody has booked any yet."""
    activity = _activity(builder)
    return list(
        builder.session.scalars(
            select(ActivityDay)
            .where(
                ActivityDay.activity_id == activity.id,
                ActivityDay.day > (now + timedelta(weeks=6)).date(),
                ActivityDay.age_group_id.is_(None),
                ActivityDay.closed_reason.is_(None),
            )
            .order_by(ActivityDay.day)
            .limit(2 * DAYS_ROUND)
        )
    )


def _activity(builder: Builder) -> Activity:
    kind = ActivityKind.WEDNESDAY_LEISURE
    return next(one for one in builder.setting.activities if one.kind == kind)


def _round(
    builder: Builder, name: str, days: Sequence[ActivityDay], opens: datetime, closes: datetime
) -> WishRound:
    terms = Terms(
        activity_id=days[0].activity_id,
        name=name,
        first_day=days[0].day,
        last_day=days[-1].day,
        opens_at=opens,
        closes_at=closes,
        points=POINTS,
        quotient_below_cents=BELOW_CENTS,
    )
    return make_round(builder.session, actor=builder.actor, now=opens, terms=terms)


def _published(builder: Builder, days: Sequence[ActivityDay], now: datetime) -> None:
    """Answer a round that more children wished than there are places left."""
    morning = at(now.date(), time(8))
    opens, closes = morning - timedelta(days=20), morning - timedelta(days=6)
    wish_round = _round(builder, "Mercredis d’hiver", days, opens, closes)
    for day in days:
        day.places = min(day.places, day.taken + PLACES_LEFT)
    builder.session.flush()
    _wish(builder, wish_round, opens + timedelta(days=2), WISHING)
    publish_round(
        builder.session, actor=builder.actor, now=closes + timedelta(hours=26), round_id=wish_round.id
    )


def _open(builder: Builder, days: Sequence[ActivityDay], now: datetime) -> None:
    """Leave a round open, with the first wishes; the personas have not answered yet."""
    morning = at(now.date(), time(8))
    opens, closes = morning - timedelta(days=3), morning + timedelta(days=11, hours=10)
    wish_round = _round(builder, "Mercredis de printemps", days, opens, closes)
    _wish(builder, wish_round, opens + timedelta(hours=10), WISHING // 2, with_personas=False)


def _wish(
    builder: Builder, wish_round: WishRound, now: datetime, count: int, *, with_personas: bool = True
) -> None:
    """Let some registered children wish days at random."""
    session = builder.session
    rows = session.execute(
        select(ActivityRegistration.child_id, ActivityRegistration.family_id)
        .where(
            ActivityRegistration.activity_id == wish_round.activity_id,
            ActivityRegistration.state == RegistrationState.VALIDATED,
        )
        .order_by(ActivityRegistration.id)
    ).all()
    mine = [row for row in rows if row.family_id in builder.persona_families]
    others = [row for row in rows if row.family_id not in builder.persona_families]
    for child_id, family_id in [*(mine if with_personas else []), *others][:count]:
        _wish_for(builder, wish_round, now, child_id, family_id)


def _wish_for(builder: Builder, wish_round: WishRound, now: datetime, child_id: int, family_id: int) -> None:
    session, dice = builder.session, builder.dice
    sheet = child_sheet(session, child_id=child_id, family_id=family_id, on=wish_round.first_day)
    if sheet is None:
        return
    may = [row for row, why in wishable_days(session, wish_round, sheet, now=now) if not why]
    if not may:
        return
    wanted = dice.sample(may, dice.randint(min(3, len(may)), len(may)))
    formulas = catalogue(session).activities[wish_round.activity_id].formulas
    formula_id = dice.choice(formulas).id if formulas else None
    post_wishes(
        session,
        actor=builder.actor,
        now=now,
        round_id=wish_round.id,
        child_id=child_id,
        family_id=family_id,
        choices=[Choice(row.id, formula_id) for row in wanted],
        declared=[dice.choice(DECLARED)] if dice.random() < DECLARING else [],
    )
