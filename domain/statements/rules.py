"""What of the money that a family paid was for the care of a child. Pure.

Tax credit for the care of young children (CGI, art. 200 quater B): sums actually paid in the year, for children
under six on 1 January of that year; food, penalties and supplements do not count. Every cent paid goes to a part of
what it pays for, so that care and the rest always add up to what was paid.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.dates import age
from domain.money import split

# Situations of a price (domain/pricing): a penalty, and a price that a supplement may be within.
LATE, UNRESERVED = "late", "unreserved"


@dataclass(frozen=True, slots=True)
class Charge:
    """A line of a document, as far as its care goes; negative when it takes something off.

    Attributes:
        activity: what families call it; also told on the certificate.
        care_cents: what of the amount is care.
    """

    amount_cents: int
    care_cents: int = 0
    child_id: int | None = None
    activity_id: int | None = None
    tariff_id: int | None = None
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What a document asks for one child and activity, either as care or not, its reductions taken off."""

    cents: int
    is_care: bool
    child_id: int | None = None
    activity_id: int | None = None
    tariff_id: int | None = None
    activity: str = ""


def care_cents(
    quantity: int,
    unit_cents: int,
    *,
    situation: str,
    normal_cents: int | None = None,
    has_own_price: bool = False,
    meal_shares: Sequence[int] = (),
) -> int:
    """Return what of a line is care: 3 days at 9,80 € whose meals are 3,50 € are 18,90 € of care.

    A late pick-up is a penalty. Of an unreserved presence the normal price counts, not what is asked on top; a price
    of its own that does not tell the two apart counts for nothing. A place that is kept for an absent child is care.

    Args:
        normal_cents: the unit price without the supplement, when the line keeps it.
        has_own_price: whether the tariff prices unreserved presences by itself.
        meal_shares: what of the price of each day is its meal.
    """
    if situation == LATE or (situation == UNRESERVED and normal_cents is None and has_own_price):
        return 0
    unit = unit_cents if normal_cents is None else min(unit_cents, normal_cents)
    return quantity * unit - sum(min(unit, share) for share in meal_shares)


def parts_of(charges: Iterable[Charge]) -> tuple[Part, ...]:
    """Return the parts of a document, which add up to its total.

    A reduction takes its share, to the cent, of the lines that it is about: those of its child and activity, then
    of its child and tariff, then of its child, then all.
    """
    charges = list(charges)
    parts = [
        Part(cents, is_care, one.child_id, one.activity_id, one.tariff_id, one.activity)
        for one in charges
        if one.amount_cents > 0
        for cents, is_care in ((one.care_cents, True), (one.amount_cents - one.care_cents, False))
        if cents
    ]
    left = [part.cents for part in parts]
    for one in charges:
        if one.amount_cents < 0:
            _take_off(parts, left, one)
    return tuple(
        Part(cents, part.is_care, part.child_id, part.activity_id, part.tariff_id, part.activity)
        for part, cents in zip(parts, left, strict=True)
        if cents
    )


def _take_off(parts: Sequence[Part], left: list[int], charge: Charge) -> None:
    owed = -charge.amount_cents
    for fits in _circles(charge):
        places = [place for place, part in enumerate(parts) if left[place] and fits(part)]
        taken = min(owed, sum(left[place] for place in places))
        for place, cents in _shared(taken, places, left):
            left[place] -= cents
        owed -= taken


def _circles(charge: Charge) -> list[Callable[[Part], bool]]:
    """Return whom a reduction is about, closest first."""
    circles: list[Callable[[Part], bool]] = [lambda _part: True]
    if charge.child_id is not None:
        circles.insert(0, lambda part: part.child_id == charge.child_id)
        for name in ("tariff_id", "activity_id"):
            if getattr(charge, name) is not None:
                circles.insert(0, _like(charge, name))
    return circles


def _like(charge: Charge, name: str) -> Callable[[Part], bool]:
    wanted = (charge.child_id, getattr(charge, name))
    return lambda part: (part.child_id, getattr(part, name)) == wanted


