"""The histories that prices depend on, for a batch of families: quotient, residence, packed meals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.pricing.quotients import in_force
from domain.reservations.facts import History
from domain.reservations.rules import HeldRange
from models.family import FamilyAddress
from models.health import Pai
from models.quotients import QuotientFamilial


@dataclass(frozen=True, slots=True)
class Payer:
    """The histories that a price depends on."""

    quotients: Sequence[History]
    residences: Sequence[History]
    packed_meals: Sequence[HeldRange]

    def has_quotient(self, day: date) -> bool:
        """Whether a quotient is valid on a day."""
        return in_force(self.quotients, day) is not None


class Payers(dict[tuple[int, int], Payer]):
    """The payer of each family and child, put together when it is first asked for."""

    def __init__(
        self,
        quotients: Mapping[int, list[History]],
        residences: Mapping[int, list[History]],
        meals: Mapping[int, list[HeldRange]],
    ) -> None:
        super().__init__()
        self._histories = (quotients, residences, meals)

    def __missing__(self, key: tuple[int, int]) -> Payer:
        family_id, child_id = key
        quotients, residences, meals = self._histories
        found = self[key] = Payer(
            quotients.get(family_id, []), residences.get(family_id, []), meals.get(child_id, [])
        )
        return found


def read_payers(session: Session, family_ids: Sequence[int], child_ids: Iterable[int]) -> Payers:
    """Return the histories of every family and child of a batch, in three queries."""
    quotients: dict[int, list[History]] = defaultdict(list)
    for row in session.execute(
        select(
            QuotientFamilial.family_id,
            QuotientFamilial.value_cents,
            QuotientFamilial.valid_from,
            QuotientFamilial.valid_to,
        )
        .where(QuotientFamilial.family_id.in_(family_ids))
        .order_by(QuotientFamilial.id)
    ):
        quotients[row.family_id].append(History(str(row.value_cents), row.valid_from, row.valid_to))
    residences: dict[int, list[History]] = defaultdict(list)
    for home in session.execute(
        select(
            FamilyAddress.family_id,
            FamilyAddress.residence,
            FamilyAddress.valid_from,
            FamilyAddress.valid_to,
        ).where(FamilyAddress.family_id.in_(family_ids))
    ):
        residences[home.family_id].append(History(home.residence.value, home.valid_from, home.valid_to))
    meals: dict[int, list[HeldRange]] = defaultdict(list)
    for pai in session.execute(
        select(Pai.child_id, Pai.valid_from, Pai.valid_to).where(
            Pai.child_id.in_(sorted(child_ids)), Pai.brings_packed_meal
        )
    ):
        meals[pai.child_id].append(HeldRange(pai.valid_from, pai.valid_to))
    return Payers(quotients, residences, meals)
