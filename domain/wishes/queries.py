"""What the pages of wishes read: the rounds of a family's children, a child's sheet, and the published answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.facts import child_sheet
from domain.reservations.queries import registered_activities
from domain.wishes.rounds import phase_of
from domain.wishes.rules import Phase, Verdict
from models.activities import ActivityDay
from models.family import Child
from models.wishes import Wish, WishAnswer, WishRound, WishSheet

SHOWN_AFTER_DAYS = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """What a published round says of one day of a child; ``reason`` is the code of why it was not granted."""

    day: date
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A child's answers, to be told to its family; days in order."""

    sheet_id: int
    family_id: int
    child_id: int
    child_name: str
    place: int
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class ChildRound:
    """A round as it concerns a child: where it stands, and how many days the child wishes."""

    round: WishRound
    activity: ActivityView
    phase: Phase
    child_id: int
    wish_count: int


@dataclass(frozen=True, slots=True)
class StaffRound:
    """A round in the staff's list."""

    round: WishRound
    activity: ActivityView
    phase: Phase
    child_count: int


def sheet_of(round_id: int, child_id: int, family_id: int) -> Select[WishSheet]:
    """Return the statement that reads a child's sheet in a round, for one of its families."""
    return select(WishSheet).where(
        WishSheet.round_id == round_id, WishSheet.child_id == child_id, WishSheet.family_id == family_id
    )


def find_sheet(session: Session, *, round_id: int, child_id: int, family_id: int) -> WishSheet | None:
    """Return a child's sheet in a round, for one of its families."""
    return session.scalars(sheet_of(round_id, child_id, family_id)).one_or_none()


def wishes_of(session: Session, sheet_id: int) -> Sequence[Wish]:
    """Return the wishes of a sheet."""
    return session.scalars(select(Wish).where(Wish.sheet_id == sheet_id)).all()


def answers_of(session: Session, sheet_id: int) -> list[Answer]:
    """Return the published answers of a sheet, in order of day; none before."""
    rows = session.execute(
        select(ActivityDay.day, Wish.answer, Wish.reason)
        .join(ActivityDay, ActivityDay.id == Wish.activity_day_id)
        .where(Wish.sheet_id == sheet_id, Wish.answer.is_not(None))
        .order_by(ActivityDay.day)
    )
    return [Answer(day, Verdict(answer.value), reason) for day, answer, reason in rows if answer]


def answered_families(session: Session, round_id: int) -> list[int]:
    """Return the families with a child in a published round."""
    ranked = select(WishSheet.family_id).where(WishSheet.round_id == round_id, WishSheet.place.is_not(None))
    return list(session.scalars(ranked.distinct().order_by(WishSheet.family_id)))


def answered_of(session: Session, round_id: int, family_ids: Sequence[int]) -> list[Answered]:
    """Return what a published round answers to the children of some families, by place."""
    rows = session.execute(
        select(WishSheet, Child)
        .join(Child, Child.id == WishSheet.child_id)
        .where(
            WishSheet.round_id == round_id,
            WishSheet.place.is_not(None),
            WishSheet.family_id.in_(family_ids),
        )
        .order_by(WishSheet.place)
    )
    return [
        Answered(
            sheet_id=sheet.id,
            family_id=sheet.family_id,
            child_id=child.id,
            child_name=child.full_name,
            place=sheet.place or 0,
            answers=answers_of(session, sheet.id),
        )
        for sheet, child in rows
    ]


def ranked_count(session: Session, round_id: int) -> int:
    """Return how many children a round has."""
    return session.scalar(select(func.count()).where(WishSheet.round_id == round_id)) or 0


def family_rounds(
    session: Session, *, family_id: int, child_ids: Sequence[int], now: datetime
) -> list[ChildRound]:
    """Return the rounds that concern each child of a family, those that one may answer first.

    A round concerns a child who has a sheet in it, or who may wish a day of it while it is not closed. Answers
    are shown for two months after they are published.
    """
    rounds = session.scalars(
        select(WishRound)
        .where(
            or_(
                WishRound.published_at.is_(None),
                WishRound.published_at > now - timedelta(days=SHOWN_AFTER_DAYS),
            )
        )
        .order_by(WishRound.closes_at, WishRound.id)
    ).all()
    if not rounds:
        return []
    counts = _wish_counts(session, family_id, [one.id for one in rounds])
    registered = _registered(session, family_id)
    known = catalogue(session).activities
    found = []
    for one, child_id in product(rounds, child_ids):
        activity, stands = known[one.activity_id], phase_of(one, now)
        count = counts.get((one.id, child_id), 0)
        is_asked = stands in (Phase.COMING, Phase.OPEN) and (
            not activity.needs_registration or (child_id, activity.id) in registered
        )
        if count or (is_asked and _may_wish(session, one, activity, child_id, family_id, now)):
            found.append(ChildRound(one, activity, stands, child_id, count))
    order = list(Phase)
    return sorted(found, key=lambda one: (one.phase is not Phase.OPEN, order.index(one.phase)))


