"""What the database says of a child when it books: read in a few queries, then judged by the rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    Date,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    literal,
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


class DayRow(NamedTuple):
    """An activity day, with what this child has on it."""

    id: int
    activity_id: int
    day: date
    places: int
    taken: int
    closed_reason: str | None
    age_group_id: int | None
    waiting_id: int | None
    waiting_family_id: int | None
    reservation_id: int | None
    reservation_state: str | None
    reservation_family_id: int | None
    formula_id: int | None

    def is_held_by(self, family_id: int) -> bool:
        """Whether this family booked the child; the child's other home may have."""
        return self.reservation_id is not None and self.reservation_family_id == family_id


def without_reservation(row: DayRow) -> DayRow:
    """Return the day as it would be without this child's reservation."""
    return row._replace(
        taken=row.taken - 1,
        reservation_id=None,
        reservation_state=None,
        reservation_family_id=None,
        formula_id=None,
    )


@dataclass(frozen=True)
class ChildSheet:
    """A child as booking sees it, from one family's side; ``awaited`` are the inscriptions without answer yet."""

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
    awaited: frozenset[int] = frozenset()
    _facts: dict[int, ChildFacts] = field(default_factory=dict, compare=False, repr=False)
    _own_days: dict[date, bool] = field(default_factory=dict, compare=False, repr=False)

    @property
    def full_name(self) -> str:
        """Given name then family name."""
        return f"{self.given_name} {self.family_name}".strip()

    def facts_for(self, activity_id: int) -> ChildFacts:
        """Return what eligibility to an activity needs."""
        facts = self._facts.get(activity_id)
        if facts is None:
            facts = self._facts[activity_id] = ChildFacts(
                born_on=self.born_on,
                level=self.level,
                school_id=self.school_id,
                registrations=self.registrations.get(activity_id, ()),
                documents=self.documents,
                is_awaiting=activity_id in self.awaited,
            )
        return facts

    def obstacle(self, activity: ActivityView, day: date) -> Reason | None:
        """Return why this family may not book this activity for this child on a day, places and delays apart."""
        if not self._is_own_day(day):
            return Reason.NOT_YOUR_DAY
        return ineligibility(self.facts_for(activity.id), activity.terms, day)

    def _is_own_day(self, day: date) -> bool:
        is_own = self._own_days.get(day)
        if is_own is None:
            is_member = any(held.covers(day) for held in self.memberships)
            is_own = is_member and is_family_day(self.arrangements, self.family_id, day)
            self._own_days[day] = is_own
        return is_own


def child_sheet(session: Session, *, child_id: int, family_id: int, on: date) -> ChildSheet | None:
    """Return a child of a family as booking sees it; None when the child is not in that family.

    Args:
        on: a day of the month booked; the enrolment of its school year gives level and school.
    """
    people = session.execute(_PERSON, {"child_id": child_id, "family_id": family_id, "on": on}).all()
    if not people:
        return None
    first = people[0]
    histories: dict[str, list[tuple[str, int | None, date, date | None]]] = defaultdict(list)
    for kind, *dated in session.execute(_HISTORIES, {"child_id": child_id, "family_id": family_id}):
        histories[kind].append(tuple(dated))
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
        awaited=frozenset(int(value) for value, *_ in histories["awaited"]),
    )


# The statements below are built once: building one costs several times as much as running it.
_CHILD, _FAMILY = bindparam("child_id", type_=Integer), bindparam("family_id", type_=Integer)
_ON, _FIRST, _END = (bindparam(name, type_=Date) for name in ("on", "first", "end"))

_PERSON = (
    select(
        Child.given_name,
        Child.family_name,
        Child.born_on,
        SchoolEnrolment.level,
        SchoolEnrolment.school_id,
        ChildFamily.valid_from,
        ChildFamily.valid_to,
    )
    .select_from(Child.__table__)
    .join(ChildFamily.__table__, ChildFamily.child_id == Child.id)
    .outerjoin(
        SchoolEnrolment.__table__,
        and_(
            SchoolEnrolment.child_id == Child.id,
            SchoolEnrolment.state == EnrolmentState.VALIDATED,
            SchoolEnrolment.school_year_id.in_(
                select(SchoolYear.id).where(SchoolYear.starts_on <= _ON, SchoolYear.ends_on >= _ON)
            ),
        ),
    )
    .where(Child.id == _CHILD, ChildFamily.family_id == _FAMILY)
)


def _history(kind: str, start: Any, end: Any, value: Any = "", other: Any = None) -> Select[*tuple[Any, ...]]:
    """Return one dated thing in the shape that they all share, so that one statement reads them all."""
    return select(
        literal(kind).label("kind"),
        cast(value, String).label("value"),
        cast(other, Integer).label("other"),
        start.label("valid_from"),
        end.label("valid_to"),
    )


