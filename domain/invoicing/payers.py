"""What prices a batch of families: the histories of quotient, residence and packed meals that prices depend on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from domain.pricing.quotes import Key, Quoter
from domain.pricing.rules import Price
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


class Quoters(dict[tuple[int, int], Quoter]):
    """What prices the days of each family and child, put together when it is first asked for."""

    def __init__(
        self,
        quotients: Mapping[int, list[History]],
        residences: Mapping[int, list[History]],
        meals: Mapping[int, list[HeldRange]],
        known: dict[Key, Price],
    ) -> None:
        super().__init__()
        self._histories = (quotients, residences, meals)
        self._known = known

    def __missing__(self, key: tuple[int, int]) -> Quoter:
        family_id, child_id = key
        quotients, residences, meals = self._histories
        payer = Payer(quotients.get(family_id, []), residences.get(family_id, []), meals.get(child_id, []))
        found = self[key] = Quoter(payer, self._known)
        return found


@dataclass(frozen=True, slots=True)
class _Written:
    """An entry of a history, and when it was written."""

    entry: History
    at: datetime


def _as_known(rows: Sequence[_Written], known_at: datetime | None) -> list[History]:
    """Return a history as it was known: what was written later had not ended what was there before it."""
    if known_at is None:
        return [row.entry for row in rows]
    known = [row.entry for row in rows if row.at <= known_at]
    ended_later = {row.entry.valid_from for row in rows if row.at > known_at}
    return [
        replace(entry, valid_to=_next_start(known, entry)) if entry.valid_to in ended_later else entry
        for entry in known
    ]


def _next_start(known: Sequence[History], entry: History) -> date | None:
    return min((one.valid_from for one in known if one.valid_from > entry.valid_from), default=None)


def read_quoters(
    session: Session,
    family_ids: Sequence[int],
    child_ids: Iterable[int],
    known: dict[Key, Price],
    known_at: datetime | None = None,
) -> Quoters:
    """Return what prices the days of every family and child of a batch, by their histories, in three queries.

    Args:
        known: the prices worked out so far, which all batches share.
        known_at: as they were known then; what was written later does not count.
    """
    quotients: dict[int, list[_Written]] = defaultdict(list)
    for row in session.execute(
        select(
            QuotientFamilial.family_id,
            QuotientFamilial.value_cents,
            QuotientFamilial.valid_from,
            QuotientFamilial.valid_to,
            QuotientFamilial.created_at,
        )
        .where(QuotientFamilial.family_id.in_(family_ids))
        .order_by(QuotientFamilial.id)
    ):
        figure = History(str(row.value_cents), row.valid_from, row.valid_to)
        quotients[row.family_id].append(_Written(figure, row.created_at))
    residences: dict[int, list[_Written]] = defaultdict(list)
    for home in session.execute(
        select(
            FamilyAddress.family_id,
            FamilyAddress.residence,
            FamilyAddress.valid_from,
            FamilyAddress.valid_to,
            FamilyAddress.created_at,
        ).where(FamilyAddress.family_id.in_(family_ids))
    ):
        place = History(home.residence.value, home.valid_from, home.valid_to)
        residences[home.family_id].append(_Written(place, home.created_at))
    meals: dict[int, list[HeldRange]] = defaultdict(list)
    for pai in session.execute(
        select(Pai.child_id, Pai.valid_from, Pai.valid_to).where(
            Pai.child_id.in_(sorted(child_ids)),
            Pai.brings_packed_meal,
            true() if known_at is None else Pai.created_at <= known_at,
        )
    ):
        meals[pai.child_id].append(HeldRange(pai.valid_from, pai.valid_to))
    return Quoters(
        {family_id: _as_known(rows, known_at) for family_id, rows in quotients.items()},
        {family_id: _as_known(rows, known_at) for family_id, rows in residences.items()},
        meals,
        known,
    )