def _may_wish(
    session: Session,
    wish_round: WishRound,
    activity: ActivityView,
    child_id: int,
    family_id: int,
    now: datetime,
) -> bool:
    """Whether some day of a round is not impossible for a child; its own page looks at each day."""
    sheet = child_sheet(session, child_id=child_id, family_id=family_id, on=wish_round.first_day)
    days = (day for day in activity.opening_days if wish_round.first_day <= day <= wish_round.last_day)
    return sheet is not None and any(
        now < activity.book_until(day) and sheet.obstacle(activity, day) is None for day in days
    )


def _registered(session: Session, family_id: int) -> set[tuple[int, int]]:
    """Return the children of a family with the activities that they are registered to."""
    by_child = registered_activities(session, family_id=family_id)
    return {(child_id, activity_id) for child_id, ids in by_child.items() for activity_id in ids}


def _wish_counts(session: Session, family_id: int, round_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    rows = session.execute(
        select(WishSheet.round_id, WishSheet.child_id, func.count(Wish.id))
        .join(Wish, Wish.sheet_id == WishSheet.id)
        .where(WishSheet.family_id == family_id, WishSheet.round_id.in_(round_ids))
        .group_by(WishSheet.round_id, WishSheet.child_id)
    )
    return {(round_id, child_id): count for round_id, child_id, count in rows}


def staff_rounds(session: Session, *, now: datetime) -> list[StaffRound]:
    """Return all rounds, the latest to close first."""
    counted = (
        select(WishSheet.round_id, func.count().label("children")).group_by(WishSheet.round_id).subquery()
    )
    rows = session.execute(
        select(WishRound, counted.c.children)
        .outerjoin(counted, counted.c.round_id == WishRound.id)
        .order_by(WishRound.closes_at.desc(), WishRound.id.desc())
    )
    known = catalogue(session).activities
    return [StaffRound(one, known[one.activity_id], phase_of(one, now), n or 0) for one, n in rows]


@dataclass(frozen=True, slots=True)
class RankedChild:
    """A child's line of a published round."""

    sheet: WishSheet
    name: str
    granted: int
    waiting: int
    refused: int


@dataclass(frozen=True, slots=True)
class AnsweredDay:
    """A day's line of a published round."""

    day: date
    granted: int
    waiting: int
    refused: int


def ranked_children(session: Session, *, round_id: int) -> list[RankedChild]:
    """Return the children of a published round in order of the ranking, with how many days each answer has."""
    counts = _answer_counts(session, round_id, Wish.sheet_id)
    rows = session.execute(
        select(WishSheet, Child.given_name, Child.family_name)
        .join(Child, Child.id == WishSheet.child_id)
        .where(WishSheet.round_id == round_id)
        .order_by(WishSheet.place)
    )
    return [
        RankedChild(sheet, f"{given} {family}".strip(), *counts.get(sheet.id, (0, 0, 0)))
        for sheet, given, family in rows
    ]


def answered_days(session: Session, *, round_id: int) -> list[AnsweredDay]:
    """Return the days of a published round, with how many wishes each answer has."""
    counts = _answer_counts(session, round_id, ActivityDay.day)
    return [AnsweredDay(day, *counts[day]) for day in sorted(counts)]


def _answer_counts(session: Session, round_id: int, by: Any) -> dict[Any, tuple[int, int, int]]:
    """Count granted, waiting and refused wishes of a round by a column."""
    rows = session.execute(
        select(by, *(func.count().filter(Wish.answer == answer) for answer in WishAnswer))
        .select_from(Wish)
        .join(WishSheet, WishSheet.id == Wish.sheet_id)
        .join(ActivityDay, ActivityDay.id == Wish.activity_day_id)
        .where(WishSheet.round_id == round_id)
        .group_by(by)
    )
    return {key: (granted, waiting, refused) for key, granted, waiting, refused in rows}


def child_name(session: Session, child_id: int) -> str:
    """Return a child's full name."""
    return session.get_one(Child, child_id).full_name