_HISTORIES = union_all(
    _history(
        "quotient", QuotientFamilial.valid_from, QuotientFamilial.valid_to, QuotientFamilial.value_cents
    ).where(QuotientFamilial.family_id == _FAMILY),
    _history("residence", FamilyAddress.valid_from, FamilyAddress.valid_to, FamilyAddress.residence).where(
        FamilyAddress.family_id == _FAMILY
    ),
    _history(
        "registration",
        ActivityRegistration.valid_from,
        ActivityRegistration.valid_to,
        ActivityRegistration.activity_id,
    ).where(
        ActivityRegistration.child_id == _CHILD,
        ActivityRegistration.family_id == _FAMILY,
        ActivityRegistration.state == RegistrationState.VALIDATED,
    ),
    _history(
        "awaited",
        ActivityRegistration.valid_from,
        ActivityRegistration.valid_to,
        ActivityRegistration.activity_id,
    ).where(
        ActivityRegistration.child_id == _CHILD,
        ActivityRegistration.family_id == _FAMILY,
        ActivityRegistration.state == RegistrationState.REQUESTED,
    ),
    _history("pai", Pai.valid_from, Pai.valid_to).where(Pai.child_id == _CHILD, Pai.brings_packed_meal),
    _history(
        "custody",
        CustodyArrangement.valid_from,
        CustodyArrangement.valid_to,
        CustodyArrangement.pattern,
        CustodyArrangement.family_id,
    ).where(CustodyArrangement.child_id == _CHILD),
    _history(
        "custody_other",
        CustodyArrangement.valid_from,
        CustodyArrangement.valid_to,
        other=CustodyArrangement.other_family_id,
    ).where(CustodyArrangement.child_id == _CHILD),
    _history("document", Document.issued_on, Document.valid_until, DocumentType.code)
    .join(DocumentType.__table__, DocumentType.id == Document.document_type_id)
    .where(
        or_(Document.child_id == _CHILD, Document.family_id == _FAMILY),
        Document.state == DocumentState.ACCEPTED,
    ),
)


def _arrangements(
    histories: Mapping[str, Sequence[tuple[str, int | None, date, date | None]]],
) -> Iterable[Arrangement]:
    others = {start: other for _, other, start, _ in histories["custody_other"]}
    for value, family_id, start, end in histories["custody"]:
        other = others[start]
        if family_id is not None and other is not None:
            yield Arrangement(family_id, other, CustodyPattern(value), start, end)


_QUEUED = and_(
    WaitingEntry.activity_day_id == ActivityDay.id,
    WaitingEntry.child_id == _CHILD,
    or_(WaitingEntry.state == WaitingState.WAITING, WaitingEntry.state == WaitingState.OFFERED),
)
_DAYS = (
    select(
        ActivityDay.id,
        ActivityDay.activity_id,
        ActivityDay.day,
        ActivityDay.places,
        ActivityDay.taken,
        ActivityDay.closed_reason,
        ActivityDay.age_group_id,
        WaitingEntry.id,
        WaitingEntry.family_id,
    )
    .select_from(ActivityDay.__table__)
    .outerjoin(WaitingEntry.__table__, _QUEUED)
    .order_by(ActivityDay.id)
)
_HELD = select(
    Reservation.activity_day_id,
    Reservation.id,
    Reservation.state,
    Reservation.family_id,
    Reservation.formula_id,
).where(Reservation.child_id == _CHILD, or_(*(Reservation.state == state for state in LIVE_STATES)))

_DAYS_BY_ID = _DAYS.where(ActivityDay.id.in_(bindparam("wanted", expanding=True)))
_HELD_BY_ID = _HELD.where(Reservation.activity_day_id.in_(bindparam("wanted", expanding=True)))
_DAYS_BY_DATE = _DAYS.where(
    ActivityDay.activity_id.in_(bindparam("wanted", expanding=True)),
    ActivityDay.day >= _FIRST,
    ActivityDay.day < _END,
)
_HELD_BY_DATE = _HELD.where(Reservation.day >= _FIRST, Reservation.day < _END)
_NOTHING_HELD: tuple[Any, ...] = (None, None, None, None)


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
    given: dict[str, Any] = {"child_id": child_id}
    if day_ids is not None:
        days, held = _DAYS_BY_ID, _HELD_BY_ID
        given["wanted"] = sorted(set(day_ids))
    else:
        days, held = _DAYS_BY_DATE, _HELD_BY_DATE
        given |= {"wanted": sorted(activity_ids or ()), "first": first, "end": end}
    booked: dict[int, tuple[Any, ...]] = {
        day_id: tuple(found) for day_id, *found in session.execute(held, given)
    }
    return [DayRow(*day, *booked.get(day[0], _NOTHING_HELD)) for day in session.execute(days, given)]
