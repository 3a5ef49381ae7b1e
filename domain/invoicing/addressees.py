"""To whom a family's invoices and letters are addressed."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.family.names import formal_name
from models.family import Family, FamilyAddress, Guardian
from models.invoices import Delivery


@dataclass(frozen=True, slots=True)
class Addressee:
    """The payer of a family and where it lives, as of today; either may be missing."""

    family: Family
    adult: Guardian | None
    home: FamilyAddress | None

    @property
    def name(self) -> str:
        """As a letter writes it."""
        if self.adult is None:
            return self.family.name
        return formal_name(self.adult.civility.value, self.adult.given_name, self.adult.family_name)

    @property
    def address(self) -> str:
        """Lines, postcode and town last; empty when it is not known."""
        home = self.home
        lines = (home.line1, home.line2, f"{home.postcode} {home.city}") if home else ()
        return "\n".join(line for line in lines if line)

    @property
    def code(self) -> str:
        """The code famille."""
        return self.family.code or ""

    @property
    def delivery(self) -> Delivery:
        """How the family wants its invoices."""
        return Delivery.ELECTRONIC if self.family.wants_e_invoice else Delivery.PAPER


def addressees(session: Session, family_ids: Collection[int]) -> dict[int, Addressee]:
    """Return the addressee of each family; three queries."""
    families = {row.id: row for row in session.scalars(select(Family).where(Family.id.in_(family_ids)))}
    adults: dict[int, Guardian] = {}
    ordered = select(Guardian).where(Guardian.family_id.in_(family_ids)).order_by(
        Guardian.family_id, Guardian.is_payer.desc(), Guardian.rank
    )  # fmt: skip
    for adult in session.scalars(ordered):
        adults.setdefault(adult.family_id, adult)
    current = select(FamilyAddress).where(
        FamilyAddress.family_id.in_(family_ids), FamilyAddress.valid_to.is_(None)
    )
    homes = {home.family_id: home for home in session.scalars(current)}
    return {
        family_id: Addressee(family, adults.get(family_id), homes.get(family_id))
        for family_id, family in families.items()
    }