def _shared(cents: int, places: Sequence[int], left: Sequence[int]) -> list[tuple[int, int]]:
    if cents == 0:
        return []
    return list(zip(places, split(cents, [left[place] for place in places]), strict=True))


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that settles a document, or (negative sense) that a credit note gives back of what it names.

    Attributes:
        on: the day on which both the money and the debt were there.
        prefers_care: whether the means pays care before anything else (CESU, which never pays meals).
    """

    document_id: int
    on: date
    cents: int
    is_given_back: bool = False
    prefers_care: bool = False


@dataclass(slots=True)
class YearSums:
    """What was paid in a year: for care by child and activity, and for everything else.

    Attributes:
        cesu_cents: by child, what of the care was paid by CESU.
    """

    care: dict[int, dict[str, int]] = field(default_factory=dict)
    cesu_cents: dict[int, int] = field(default_factory=dict)
    other_cents: int = 0

    @property
    def paid_cents(self) -> int:
        """All of it."""
        return self.other_cents + sum(sum(lines.values()) for lines in self.care.values())


def yearly_sums(
    documents: Mapping[int, Sequence[Part]], movements: Iterable[Movement], years: Collection[int]
) -> dict[int, YearSums]:
    """Share every movement among the parts of its document, in order of time, and add the years up.

    Each movement is shared by what is still unpaid, so that an invoice paid in several times ends paid to the cent.
    """
    sums = {year: YearSums() for year in years}
    left = {number: [part.cents for part in parts] for number, parts in documents.items()}
    for one in sorted(movements, key=lambda one: one.on):
        parts = documents.get(one.document_id, ())
        for place, cents in _settled(one, parts, left.get(one.document_id, [])):
            if one.on.year in sums:
                _add(sums[one.on.year], parts[place], -cents if one.is_given_back else cents, one)
    return sums


def _settled(one: Movement, parts: Sequence[Part], left: list[int]) -> list[tuple[int, int]]:
    """Return what a movement settles of each part, and take it off what is left."""
    unpaid = [place for place in range(len(parts)) if left[place]]
    circles = [[place for place in unpaid if parts[place].is_care], unpaid] if one.prefers_care else [unpaid]
    found, owed = [], one.cents
    for places in circles:
        open_places = [place for place in places if left[place]]
        taken = min(owed, sum(left[place] for place in open_places))
        for place, cents in _shared(taken, open_places, left):
            left[place] -= cents
            found.append((place, cents))
        owed -= taken
    return found


def _add(sums: YearSums, part: Part, cents: int, movement: Movement) -> None:
    if not part.is_care or part.child_id is None:
        sums.other_cents += cents
        return
    lines = sums.care.setdefault(part.child_id, defaultdict(int))
    lines[part.activity] += cents
    if movement.prefers_care:
        sums.cesu_cents[part.child_id] = sums.cesu_cents.get(part.child_id, 0) + cents


@dataclass(frozen=True, slots=True)
class ChildCare:
    """What was paid for the care of one child, by activity, and what of it by CESU."""

    child_id: int
    lines: tuple[tuple[str, int], ...]
    cesu_cents: int

    @property
    def cents(self) -> int:
        """All of it."""
        return sum(cents for _activity, cents in self.lines)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a tax certificate attests, and what was paid besides; there is none to give without a child."""

    children: tuple[ChildCare, ...]
    excluded_cents: int

    @property
    def total_cents(self) -> int:
        """What is attested."""
        return sum(child.cents for child in self.children)


def is_young(born_on: date, year: int, age_limit: int) -> bool:
    """Whether a child is under the age on 1 January of the year; who turns six that day is not."""
    return age(born_on, date(year, 1, 1)) < age_limit


def certificate(sums: YearSums, births: Mapping[int, date], year: int, age_limit: int) -> Certificate:
    """Return what a year's sums attest: the care of each child young enough, the eldest first."""
    found = [
        ChildCare(
            child_id,
            tuple((activity, cents) for activity, cents in sorted(lines.items()) if cents),
            sums.cesu_cents.get(child_id, 0),
        )
        for child_id, lines in sorted(sums.care.items(), key=lambda one: (births[one[0]], one[0]))
        if is_young(births[child_id], year, age_limit)
    ]
    children = tuple(child for child in found if child.cents > 0)
    attested = sum(child.cents for child in children)
    return Certificate(children, sums.paid_cents - attested)
