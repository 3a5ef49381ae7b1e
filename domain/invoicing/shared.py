"""Children whose price two homes share by a percentage: who is billed which part of a day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.custody.rules import Arrangement, CustodyPattern, arrangement_on
from domain.pricing.rules import Price
from models.custody import CustodyArrangement
from models.invoices import CarriedItem, InvoiceItem

# What ``home`` says of a billed item: the whole price, the part of the calendar's first home, or of the other.
WHOLE, FIRST, OTHER = range(3)


@dataclass(frozen=True, slots=True)
class Part:
    """What a family is billed of a day: ``first_percent`` is the first home's part."""

    family_id: int
    home: int = WHOLE
    first_percent: int = 100

    def price(self, whole: Price) -> Price:
        """Return this part of a price."""
        return whole if self.home == WHOLE else whole.shared(self.first_percent, is_first=self.home == FIRST)


class Sharing:
    """Who is billed which part of a child's day; a day without percentage is whole for the family that booked it."""

    def __init__(self, rows: Iterable[Any] = ()) -> None:
        self._arrangements: dict[int, list[Arrangement]] = defaultdict(list)
        self._percents: dict[tuple[int, date], int] = {}
        for row in rows:
            pattern = CustodyPattern(row.pattern.value)
            self._arrangements[row.child_id].append(
                Arrangement(row.family_id, row.other_family_id, pattern, row.valid_from, row.valid_to)
            )
            if row.share_percent is not None:
                self._percents[row.child_id, row.valid_from] = row.share_percent

    @property
    def child_ids(self) -> list[int]:
        """The children of whom another home than the one that booked may be billed a part."""
        return sorted(self._arrangements)

    def parts(self, child_id: int, family_id: int, day: date) -> tuple[Part, ...]:
        """Return the parts of a day that a family booked."""
        found = arrangement_on(self._arrangements.get(child_id, ()), day)
        percent = None if found is None else self._percents.get((child_id, found.valid_from))
        if found is None or percent is None or family_id not in (found.family_id, found.other_family_id):
            return (Part(family_id),)
        return Part(found.family_id, FIRST, percent), Part(found.other_family_id, OTHER, percent)


def read_sharing(
    session: Session,
    family_ids: Sequence[int] | None,
    *,
    first: date,
    end: date,
    known_at: datetime | None = None,
) -> Sharing:
    """Return how families share children's prices on ``[first, end[``; one query, and seldom a second.

    Args:
        family_ids: those of a batch; None: every family.
        known_at: what was written later does not count.
    """
    shared = select(CustodyArrangement.child_id).where(CustodyArrangement.share_percent.is_not(None))
    if family_ids is not None:
        shared = shared.where(
            or_(
                CustodyArrangement.family_id.in_(family_ids),
                CustodyArrangement.other_family_id.in_(family_ids),
            )
        )
    child_ids = session.scalars(shared.distinct()).all()
    if not child_ids:
        return Sharing()
    rows = session.scalars(
        select(CustodyArrangement).where(
            CustodyArrangement.child_id.in_(child_ids),
            CustodyArrangement.valid_from < end,
            or_(CustodyArrangement.valid_to.is_(None), CustodyArrangement.valid_to > first),
        )
    )
    return Sharing(row for row in rows if known_at is None or row.created_at <= known_at)


class Billed:
    """Which parts of shared days are invoiced or carried already."""

    def __init__(self, session: Session, subject: str, ids: Sequence[int]) -> None:
        """Read what is billed of these reservations or attendances.

        Args:
            subject: ``reservation_id`` or ``attendance_id``.
        """
        self._homes: dict[int, set[int]] = defaultdict(set)
        for table in (InvoiceItem, CarriedItem):
            key = getattr(table, subject)
            statement = select(key, table.home).where(key.in_(ids))
            if table is InvoiceItem:
                statement = statement.where(InvoiceItem.released_by_id.is_(None))
            for row_id, home in session.execute(statement) if ids else ():
                self._homes[row_id].add(home)

    def holds(self, row_id: int, part: Part) -> bool:
        """Whether this part is billed: by itself, or within a whole price; a whole one, once any part is."""
        homes: Mapping[int, set[int]] = self._homes
        found = homes.get(row_id, set())
        return bool(found) if part.home == WHOLE else bool(found & {WHOLE, part.home})
