"""What the database says of a child when it books: read in a few queries, then judged by the rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    String,
    and_,
    cast,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from domain.custody.rules import Arrangement, CustodyPattern, is_family_day
from domain.reservations.catalogue import ActivityView
from domain.reservations.rules import ChildFacts, HeldDocument, HeldRange, Reason, ineligibility
from models.activities import ActivityDay, ActivityRegistration, RegistrationState
from models.calendar import SchoolYear
from models.custody import CustodyArrangement
from models.documents import Document, DocumentState, DocumentType
from models.family import Child, ChildFamily, FamilyAddress
from models.health import Pai
from models.quotients import QuotientFamilial
from models.reservations import LIVE_STATES, Reservation, WaitingEntry, WaitingState
from models.schools import EnrolmentState, SchoolEnrolment


@dataclass(frozen=True, slots=True)
class History:
    """A value in force on ``[valid_from, valid_to[``: a quotient in cents, or a residence."""

    value: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class DayRow:
    """An activity day, with what this child has on it."""

    id: int
    activity_id: int
    day: date
    places: int
    taken: int
    closed_reason: str | None
    reservation_id: int | None
    reservation_state: str | None
    reservation_family_id: int | None
    formula_id: int | None
    waiting_id: int | None


@dataclass(frozen=True)
class ChildSheet:
    """A child as booking sees it, from one family's side."""

    child_id: int
    family_id: int
    given_name: str
    family_name: str
    born_on: date
    level: str | None
    school_id: int | None
    memberships: tuple[HeldRange, ...]
    registrations: Mapping[int, tuple[HeldRange, ...]]
    arrangements: tuple[Arrangement, ...]
    quotients: tuple[History, ...]
    residences: tuple[History, ...]
    packed_meals: tuple[HeldRange, ...]
    documents: tuple[HeldDocument, ...]

    @property
    def full_name(self) -> str:
        """Given name then family name."""
        return f"{self.given_name} {self.family_name}".strip()

    def facts_for(self, activity_id: int) -> ChildFacts:
        """Return what eligibility to an activity needs."""
        return ChildFacts(
            born_on=self.born_on,
            level=self.level,
            school_id=self.school_id,
            registrations=self.registrations.get(activity_id, ()),
            documents=self.documents,
        )

    def obstacle(self, activity: ActivityView, day: date) -> Reason | None:
        """Return why this family may not book this activity for this child on a day, places and delays apart."""
        if not any(held.covers(day) for held in self.memberships):
            return Reason.NOT_YOUR_DAY
        if not is_family_day(self.arrangements, self.family_id, day):
            return Reason.NOT_YOUR_DAY
        return ineligibility(self.facts_for(activity.id), activity.terms, day)


def child_sheet(session: Session, *, child_id: int, family_id: int, on: date) -> ChildSheet | None:
    """Return a child of a family as booking sees it; None when the child is not in that family.

    Args:
        on: a day of the month booked; the enrolment of its school year gives level and school.
    """
    people = session.execute(_person(child_id, family_id, on)).all()
    if not people:
        return None
    first = people[0]
    histories: dict[str, list[tuple[str, int | None, date, date | None]]] = defaultdict(list)
    for row in session.execute(_histories(child_id, family_id)):
        histories[row.kind].append((row.value, row.other, row.valid_from, row.valid_to))
    registrations: dict[int, list[HeldRange]] = defaultdict(list)
    for value, _, start, end in histories["registration"]:
        registrations[int(value)].append(HeldRange(start, end))
    return ChildSheet(
        child_id=child_id,
        family_id=family_id,
        given_name=first.given_name,
        family_name=first.family_name,
        born_on=first.born_on,
        level=first.level.value if first.level else None,
        school_id=first.school_id,
        memberships=tuple({HeldRange(row.valid_from, row.valid_to) for row in people}),
        registrations={key: tuple(held) for key, held in registrations.items()},
        arrangements=tuple(_arrangements(histories)),
        quotients=tuple(History(value, start, end) for value, _, start, end in histories["quotient"]),
        residences=tuple(History(value, start, end) for value, _, start, end in histories["residence"]),
        packed_meals=tuple(HeldRange(start, end) for _, _, start, end in histories["pai"]),
        documents=tuple(HeldDocument(value, end) for value, _, _, end in histories["document"]),
    )


def _person(child_id: int, family_id: int, on: date) -> Select[*tuple[Any, ...]]:
    in_year = and_(SchoolYear.starts_on <= on, SchoolYear.ends_on >= on)
    enrolled = and_(
        SchoolEnrolment.child_id == Child.id,
        SchoolEnrolment.state == EnrolmentState.VALIDATED,
        SchoolEnrolment.school_year_id.in_(select(SchoolYear.id).where(in_year)),
    )
    return (
        select(
            Child.given_name,
            Child.family_name,
            Child.born_on,
            SchoolEnrolment.level,
            SchoolEnrolment.school_id,
            ChildFamily.valid_from,
            ChildFamily.valid_to,
        )
        .join(ChildFamily, ChildFamily.child_id == Child.id)
        .outerjoin(SchoolEnrolment, enrolled)
        .where(Child.id == child_id, ChildFamily.family_id == family_id)
    )


def _text(column: Any) -> ColumnElement[str]:
    return cast(column, String)


def _nobody() -> ColumnElement[int]:
    return cast(null(), Integer)


def _histories(child_id: int, family_id: int) -> Select[Any]:
    """Return one statement for all that is dated: quotient, residence, registrations, PAI, custody, documents."""
    parts = [
        select(
            literal("quotient").label("kind"),
            _text(QuotientFamilial.value_cents).label("value"),
            _nobody().label("other"),
            QuotientFamilial.valid_from.label("valid_from"),
            QuotientFamilial.valid_to.label("valid_to"),
        ).where(QuotientFamilial.family_id == family_id),
        select(
            literal("residence"),
            _text(FamilyAddress.residence),
            _nobody(),
            FamilyAddress.valid_from,
            FamilyAddress.valid_to,
        ).where(FamilyAddress.family_id == family_id),
        select(
            literal("registration"),
            _text(ActivityRegistration.activity_id),
            _nobody(),
            ActivityRegistration.valid_from,
            ActivityRegistration.valid_to,
        ).where(
            ActivityRegistration.child_id == child_id,
            ActivityRegistration.family_id == family_id,
            ActivityRegistration.state == RegistrationState.VALIDATED,
        ),
        select(literal("pai"), literal(""), _nobody(), Pai.valid_from, Pai.valid_to).where(
            Pai.child_id == child_id, Pai.brings_packed_meal
        ),
        select(
            literal("custody"),
            _text(CustodyArrangement.pattern),
            CustodyArrangement.family_id,
            CustodyArrangement.valid_from,
            CustodyArrangement.valid_to,
        ).where(CustodyArrangement.child_id == child_id),
        select(
            literal("custody_other"),
            literal(""),
            CustodyArrangement.other_family_id,
            CustodyArrangement.valid_from,
            CustodyArrangement.valid_to,
        ).where(CustodyArrangement.child_id == child_id),
        select(
            literal("document"),
            DocumentType.code,
            _nobody(),
            Document.issued_on,
            Document.valid_until,
        )
        .join(DocumentType, DocumentType.id == Document.document_type_id)
        .where(
            or_(Document.child_id == child_id, Document.family_id == family_id),
            Document.state == DocumentState.ACCEPTED,
        ),
    ]
    return union_all(*parts)  # type: ignore[return-value]


def _arrangements(
    histories: Mapping[str, Sequence[tuple[str, int | None, date, date | None]]],
) -> Iterable[Arrangement]:
    others = {start: other for _, other, start, _ in histories["custody_other"]}
    for value, family_id, start, end in histories["custody"]:
        other = others[start]
        if family_id is not None and other is not None:
            yield Arrangement(family_id, other, CustodyPattern(value), start, end)


_DAY_COLUMNS = (
    ActivityDay.id,
    ActivityDay.activity_id,
    ActivityDay.day,
    ActivityDay.places,
    ActivityDay.taken,
    ActivityDay.closed_reason,
    WaitingEntry.id.label("waiting_id"),
)


def day_rows(
    session: Session,
    *,
    child_id: int,
    activity_ids: Iterable[int] | None = None,
    first: date | None = None,
    end: date | None = None,
    day_ids: Iterable[int] | None = None,
) -> list[DayRow]:
    """Return activity days, each with this child's live reservation and place in the queue, in order of id.

    Two queries: the child's reservations are read by their own index, since a join by day would read every
    child's.

    Args:
        activity_ids, first, end: the days ``[first, end[`` of these activities; or else
        day_ids: exactly these days.
    """
    queued = and_(
        WaitingEntry.activity_day_id == ActivityDay.id,
        WaitingEntry.child_id == child_id,
        WaitingEntry.state.in_((WaitingState.WAITING, WaitingState.OFFERED)),
    )
    days = select(*_DAY_COLUMNS).outerjoin(WaitingEntry, queued).order_by(ActivityDay.id)
    held = select(
        Reservation.activity_day_id,
        Reservation.id,
        Reservation.state,
        Reservation.family_id,
        Reservation.formula_id,
    ).where(Reservation.child_id == child_id, Reservation.state.in_(LIVE_STATES))
    if day_ids is not None:
        wanted = sorted(set(day_ids))
        days = days.where(ActivityDay.id.in_(wanted))
        held = held.where(Reservation.activity_day_id.in_(wanted))
    else:
        days = days.where(
            ActivityDay.activity_id.in_(sorted(activity_ids or ())),
            ActivityDay.day >= first,
            ActivityDay.day < end,
        )
        held = held.where(Reservation.day >= first, Reservation.day < end)
    booked = {row.activity_day_id: row for row in session.execute(held)}
    return [_day_row(row, booked.get(row.id)) for row in session.execute(days)]


def _day_row(day: Row[*tuple[Any, ...]], held: Row[*tuple[Any, ...]] | None) -> DayRow:
    return DayRow(
        id=day.id,
        activity_id=day.activity_id,
        day=day.day,
        places=day.places,
        taken=day.taken,
        closed_reason=day.closed_reason,
        reservation_id=held.id if held else None,
        reservation_state=held.state if held else None,
        reservation_family_id=held.family_id if held else None,
        formula_id=held.formula_id if held else None,
        waiting_id=day.waiting_id,
    )
