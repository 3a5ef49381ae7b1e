"""Booking and cancelling: each day is decided in the database's own transaction, and answered by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from domain import audit
from domain.access import require_booking
from domain.actor import Actor
from domain.dates import at, first_of_month, next_month
from domain.errors import Refusal
from domain.reservations.catalogue import ActivityView, Catalogue, catalogue
from domain.reservations.facts import ChildSheet, DayRow, child_sheet, day_rows, without_reservation
from domain.reservations.judging import day_facts
from domain.reservations.places import Booking, free_place, take_place
from domain.reservations.rules import (
    Cancellation,
    Reason,
    booking_obstacle,
    cancellation,
)
from domain.reservations.waiting import drop_offer, offer_places
from models.reservations import ReservationState


@dataclass(frozen=True, slots=True)
class Choice:
    """A day that a family wants, and the formula when the activity has several."""

    activity_day_id: int
    formula_id: int | None = None


@dataclass(frozen=True, slots=True)
class DayAnswer:
    """What became of one day; ``reason`` is None when it was done."""

    activity_day_id: int
    activity_name: str
    day: date
    reason: Reason | None = None
    closed_at: datetime | None = None
    detail: str = ""
    is_late: bool = False


@dataclass(slots=True)
class Outcome:
    """The answer to a whole request, day by day: booked, cancelled, waited for or no more, refused."""

    booked: list[DayAnswer] = field(default_factory=list)
    cancelled: list[DayAnswer] = field(default_factory=list)
    waiting: list[DayAnswer] = field(default_factory=list)
    left: list[DayAnswer] = field(default_factory=list)
    refused: list[DayAnswer] = field(default_factory=list)

    @property
    def has_changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.booked or self.cancelled or self.waiting or self.left)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every decision of one request shares; ``freed`` collects the days that gave a place back."""

    session: Session
    actor: Actor
    now: datetime
    sheet: ChildSheet
    settings: Catalogue
    freed: list[int] = field(default_factory=list)


def reserve_days(
    session: Session, *, actor: Actor, now: datetime, child_id: int, family_id: int, choices: Iterable[Choice]
) -> Outcome:
    """Book days for a child of a family; each day that may not be booked is named with its reason.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``.
    """
    wanted = {choice.activity_day_id: choice for choice in choices}
    rows = day_rows(session, child_id=child_id, day_ids=wanted)
    outcome = Outcome()
    if rows:
        desk = _desk(session, actor, now, child_id, family_id, rows[0].day)
        for row in rows:
            _book(desk, row, wanted[row.id], outcome)
        _close(desk, outcome)
    return outcome


def cancel_days(
    session: Session, *, actor: Actor, now: datetime, child_id: int, family_id: int, day_ids: Iterable[int]
) -> Outcome:
    """Give up the child's reservations on these days: free in time; later it counts as an absence.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``.
    """
    rows = day_rows(session, child_id=child_id, day_ids=day_ids)
    outcome = Outcome()
    if rows:
        desk = _desk(session, actor, now, child_id, family_id, rows[0].day)
        for row in rows:
            _cancel(desk, row, outcome, is_late_allowed=True)
        _close(desk, outcome)
    return outcome


def save_month(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    child_id: int,
    family_id: int,
    month: date,
    shown: Iterable[Choice],
    checked: Iterable[Choice],
) -> Outcome:
    """Make the child's month what the family ticked: book what is new, cancel what was unticked.

    Only the boxes that the page showed (``shown``) are touched, so a page opened long ago undoes nothing that
    was booked since. A late cancellation is refused here: it costs money, and has a page of its own.

    Raises:
        Refusal: ``not_your_family``, ``may_not_reserve``, ``unknown_child``.
    """
    desk = _desk(session, actor, now, child_id, family_id, month)
    ticked = _by_day(checked)
    offered = _by_day(shown)
    first, end = first_of_month(month), next_month(month)
    rows = day_rows(
        session, child_id=child_id, activity_ids=desk.settings.activities.keys(), first=first, end=end
    )
    outcome = Outcome()
    for row in rows:
        if row.id not in offered and row.id not in ticked:
            continue  # not on the page
        wanted = ticked.get(row.id, set())
        is_held = row.is_held_by(family_id)
        if is_held and row.formula_id not in wanted and row.formula_id in offered.get(row.id, ()):
            if not _cancel(desk, row, outcome, is_late_allowed=False):
                continue
            row, is_held = without_reservation(row), False  # noqa: PLW2901 - the day goes on as it is now
        for formula_id in sorted(wanted - {row.formula_id if is_held else -1}, key=lambda key: key or 0):
            _book(desk, row, Choice(row.id, formula_id), outcome)
    _close(desk, outcome)
    return outcome


