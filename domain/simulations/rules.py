"""A price list tried on what was billed: each different case is priced once, and quantities multiply it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from domain.invoicing.rules import Discount, sibling_discounts
from domain.money import percent_of
from domain.pricing.rules import (
    PriceFacts,
    PriceRule,
    Residence,
    Situation,
    Tariff,
    TariffVersion,
    unit_price,
)

# The quotients, in cents, at which groups begin when no grid of bands says better.
USUAL_BOUNDS = (0, 40000, 60000, 90000, 120000, 150000)
MOST = 10


@dataclass(frozen=True, slots=True)
class TriedLine:
    """A part of an issued line whose days are all alike.

    Attributes:
        unit_cents: what one was billed.
        facts: what its price depends on.
        billed_by: the version that priced it; None when it is not known any more.
    """

    child_id: int | None
    tariff_id: int | None
    quantity: int
    unit_cents: int
    facts: PriceFacts
    billed_by: TariffVersion | None

    @property
    def amount_cents(self) -> int:
        """Quantity × unit price."""
        return self.quantity * self.unit_cents

    @property
    def is_late(self) -> bool:
        """Whether it bills late pick-ups, which no discount is counted on."""
        return self.facts.situation is Situation.LATE


@dataclass(frozen=True, slots=True)
class GivenDiscount:
    """A sibling discount as an invoice gave it; ``tariff_id`` None: on the child's whole bill."""

    child_id: int
    discount: Discount
    base_cents: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class TriedInvoice:
    """What an issued invoice bills by one tariff, and the discounts that depend on it."""

    family_id: int
    month: date
    lines: Sequence[TriedLine]
    discounts: Sequence[GivenDiscount] = ()


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """Families of a kind: of the town by quotient, without quotient, or by where they live."""

    place: str
    low_cents: int = 0
    high_cents: int | None = None


@dataclass(slots=True)
class Count:
    """What a group of families pays before and after."""

    quantity: int = 0
    before_cents: int = 0
    after_cents: int = 0
    families: set[int] = field(default_factory=set)
    family_months: set[tuple[int, date]] = field(default_factory=set)

    def add(self, invoice: TriedInvoice, quantity: int, before_cents: int, after_cents: int) -> None:
        """Count a part of an invoice."""
        self.quantity += quantity
        self.before_cents += before_cents
        self.after_cents += after_cents
        self.families.add(invoice.family_id)
        self.family_months.add((invoice.family_id, invoice.month))


def bounds_of(rules: Iterable[PriceRule]) -> tuple[int, ...]:
    """Return the quotients at which groups begin: those of the grids' own bands, or usual ones."""
    lows = sorted({band.low_cents for rule in rules for band in rule.bands})
    return tuple(lows) if len(lows) > 1 else USUAL_BOUNDS


