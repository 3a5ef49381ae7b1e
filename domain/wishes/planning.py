"""The plan of a round: its ranking and its allocation as they would be now; publishing applies this and nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.reservations.catalogue import ActivityView, catalogue
from domain.reservations.facts import ChildSheet, DayRow, child_sheet, day_rows
from domain.reservations.judging import day_facts
from domain.reservations.rules import wish_obstacle
from domain.wishes.facts import criteria_met
from domain.wishes.rules import (
    Candidate,
    Criterion,
    Decision,
    Standing,
    Verdict,
    Wanted,
    allocate,
    child_number,
    ranking,
)
from models.activities import ActivityDay
from models.wishes import Wish, WishRound, WishSheet


@dataclass(frozen=True, slots=True)
class PlannedChild:
    """A child's line of the plan; ``decisions`` are in order of day."""

    sheet: WishSheet
    name: str
    standing: Standing
    decisions: Sequence[Decision]

    def count(self, verdict: Verdict) -> int:
        """Return how many of its days have this answer."""
        return sum(one.verdict is verdict for one in self.decisions)


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day's line of the plan: the places left before it, and what becomes of its wishes."""

    day: date
    free: int
    granted: int
    waiting: int
    refused: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A round as it would be published; ``decisions`` in the order in which they are applied."""

    children: Sequence[PlannedChild]
    days: Sequence[PlannedDay]
    decisions: Sequence[Decision]
    wishes: Mapping[int, Wish]
    day_of: Mapping[int, date]

    def count(self, verdict: Verdict) -> int:
        """Return how many wishes have this answer."""
        return sum(one.verdict is verdict for one in self.decisions)


def points_of(wish_round: WishRound) -> dict[Criterion, int]:
    """Return what each criterion is worth in a round, those without points left out, the dearest first."""
    worth = {criterion: int(wish_round.points.get(criterion.value, 0)) for criterion in Criterion}
    return dict(sorted(((one, n) for one, n in worth.items() if n), key=lambda pair: -pair[1]))


def make_plan(session: Session, wish_round: WishRound, *, now: datetime) -> Plan:
    """Return the ranking and the allocation of a round as they stand now; writes nothing."""
    sheets = list(session.scalars(select(WishSheet).where(WishSheet.round_id == wish_round.id)))
    wishes = list(session.scalars(select(Wish).where(Wish.sheet_id.in_([sheet.id for sheet in sheets]))))
    activity = catalogue(session).activities[wish_round.activity_id]
    people = {sheet.id: _person(session, sheet, wish_round.first_day) for sheet in sheets}
    standings = rank_sheets(session, wish_round, sheets)
    wanted = _wanted(session, activity, sheets, people, wishes, now)
    days = _days(session, {wish.activity_day_id for wish in wishes})
    decisions = allocate(
        standings,
        wanted,
        {row.id: row.places - row.taken for row in days},
        has_waiting_list=activity.has_waiting_list,
    )
    return Plan(
        children=_children(standings, sheets, people, decisions),
        days=[_day(row, decisions) for row in days],
        decisions=decisions,
        wishes={wish.id: wish for wish in wishes},
        day_of={row.id: row.day for row in days},
    )


def rank_sheets(session: Session, wish_round: WishRound, sheets: Sequence[WishSheet]) -> tuple[Standing, ...]:
    """Return the ranking of a round's sheets by its published points and its seed."""
    met = criteria_met(session, wish_round, sheets)
    candidates = [
        Candidate(sheet.id, child_number(sheet.child_id, sheet.family_id), met[sheet.id]) for sheet in sheets
    ]
    return ranking(candidates, points_of(wish_round), wish_round.seed)


def wishable_days(
    session: Session, wish_round: WishRound, sheet: ChildSheet, *, now: datetime
) -> list[tuple[DayRow, str]]:
    """Return the days of a round in order, each with the code of why this child may not wish it, or ""."""
    activity = catalogue(session).activities[wish_round.activity_id]
    ids = session.scalars(
        select(ActivityDay.id).where(
            ActivityDay.activity_id == wish_round.activity_id,
            ActivityDay.day.between(wish_round.first_day, wish_round.last_day),
        )
    )
    rows = day_rows(session, child_id=sheet.child_id, day_ids=list(ids))
    judged = [(row, _obstacle(sheet, activity, row, now)) for row in rows]
    return _one_a_day(judged)


def _one_a_day(judged: Sequence[tuple[DayRow, str]]) -> list[tuple[DayRow, str]]:
    """Keep one row a day, the child's own age group where there is one."""
    best: dict[date, tuple[DayRow, str]] = {}
    for row, obstacle in judged:
        if row.day not in best or (best[row.day][1] and not obstacle):
            best[row.day] = row, obstacle
    return [best[day] for day in sorted(best)]


def _obstacle(sheet: ChildSheet, activity: ActivityView, row: DayRow, now: datetime) -> str:
    reason = wish_obstacle(day_facts(sheet, activity, row), now)
    return reason.value if reason else ""


def _person(session: Session, sheet: WishSheet, on: date) -> ChildSheet | None:
    """Return the child as booking sees it; None when it is no longer in that family."""
    return child_sheet(session, child_id=sheet.child_id, family_id=sheet.family_id, on=on)


def _wanted(
    session: Session,
    activity: ActivityView,
    sheets: Sequence[WishSheet],
    people: Mapping[int, ChildSheet | None],
    wishes: Sequence[Wish],
    now: datetime,
) -> list[Wanted]:
    by_sheet: dict[int, list[Wish]] = defaultdict(list)
    for wish in wishes:
        by_sheet[wish.sheet_id].append(wish)
    found = []
    for sheet in sheets:
        person, mine = people[sheet.id], by_sheet[sheet.id]
        rows = day_rows(session, child_id=sheet.child_id, day_ids=[wish.activity_day_id for wish in mine])
        why = {row.id: _obstacle(person, activity, row, now) if person else "not_registered" for row in rows}
        found += [Wanted(wish.id, sheet.id, wish.activity_day_id, why[wish.activity_day_id]) for wish in mine]
    return found


def _days(session: Session, ids: set[int]) -> list[ActivityDay]:
    return list(
        session.scalars(
            select(ActivityDay)
            .where(ActivityDay.id.in_(ids))
            .order_by(ActivityDay.day, ActivityDay.id)
            .execution_options(populate_existing=True)
        )
    )


def _day(row: ActivityDay, decisions: Sequence[Decision]) -> PlannedDay:
    mine = [one.verdict for one in decisions if one.wanted.day_id == row.id]
    return PlannedDay(
        day=row.day,
        free=row.places - row.taken,
        granted=mine.count(Verdict.GRANTED),
        waiting=mine.count(Verdict.WAITING),
        refused=mine.count(Verdict.REFUSED),
    )


def _children(
    standings: Sequence[Standing],
    sheets: Sequence[WishSheet],
    people: Mapping[int, ChildSheet | None],
    decisions: Sequence[Decision],
) -> list[PlannedChild]:
    by_id = {sheet.id: sheet for sheet in sheets}
    by_sheet: dict[int, list[Decision]] = defaultdict(list)
    for one in decisions:
        by_sheet[one.wanted.sheet_id].append(one)
    lines = []
    for standing in standings:
        person = people[standing.sheet_id]
        name = person.full_name if person else ""
        lines.append(PlannedChild(by_id[standing.sheet_id], name, standing, by_sheet[standing.sheet_id]))
    return lines
