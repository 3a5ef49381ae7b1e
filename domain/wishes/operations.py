"""Families post wishes; publishing a round gives them places, or a place in the waiting list, once for all."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_booking, require_role
from domain.actor import Actor
from domain.errors import Refusal
from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.facts import child_sheet
from domain.reservations.operations import Choice
from domain.reservations.places import Booking, take_place
from domain.reservations.waiting import lock_day
from domain.wishes.planning import Plan, PlannedChild, make_plan, wishable_days
from domain.wishes.queries import Answered, answers_of, sheet_of
from domain.wishes.rounds import STAFF, phase_of
from domain.wishes.rules import DECLARED, NO_PLACE, Decision, Phase, Verdict
from models.reservations import WaitingEntry
from models.town import raise_revision
from models.wishes import Wish, WishAnswer, WishRound, WishSheet


def post_wishes(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    round_id: int,
    child_id: int,
    family_id: int,
    choices: Iterable[Choice],
    declared: Iterable[str],
) -> WishSheet | None:
    """Make a child's wishes in a round what the family says; without a day, the sheet is taken back (None).

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``; ``wish_round_not_open`` (``opens_at``),
            ``wish_round_closed`` (``closes_at``); ``wish_declared_both``; ``wish_day_refused`` when a day is not for this child.
    """
    require_booking(actor, family_id, child_id)
    wish_round = session.get_one(WishRound, round_id)
    _require_open(wish_round, now)
    wanted = {choice.activity_day_id: choice for choice in choices}
    _require_days(session, wish_round, now, child_id, family_id, wanted.values())
    if not wanted:
        _take_back(session, actor, now, wish_round, child_id, family_id)
        return None
    said = {str(code) for code in declared}
    if said.issuperset(DECLARED):
        raise Refusal("wish_declared_both")
    sheet = _sheet(session, actor, now, round_id, child_id, family_id)
    sheet.declared = [criterion.value for criterion in DECLARED if criterion in said]
    sheet.set_aside = [code for code in sheet.set_aside if code in sheet.declared]
    session.execute(delete(Wish).where(Wish.sheet_id == sheet.id, Wish.activity_day_id.not_in(wanted)))
    kept = {
        wish.activity_day_id: wish for wish in session.scalars(select(Wish).where(Wish.sheet_id == sheet.id))
    }
    for day_id, choice in wanted.items():
        if day_id in kept:
            kept[day_id].formula_id = choice.formula_id
        else:
            session.add(Wish(sheet_id=sheet.id, activity_day_id=day_id, formula_id=choice.formula_id))
    session.flush()
    _trail(session, actor, now, sheet, "post_wishes", {"days": len(wanted), "declared": sheet.declared})
    return sheet


def publish_round(session: Session, *, actor: Actor, now: datetime, round_id: int) -> list[Answered]:
    """Apply the plan of a round and close it for good; published again, it changes nothing and tells nobody.

    Places are taken as any booking takes them; who gets none joins the waiting list, in order of the ranking.

    Raises:
        Refusal: ``not_allowed``; ``wish_round_still_open`` (``closes_at``).
    """
    require_role(actor, *STAFF)
    wish_round = session.get_one(WishRound, round_id, populate_existing=True)
    if phase_of(wish_round, now) in (Phase.COMING, Phase.OPEN):
        raise Refusal("wish_round_still_open", closes_at=wish_round.closes_at)
    if not _claim(session, wish_round, now):
        return []
    wished = select(Wish.activity_day_id).join(WishSheet).where(WishSheet.round_id == round_id).distinct()
    for day_id in sorted(session.scalars(wished)):
        lock_day(session, day_id)
    plan = make_plan(session, wish_round, now=now)
    activity = catalogue(session).activities[wish_round.activity_id]
    for decision in plan.decisions:
        _apply(session, actor, now, activity, plan, decision)
    for child in plan.children:
        _keep(session, actor, now, child)
    session.flush()
    audit.record(
        session,
        actor=actor,
        now=now,
        action="publish_wish_round",
        subject_kind="wish_round",
        subject_id=round_id,
        after={"seed": wish_round.seed} | {verdict.value: plan.count(verdict) for verdict in Verdict},
    )
    return [_answered(session, child) for child in plan.children]


def _require_open(wish_round: WishRound, now: datetime) -> None:
    stands = phase_of(wish_round, now)
    if stands is Phase.COMING:
        raise Refusal("wish_round_not_open", opens_at=wish_round.opens_at)
    if stands is not Phase.OPEN:
        raise Refusal("wish_round_closed", closes_at=wish_round.closes_at)


def _require_days(
    session: Session,
    wish_round: WishRound,
    now: datetime,
    child_id: int,
    family_id: int,
    choices: Iterable[Choice],
) -> None:
    """Check that every day is one of the round's that this child may wish, in a formula of the activity."""
    person = child_sheet(session, child_id=child_id, family_id=family_id, on=wish_round.first_day)
    if person is None:
        raise Refusal("unknown_child")
    may = {row.id for row, why in wishable_days(session, wish_round, person, now=now) if not why}
    formulas = catalogue(session).activities[wish_round.activity_id].formulas
    known: set[int | None] = {formula.id for formula in formulas} or {None}
    if any(choice.activity_day_id not in may or choice.formula_id not in known for choice in choices):
        raise Refusal("wish_day_refused")


