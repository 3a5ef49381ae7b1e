"""Which criteria each child of a round meets: what the portal knows, and what its family declared."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.wishes.rules import DECLARED, Criterion
from models.activities import Activity, ActivityDay, ActivityRegistration, RegistrationState
from models.family import FamilyAddress, Residence
from models.quotients import QuotientFamilial
from models.wishes import Wish, WishAnswer, WishRound, WishSheet


def criteria_met(
    session: Session, wish_round: WishRound, sheets: Sequence[WishSheet]
) -> dict[int, frozenset[Criterion]]:
    """Return the criteria that each sheet of a round meets, as of the day on which its window closes."""
    day = local_day(wish_round.closes_at)
    families = {sheet.family_id for sheet in sheets}
    known = {
        Criterion.RESIDENT: _resident(session, families, day),
        Criterion.LOW_QUOTIENT: _low_quotient(session, wish_round.quotient_below_cents, families, day),
    }
    brothers = _children_of_the_activity(session, wish_round, sheets, day)
    refused = _refused_earlier(session, wish_round)
    met = {}
    for sheet in sheets:
        found = {
            criterion for criterion in DECLARED if criterion in set(sheet.declared) - set(sheet.set_aside)
        }
        found |= {criterion for criterion, holders in known.items() if sheet.family_id in holders}
        if brothers.get(sheet.family_id, set()) - {sheet.child_id}:
            found.add(Criterion.SIBLING)
        if sheet.child_id in refused:
            found.add(Criterion.EARLIER_REFUSAL)
        met[sheet.id] = frozenset(found)
    return met


def _resident(session: Session, families: Iterable[int], day: date) -> set[int]:
    return set(
        session.scalars(
            select(FamilyAddress.family_id).where(
                FamilyAddress.family_id.in_(families),
                FamilyAddress.residence == Residence.RESIDENT,
                FamilyAddress.valid_from <= day,
                or_(FamilyAddress.valid_to.is_(None), FamilyAddress.valid_to > day),
            )
        )
    )


def _low_quotient(session: Session, below: int | None, families: Iterable[int], day: date) -> set[int]:
    """Return the families whose quotient in force is below the round's; none is known to be low without one."""
    if below is None:
        return set()
    rows = session.execute(
        select(QuotientFamilial.family_id, QuotientFamilial.value_cents)
        .where(
            QuotientFamilial.family_id.in_(families),
            QuotientFamilial.valid_from <= day,
            or_(QuotientFamilial.valid_to.is_(None), QuotientFamilial.valid_to > day),
        )
        .order_by(QuotientFamilial.valid_from, QuotientFamilial.id)
    )
    latest = dict(rows.all())
    return {family_id for family_id, cents in latest.items() if cents < below}


def _children_of_the_activity(
    session: Session, wish_round: WishRound, sheets: Sequence[WishSheet], day: date
) -> dict[int, set[int]]:
    """Return, by family, its children who are registered to the activity or wish it in this round."""
    found: dict[int, set[int]] = {}
    for sheet in sheets:
        found.setdefault(sheet.family_id, set()).add(sheet.child_id)
    rows = select(ActivityRegistration.family_id, ActivityRegistration.child_id).where(
        ActivityRegistration.activity_id == wish_round.activity_id,
        ActivityRegistration.family_id.in_(list(found)),
        ActivityRegistration.state == RegistrationState.VALIDATED,
        or_(ActivityRegistration.valid_to.is_(None), ActivityRegistration.valid_to > day),
    )
    for family_id, child_id in session.execute(rows):
        found[family_id].add(child_id)
    return found


def _refused_earlier(session: Session, wish_round: WishRound) -> set[int]:
    """Return the children who wished days of this school year in an earlier round and were granted none."""
    year = select(Activity.school_year_id).where(Activity.id == wish_round.activity_id).scalar_subquery()
    rows = session.execute(
        select(WishSheet.child_id, Wish.answer)
        .join(Wish, Wish.sheet_id == WishSheet.id)
        .join(ActivityDay, ActivityDay.id == Wish.activity_day_id)
        .join(Activity, Activity.id == ActivityDay.activity_id)
        .join(WishRound, WishRound.id == WishSheet.round_id)
        .where(
            Activity.school_year_id == year,
            WishRound.id != wish_round.id,
            WishRound.published_at <= wish_round.closes_at,
        )
    ).all()
    granted = {child_id for child_id, answer in rows if answer is WishAnswer.GRANTED}
    return {child_id for child_id, _answer in rows} - granted
