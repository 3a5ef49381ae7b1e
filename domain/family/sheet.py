"""The family's file as its own adults see it."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.family import Child, ChildFamily, Family, FamilyAddress, Guardian, TrustedPerson
from models.quotients import QuotientFamilial


@dataclass(frozen=True, slots=True)
class FamilySheet:
    """A family whole, on a day; ``address`` is that day's, ``next_address`` one that begins later."""

    family: Family
    guardians: list[Guardian]
    children: list[Child]
    trusted: list[TrustedPerson]
    address: FamilyAddress | None
    next_address: FamilyAddress | None
    quotient: QuotientFamilial | None

    @property
    def quotient_last_day(self) -> date | None:
        """The last day on which the quotient holds; None when no end is known."""
        if self.quotient is None or self.quotient.valid_to is None:
            return None
        return self.quotient.valid_to - timedelta(days=1)


def family_sheet(session: Session, family_id: int, today: date) -> FamilySheet:
    """Return a family's file as it stands on a day; six queries."""
    addresses = session.scalars(
        select(FamilyAddress)
        .where(
            FamilyAddress.family_id == family_id,
            or_(FamilyAddress.valid_to.is_(None), FamilyAddress.valid_to > today),
        )
        .order_by(FamilyAddress.valid_from)
    ).all()
    return FamilySheet(
        family=session.get_one(Family, family_id),
        guardians=list(
            session.scalars(select(Guardian).where(Guardian.family_id == family_id).order_by(Guardian.rank))
        ),
        children=_children(session, family_id, today),
        trusted=list(
            session.scalars(
                select(TrustedPerson)
                .where(TrustedPerson.family_id == family_id)
                .order_by(TrustedPerson.full_name)
            )
        ),
        address=next((row for row in addresses if row.valid_from <= today), None),
        next_address=next((row for row in addresses if row.valid_from > today), None),
        quotient=_quotient(session, family_id, today),
    )


def current_address(session: Session, family_id: int, day: date) -> FamilyAddress | None:
    """Return where a family lives on a day."""
    return session.scalar(
        select(FamilyAddress).where(
            FamilyAddress.family_id == family_id,
            FamilyAddress.valid_from <= day,
            or_(FamilyAddress.valid_to.is_(None), FamilyAddress.valid_to > day),
        )
    )


def _children(session: Session, family_id: int, today: date) -> list[Child]:
    return list(
        session.scalars(
            select(Child)
            .join(ChildFamily, ChildFamily.child_id == Child.id)
            .where(
                ChildFamily.family_id == family_id,
                ChildFamily.valid_from <= today,
                or_(ChildFamily.valid_to.is_(None), ChildFamily.valid_to > today),
            )
            .order_by(Child.born_on)
        )
    )


def _quotient(session: Session, family_id: int, today: date) -> QuotientFamilial | None:
    return session.scalar(
        select(QuotientFamilial)
        .where(
            QuotientFamilial.family_id == family_id,
            QuotientFamilial.valid_from <= today,
            or_(QuotientFamilial.valid_to.is_(None), QuotientFamilial.valid_to > today),
        )
        .order_by(QuotientFamilial.valid_from.desc(), QuotientFamilial.id.desc())
        .limit(1)
    )


def families_of(session: Session, family_ids: frozenset[int]) -> list[Family]:
    """Return several families, by name: an adult may belong to two."""
    return list(
        session.scalars(select(Family).where(Family.id.in_(family_ids)).order_by(Family.name, Family.id))
    )