def _by_day(choices: Iterable[Choice]) -> dict[int, set[int | None]]:
    found: dict[int, set[int | None]] = {}
    for choice in choices:
        found.setdefault(choice.activity_day_id, set()).add(choice.formula_id)
    return found


def _desk(session: Session, actor: Actor, now: datetime, child_id: int, family_id: int, on: date) -> _Desk:
    require_booking(actor, family_id, child_id)
    sheet = child_sheet(session, child_id=child_id, family_id=family_id, on=on)
    if sheet is None:
        raise Refusal("unknown_child")
    return _Desk(session, actor, now, sheet, catalogue(session))


def _book(desk: _Desk, row: DayRow, choice: Choice, outcome: Outcome) -> None:
    activity = desk.settings.activities.get(row.activity_id)
    if activity is None or not activity.is_active or not _is_known_formula(activity, choice.formula_id):
        outcome.refused.append(DayAnswer(row.id, "", row.day, Reason.CLOSED))
        return
    answer = DayAnswer(row.id, activity.name, row.day)
    if row.is_held_by(desk.sheet.family_id) and row.formula_id == choice.formula_id:
        return  # a double submit has one effect
    facts = day_facts(desk.sheet, activity, row)
    obstacle = booking_obstacle(facts, desk.now)
    if obstacle is None:
        taken = take_place(desk.session, _booking(desk, row, choice))
        if taken is not False:
            outcome.booked.append(answer)
            return
        obstacle = Reason.FULL
    instants = {Reason.TOO_EARLY: facts.opens_at, Reason.WISHES_FIRST: facts.wishes_until}
    closes_at = instants.get(obstacle, facts.book_until)
    outcome.refused.append(
        DayAnswer(row.id, activity.name, row.day, obstacle, closes_at, row.closed_reason or "")
    )


def _is_known_formula(activity: ActivityView, formula_id: int | None) -> bool:
    if not activity.formulas:
        return formula_id is None
    return any(formula.id == formula_id for formula in activity.formulas)


def _booking(desk: _Desk, row: DayRow, choice: Choice) -> Booking:
    return Booking(
        child_id=desk.sheet.child_id,
        family_id=desk.sheet.family_id,
        activity_day_id=row.id,
        activity_id=row.activity_id,
        day=row.day,
        formula_id=choice.formula_id,
        booked_at=desk.now,
        booked_by=desk.actor.label,
    )


def _cancel(desk: _Desk, row: DayRow, outcome: Outcome, *, is_late_allowed: bool) -> bool:
    """Cancel the child's reservation of a day; False when it was refused."""
    activity = desk.settings.activities.get(row.activity_id)
    name = activity.name if activity else ""
    if row.reservation_id is None or not row.is_held_by(desk.sheet.family_id):
        outcome.refused.append(DayAnswer(row.id, name, row.day, Reason.NOT_BOOKED))
        return False
    if activity is None:
        outcome.refused.append(DayAnswer(row.id, name, row.day, Reason.CLOSED))
        return False
    until = activity.cancel_until(row.day)
    kind = cancellation(desk.now, until, at(row.day, activity.starts_at))
    if kind is None or (kind is Cancellation.LATE and not is_late_allowed):
        outcome.refused.append(DayAnswer(row.id, name, row.day, Reason.TOO_LATE, until))
        return False
    state = ReservationState(kind.value)
    if free_place(
        desk.session, reservation_id=row.reservation_id, state=state, now=desk.now, by=desk.actor.label
    ):
        drop_offer(desk.session, reservation_id=row.reservation_id)
        outcome.cancelled.append(DayAnswer(row.id, name, row.day, is_late=kind is Cancellation.LATE))
        desk.freed.append(row.id)
    return True


def _close(desk: _Desk, outcome: Outcome) -> None:
    """End the request: freed places go to those who wait, and the trail gets one line for the whole.

    Places are offered last, because a family that changes formulas gives its place up and takes it again.
    """
    for activity_day_id in sorted(desk.freed):
        offer_places(desk.session, now=desk.now, activity_day_id=activity_day_id)
    if not outcome.booked and not outcome.cancelled:
        return
    audit.record(
        desk.session,
        actor=desk.actor,
        now=desk.now,
        action="save_reservations",
        subject_kind="child",
        subject_id=desk.sheet.child_id,
        family_id=desk.sheet.family_id,
        before={"cancelled": _listed(outcome.cancelled)} if outcome.cancelled else None,
        after={"booked": _listed(outcome.booked)} if outcome.booked else None,
    )
    desk.session.flush()


def _listed(answers: Iterable[DayAnswer]) -> list[Mapping[str, str]]:
    return [{"activity": answer.activity_name, "day": answer.day.isoformat()} for answer in answers]