class Trial:
    """Tries a version on invoice after invoice, and adds up what it changes.

    A line that its own version would no longer price as it was billed (a presence corrected since) is left at its
    price, and counted: so a copy of the grid changes nothing, to the cent.
    """

    def __init__(self, tariff: Tariff, tried: TariffVersion, billed: Iterable[TariffVersion]) -> None:
        """Prepare a trial.

        Args:
            tried: the version to try.
            billed: the versions that priced the period, whose bands also make groups.
        """
        self._tariff = tariff
        self._tried = tried
        self._bounds = bounds_of([*tried.rules, *(rule for version in billed for rule in version.rules)])
        self._known: dict[tuple[int, PriceFacts], int] = {}
        self.total = Count()
        self.groups: dict[Group, Count] = defaultdict(Count)
        self.by_family: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self.kept_quantity = 0

    def add(self, invoice: TriedInvoice) -> None:
        """Count an invoice before and after."""
        after = [replace(line, unit_cents=self._after(line)) for line in invoice.lines]
        groups: dict[int | None, Group] = {}
        for line, then in zip(invoice.lines, after, strict=True):
            group = groups[line.child_id] = self.group_of(line.facts)
            self._count(invoice, group, line.quantity, line.amount_cents, then.amount_cents)
        own_change: dict[int, int] = defaultdict(int)
        for given in sorted(invoice.discounts, key=lambda one: one.discount.tariff_id is None):
            if given.child_id not in groups:
                continue
            then_cents = _discount_after(given, invoice.lines, after, own_change[given.child_id])
            if given.discount.tariff_id is None:
                # Counted on the whole bill: only what this tariff changes of it is told.
                self._count(invoice, groups[given.child_id], 0, 0, then_cents - given.amount_cents)
            else:
                own_change[given.child_id] += then_cents - given.amount_cents
                self._count(invoice, groups[given.child_id], 0, given.amount_cents, then_cents)

    def group_of(self, facts: PriceFacts) -> Group:
        """Return the group that a case belongs to."""
        if facts.residence is not Residence.RESIDENT:
            return Group(facts.residence.value)
        if facts.quotient_cents is None:
            return Group("no_quotient")
        low = max((bound for bound in self._bounds if bound <= facts.quotient_cents), default=0)
        high = min((bound for bound in self._bounds if bound > facts.quotient_cents), default=None)
        return Group("resident", low, high)

    def _count(self, invoice: TriedInvoice, group: Group, quantity: int, before: int, after: int) -> None:
        self.total.add(invoice, quantity, before, after)
        self.groups[group].add(invoice, quantity, before, after)
        sums = self.by_family[invoice.family_id]
        sums[0] += before
        sums[1] += after

    def _after(self, line: TriedLine) -> int:
        if line.billed_by is None or self._price(line.billed_by, line.facts) != line.unit_cents:
            self.kept_quantity += line.quantity
            return line.unit_cents
        return self._price(self._tried, line.facts)

    def _price(self, version: TariffVersion, facts: PriceFacts) -> int:
        key = version.id, facts
        found = self._known.get(key)
        if found is None:
            alone = replace(self._tariff, versions=(version,))
            found = self._known[key] = unit_price(alone, facts, version.valid_from).unit_cents
        return found

    def result(self) -> dict[str, Any]:
        """Return what JSON keeps of the trial; families with their number only."""
        order = {"resident": 0, "no_quotient": 1, "partner": 2, "non_resident": 3}
        moves = [
            {"family_id": family_id, "before_cents": before, "after_cents": after}
            for family_id, (before, after) in self.by_family.items()
            if before != after
        ]
        moves.sort(key=lambda move: (move["before_cents"] - move["after_cents"], move["family_id"]))
        return {
            **_told(self.total),
            "kept_quantity": self.kept_quantity,
            "groups": [
                {"place": group.place, "low_cents": group.low_cents, "high_cents": group.high_cents}
                | _told(count)
                for group, count in sorted(
                    self.groups.items(), key=lambda item: (order[item[0].place], item[0].low_cents)
                )
            ],
            "rising": sum(move["after_cents"] > move["before_cents"] for move in moves),
            "falling": sum(move["after_cents"] < move["before_cents"] for move in moves),
            "rises": [move for move in moves if move["after_cents"] > move["before_cents"]][:MOST],
            "falls": [move for move in reversed(moves) if move["after_cents"] < move["before_cents"]][:MOST],
        }


def _told(count: Count) -> dict[str, int]:
    return {
        "quantity": count.quantity,
        "before_cents": count.before_cents,
        "after_cents": count.after_cents,
        "families": len(count.families),
        "family_months": len(count.family_months),
    }


def _discount_after(
    given: GivenDiscount, before: Sequence[TriedLine], after: Sequence[TriedLine], own_change: int
) -> int:
    """Return what a discount would have been.

    Args:
        own_change: what the child's discounts of this tariff changed, which one on the whole bill is counted after.
    """
    discount = given.discount
    mine = [line for line in after if line.child_id == given.child_id and not line.is_late]
    if discount.tariff_id is not None:
        found = sibling_discounts(mine, {given.child_id: discount.from_rank}, [discount])
        return sum(one.amount_cents for one in found)
    was = sum(line.amount_cents for line in before if line.child_id == given.child_id and not line.is_late)
    base = given.base_cents + sum(line.amount_cents for line in mine) - was + own_change
    return -percent_of(base, discount.percent_bp or 0)
