"""Custody as pages and other subjects read it: calendars, whose week it is, what each adult may do."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from domain.custody.rules import FULL_RIGHTS, AdultRights, Arrangement, CustodyPattern, is_family_day
from models.custody import CustodyArrangement, GuardianRight
from models.family import Child, ChildFamily, Family, Guardian
from models.reservations import LIVE_STATES, Reservation


def holds_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a row of rights is in force on a day."""
    return and_(
        GuardianRight.valid_from <= day,
        or_(GuardianRight.valid_to.is_(None), GuardianRight.valid_to > day),
    )


def rights_of(row: GuardianRight) -> AdultRights:
    """Return what a row of rights says."""
    return AdultRights(row.has_parental_authority, row.may_reserve, row.may_see_health, row.may_pick_up)


def arrangements_of(session: Session, child_ids: Iterable[int]) -> Mapping[int, list[Arrangement]]:
    """Return the custody calendars of children, past and to come, by child."""
    found: dict[int, list[Arrangement]] = defaultdict(list)
    rows = select(CustodyArrangement).where(CustodyArrangement.child_id.in_(sorted(child_ids)))
    for row in session.scalars(rows.order_by(CustodyArrangement.valid_from)):
        found[row.child_id].append(
            Arrangement(
                row.family_id, row.other_family_id, CustodyPattern(row.pattern), row.valid_from, row.valid_to
            )
        )
    return found


def without_authority(session: Session, *, child_ids: Iterable[int], day: date) -> frozenset[int]:
    """Return the adults who may not know of one of these children on a day: no mail about it goes to them."""
    wanted = sorted(set(child_ids))
    if not wanted:
        return frozenset()
    rows = select(GuardianRight.guardian_id).where(
        GuardianRight.child_id.in_(wanted), ~GuardianRight.has_parental_authority, holds_on(day)
    )
    return frozenset(session.scalars(rows))


def hidden_from(guardian_id: int, day: date) -> Select[int]:
    """Return the children over which an adult has no parental authority on a day, as a subquery."""
    return select(GuardianRight.child_id).where(
        GuardianRight.guardian_id == guardian_id, ~GuardianRight.has_parental_authority, holds_on(day)
    )


@dataclass(frozen=True, slots=True)
class AdultOfChild:
    """An adult, what it may do for the child today, and the day on which that began, if it is limited."""

    guardian: Guardian
    rights: AdultRights
    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Home:
    """One of the child's families, since when, and its adults."""

    family: Family
    since: date
    adults: list[AdultOfChild]


@dataclass(frozen=True, slots=True)
class ChildCustody:
    """A child, its homes on a day, and every calendar written; ``in_force`` is the day's."""

    child: Child
    homes: list[Home]
    calendars: list[CustodyArrangement]
    in_force: CustodyArrangement | None

    @property
    def names(self) -> Mapping[int, str]:
        """Return each home's name by its family; the code tells two of one name apart."""
        names = [home.family.name for home in self.homes]
        return {
            home.family.id: str(home.family) if names.count(home.family.name) > 1 else home.family.name
            for home in self.homes
        }


def child_custody(session: Session, *, child_id: int, today: date) -> ChildCustody | None:
    """Return a child's homes, adults and calendars; None when there is no such child. Five queries."""
    child = session.get(Child, child_id)
    if child is None:
        return None
    homes = session.execute(
        select(Family, ChildFamily.valid_from)
        .join(ChildFamily, ChildFamily.family_id == Family.id)
        .where(
            ChildFamily.child_id == child_id,
            or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > today),
        )
        .order_by(ChildFamily.id)
    ).all()
    adults = session.scalars(
        select(Guardian)
        .where(Guardian.family_id.in_([family.id for family, _since in homes]))
        .order_by(Guardian.rank)
    ).all()
    limits = {
        row.guardian_id: row
        for row in session.scalars(
            select(GuardianRight).where(GuardianRight.child_id == child_id, holds_on(today))
        )
    }
    calendars = list(
        session.scalars(
            select(CustodyArrangement)
            .where(CustodyArrangement.child_id == child_id)
            .order_by(CustodyArrangement.valid_from.desc())
        )
    )
    in_force = (row for row in calendars if row.valid_from <= today)
    return ChildCustody(
        child=child,
        homes=[
            Home(family, since, [_adult(one, limits) for one in adults if one.family_id == family.id])
            for family, since in homes
        ],
        calendars=calendars,
        in_force=next((row for row in in_force if row.valid_to is None or row.valid_to > today), None),
    )


def _adult(guardian: Guardian, limits: Mapping[int, GuardianRight]) -> AdultOfChild:
    limit = limits.get(guardian.id)
    if limit is None:
        return AdultOfChild(guardian, FULL_RIGHTS, None, None)
    return AdultOfChild(guardian, rights_of(limit), limit.valid_from, limit.valid_to)


def strayed_bookings(session: Session, *, child_id: int, today: date) -> Mapping[int, int]:
    """Return, by family, how many coming bookings stand on days that the calendar gives to the other one.

    They were made before the calendar changed. They are kept, since the child is expected; staff see to them.
    """
    arrangements = arrangements_of(session, [child_id])[child_id]
    found: dict[int, int] = defaultdict(int)
    rows = session.execute(
        select(Reservation.family_id, Reservation.day).where(
            Reservation.child_id == child_id,
            Reservation.day >= today,
            Reservation.state.in_(LIVE_STATES),
        )
    )
    for family_id, day in rows:
        if not is_family_day(arrangements, family_id, day):
            found[family_id] += 1
    return found