def _sheet(
    session: Session, actor: Actor, now: datetime, round_id: int, child_id: int, family_id: int
) -> WishSheet:
    """Return the child's sheet, locked; the two adults of a family may make it at the same moment."""
    values = {
        "round_id": round_id, "child_id": child_id, "family_id": family_id,
        "declared": [], "set_aside": [], "set_aside_reason": "", "draw": "",
        "created_at": now, "created_by": actor.label, "updated_at": now, "updated_by": actor.label,
    }  # fmt: skip
    maker = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(maker(WishSheet).values(values).on_conflict_do_nothing())
    return session.scalars(sheet_of(round_id, child_id, family_id).with_for_update()).one()


def _take_back(
    session: Session, actor: Actor, now: datetime, wish_round: WishRound, child_id: int, family_id: int
) -> None:
    sheet = session.scalars(sheet_of(wish_round.id, child_id, family_id)).one_or_none()
    if sheet is None:
        return
    _trail(session, actor, now, sheet, "withdraw_wishes", {"round": wish_round.name})
    session.delete(sheet)
    session.flush()


def _claim(session: Session, wish_round: WishRound, now: datetime) -> bool:
    """Mark the round as published; False when somebody did already. The others wait here for the first."""
    claimed = session.execute(
        update(WishRound)
        .where(WishRound.id == wish_round.id, WishRound.published_at.is_(None))
        .values(published_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(wish_round)
    raise_revision(session)
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def _apply(
    session: Session, actor: Actor, now: datetime, activity: ActivityView, plan: Plan, decision: Decision
) -> None:
    """Give the place or the place in line, and write the answer down; the counter of places has the last word."""
    wish = plan.wishes[decision.wanted.wish_id]
    sheet = session.get_one(WishSheet, wish.sheet_id)
    verdict, reason = decision.verdict, decision.reason
    if verdict is Verdict.GRANTED:
        booking = Booking(
            child_id=sheet.child_id,
            family_id=sheet.family_id,
            activity_day_id=wish.activity_day_id,
            activity_id=activity.id,
            day=plan.day_of[wish.activity_day_id],
            formula_id=wish.formula_id,
            booked_at=now,
            booked_by=actor.label,
        )
        if take_place(session, booking) is False:
            verdict = Verdict.WAITING if activity.has_waiting_list else Verdict.REFUSED
            reason = NO_PLACE
    if verdict is Verdict.WAITING:
        session.add(
            WaitingEntry(
                child_id=sheet.child_id,
                family_id=sheet.family_id,
                activity_day_id=wish.activity_day_id,
                formula_id=wish.formula_id,
            )
        )
        session.flush()  # the line is in order of its numbers
    wish.answer, wish.reason = WishAnswer(verdict.value), reason


def _keep(session: Session, actor: Actor, now: datetime, child: PlannedChild) -> None:
    """Write a child's place and its reasons on its sheet, where its family reads them."""
    sheet, standing = child.sheet, child.standing
    sheet.place, sheet.draw = standing.place, standing.draw
    sheet.earned = {criterion.value: worth for criterion, worth in standing.earned.items()}
    counted: dict[str, object] = {verdict.value: child.count(verdict) for verdict in Verdict}
    _trail(session, actor, now, sheet, "answer_wishes", {"place": standing.place} | counted)


def _answered(session: Session, child: PlannedChild) -> Answered:
    return Answered(
        sheet_id=child.sheet.id,
        family_id=child.sheet.family_id,
        child_id=child.sheet.child_id,
        child_name=child.name,
        place=child.standing.place,
        answers=answers_of(session, child.sheet.id),
    )


def _trail(
    session: Session, actor: Actor, now: datetime, sheet: WishSheet, action: str, after: dict[str, object]
) -> None:
    audit.record(
        session,
        actor=actor,
        now=now,
        action=action,
        subject_kind="child",
        subject_id=sheet.child_id,
        family_id=sheet.family_id,
        after=after,
    )
