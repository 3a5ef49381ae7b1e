"""What is left of an invoice once some of it is given back. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.errors import Refusal
from domain.invoicing.rules import Discount, sibling_discounts, voucher_amount


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction as its line keeps it."""

    rank: int
    percent_bp: int | None
    tariff_id: int | None
    price_cents: int | None = None


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """A line of an issued invoice.

    Attributes:
        items: what it bills, by the numbers of the billed items, with the day of each.
        reduction: what the line is when it is a sibling discount, worked out again from what is kept.
        base_cents: what a discount is counted on; of an aid, what is given back to it.
        voucher_id: the aid that the line takes, no more of it than what is kept comes to.
        is_late: whether it bills late pick-ups, which no discount is counted on.
    """

    id: int
    child_id: int | None
    tariff_id: int | None
    quantity: int
    unit_cents: int
    amount_cents: int
    items: tuple[tuple[int, str], ...] = ()
    reduction: Reduction | None = None
    base_cents: int = 0
    voucher_id: int | None = None
    is_late: bool = False

    @property
    def is_service(self) -> bool:
        """Whether the line bills days at a unit price."""
        return self.tariff_id is not None


def kept_lines(
    lines: Sequence[IssuedLine], given_back: Mapping[int, frozenset[int]]
) -> tuple[IssuedLine, ...]:
    """Return the lines that a corrected invoice has; an empty set of items gives a whole line back.

    Sibling discounts are counted again on what is kept: a percentage of meals that are given back is given back
    with them.

    Raises:
        Refusal: ``nothing_given_back``; ``line_not_of_invoice`` for a line, or an item, of something else;
            ``discount_follows_its_lines`` for a discount given back by itself.
    """
    if not given_back:
        raise Refusal("nothing_given_back")
    known = {line.id: line for line in lines}
    for line_id, items in given_back.items():
        if line_id not in known or not items <= {item for item, _day in known[line_id].items}:
            raise Refusal("line_not_of_invoice")
        if known[line_id].reduction is not None or known[line_id].voucher_id is not None:
            raise Refusal("discount_follows_its_lines")
    kept = [
        left
        for line in lines
        if line.reduction is None and line.voucher_id is None
        if (left := _left(line, given_back.get(line.id)))
    ]
    kept += discounts_again(lines, [line for line in kept if line.is_service])
    return (*kept, *_vouchers_again(lines, sum(line.amount_cents for line in kept)))


def _vouchers_again(lines: Sequence[IssuedLine], due_cents: int) -> list[IssuedLine]:
    """Take the same aids off what is kept, never below zero."""
    found = []
    for line in lines:
        if line.voucher_id is not None and (cents := voucher_amount(due_cents, -line.amount_cents)):
            due_cents += cents
            given_back = cents - line.amount_cents
            found.append(replace(line, unit_cents=cents, amount_cents=cents, base_cents=given_back))
    return found


def _left(line: IssuedLine, items: frozenset[int] | None) -> IssuedLine | None:
    if items is None:
        return line
    kept = tuple((item, day) for item, day in line.items if item not in items)
    if not items or not kept:
        return None
    return replace(line, items=kept, quantity=len(kept), amount_cents=len(kept) * line.unit_cents)


def discounts_again(lines: Sequence[IssuedLine], kept: Sequence[IssuedLine]) -> list[IssuedLine]:
    """Count the discounts of an invoice again; each child has those that it had."""
    had: dict[int, list[tuple[IssuedLine, Reduction]]] = defaultdict(list)
    for line in lines:
        if line.reduction is not None and line.child_id is not None:
            had[line.child_id].append((line, line.reduction))
    found = []
    for child_id, mine in sorted(had.items()):
        rules = [Discount(one.rank, one.percent_bp, one.tariff_id, one.price_cents) for _line, one in mine]
        rank = max(rule.from_rank for rule in rules)
        left = [line for line in kept if line.child_id == child_id]
        again = {one.tariff_id: one for one in sibling_discounts(left, {child_id: rank}, rules)}
        for line, reduction in mine:
            discount = again.get(reduction.tariff_id)
            if discount is not None:
                cents, base = discount.amount_cents, discount.base_cents
                found.append(replace(line, unit_cents=cents, amount_cents=cents, base_cents=base))
    return found
