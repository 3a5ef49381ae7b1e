"""From priced days to an invoice: lines, reductions, carried amounts, states. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from domain.errors import Refusal
from domain.money import BASIS_POINTS, percent_of
from domain.pricing.rules import Explanation, Price, Situation


def late_minutes(left_at: datetime | None, closes_at: datetime, after_minutes: int | None) -> int:
    """Return the started minutes after the closing that are billed; 0 within the tolerance, or where none are.

    Closing at 18:45 with 5 minutes: nothing is billed at 18:49, and from 18:50 on 5 minutes are.

    Args:
        after_minutes: from how many minutes after the closing a late pick-up is billed; None: never.
    """
    if left_at is None or after_minutes is None:
        return 0
    late = left_at - closes_at
    return 0 if late < timedelta(minutes=after_minutes) else max(0, -(-late // timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class LatePickup:
    """A late pick-up as its line tells it.

    Attributes:
        minutes: after the closing; the longest delay of the siblings.
        siblings: who was picked up late on the same day and is not billed again, and when.
    """

    minutes: int
    left_at: datetime
    closes_at: datetime
    formula_key: str = ""
    siblings: tuple[tuple[str, datetime], ...] = ()


class BillableDay(NamedTuple):
    """A priced day: what it bills, exactly once, is a reservation or an unreserved attendance, or a part of one.

    With ``late`` it is the late pick-up of an attendance, which is billed besides the day.
    """

    child_id: int
    activity_id: int
    tariff_id: int
    day: date
    price: Price
    reservation_id: int | None = None
    attendance_id: int | None = None
    # Which part of the day it is, when two homes share the price; 0: all of it.
    home: int = 0
    late_id: int | None = None
    late: LatePickup | None = None

    @property
    def subject(self) -> tuple[int | None, int | None, int | None, int]:
        """What it bills: a reservation, an attendance or a late pick-up, and which home's part."""
        return self.reservation_id, self.attendance_id, self.late_id, self.home


@dataclass(frozen=True, slots=True)
class BilledLine:
    """Days of one child and activity at one price, for one reason."""

    child_id: int
    activity_id: int
    tariff_id: int
    quantity: int
    unit_cents: int
    explanation: Explanation
    days: tuple[BillableDay, ...] = field(repr=False)

    @property
    def amount_cents(self) -> int:
        """Quantity × unit price."""
        return self.quantity * self.unit_cents

    @property
    def is_late(self) -> bool:
        """Whether it bills late pick-ups."""
        return self.explanation.situation is Situation.LATE


class Reducible(Protocol):
    """A line, as far as a reduction goes."""

    @property
    def child_id(self) -> int | None: ...  # noqa: D102
    @property
    def tariff_id(self) -> int | None: ...  # noqa: D102
    @property
    def quantity(self) -> int: ...  # noqa: D102
    @property
    def unit_cents(self) -> int: ...  # noqa: D102
    @property
    def amount_cents(self) -> int: ...  # noqa: D102
    @property
    def is_late(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Discount:
    """From the ``from_rank``-th child on, a percentage off: each unit of one tariff, or the whole bill (None).

    Of one tariff it may be a price instead: ``price_cents`` a unit, where the usual price is dearer.
    """

    from_rank: int
    percent_bp: int | None
    tariff_id: int | None = None
    price_cents: int | None = None

    def unit_cents(self, usual_cents: int) -> int:
        """Return a unit's price with the reduction."""
        if self.price_cents is not None:
            return min(usual_cents, self.price_cents)
        return reduced_unit_cents(usual_cents, self.percent_bp or 0)


def require_one_figure(discount: Discount) -> None:
    """Refuse a discount that is neither a percentage nor a price, or both; a price is one tariff's.

    Raises:
        Refusal: ``discount_figures``.
    """
    has_both_or_none = (discount.percent_bp is None) is (discount.price_cents is None)
    if has_both_or_none or (discount.price_cents is not None and discount.tariff_id is None):
        raise Refusal("discount_figures")


@dataclass(frozen=True, slots=True)
class DiscountLine:
    """What a child's reduction takes off; ``amount_cents`` is negative, ``base_cents`` what it is counted on."""

    child_id: int
    rank: int
    percent_bp: int | None
    base_cents: int
    amount_cents: int
    tariff_id: int | None = None
    price_cents: int | None = None


def group_lines(days: Iterable[BillableDay]) -> tuple[BilledLine, ...]:
    """Put days of the same child, activity, price and reason on one line; free days make none.

    The lines of an activity stand together, in the order in which the child first came to each.
    """
    groups: dict[tuple[int, int, int, int, Explanation], list[BillableDay]] = defaultdict(list)
    for day in days:
        if day.price.unit_cents == 0:
            continue
        price = day.price
        groups[day.child_id, day.activity_id, day.tariff_id, price.unit_cents, price.explanation].append(day)
    places: dict[tuple[int, int], int] = {}
    for child_id, activity_id, *_ in groups:
        places.setdefault((child_id, activity_id), len(places))
    return tuple(
        BilledLine(child_id, activity_id, tariff_id, len(found), unit_cents, explanation, tuple(found))
        for (child_id, activity_id, tariff_id, unit_cents, explanation), found in sorted(
            groups.items(), key=lambda group: places[group[0][:2]]
        )
    )


def sibling_discounts(
    lines: Sequence[Reducible], ranks: Mapping[int, int], discounts: Iterable[Discount]
) -> tuple[DiscountLine, ...]:
    """Return each child's reductions; of one tariff's several, that of the highest rank reached.

    A tariff's own reduction makes a reduced unit price, rounded half up (half of 3,05 € is 1,53 €), or gives it. One on the
    whole bill is counted on what the child costs after those, and rounded half up once: 10 % of 84,49 € is 8,45 €.
    A late pick-up is a penalty and is never reduced.

    Args:
        ranks: the place of each child among the siblings registered, from 1, eldest first.
    """
    rules = sorted(discounts, key=lambda rule: rule.from_rank)
    found: list[DiscountLine] = []
    for child_id, rank in sorted(ranks.items(), key=lambda item: (item[1], item[0])):
        mine = [line for line in lines if line.child_id == child_id and not line.is_late]
        reached = {rule.tariff_id: rule for rule in rules if rank >= rule.from_rank}
        whole = reached.pop(None, None)
        own = [_tariff_discount(child_id, rank, rule, mine) for rule in reached.values()]
        found += own
        if whole is not None:
            base = sum(line.amount_cents for line in mine) + sum(discount.amount_cents for discount in own)
            percent = whole.percent_bp or 0
            found.append(DiscountLine(child_id, rank, percent, base, -percent_of(base, percent)))
    return tuple(discount for discount in found if discount.amount_cents)


def _tariff_discount(child_id: int, rank: int, rule: Discount, lines: Iterable[Reducible]) -> DiscountLine:
    reduced = [line for line in lines if line.tariff_id == rule.tariff_id]
    saved = sum(line.quantity * (rule.unit_cents(line.unit_cents) - line.unit_cents) for line in reduced)
    base = sum(line.amount_cents for line in reduced)
    return DiscountLine(child_id, rank, rule.percent_bp, base, saved, rule.tariff_id, rule.price_cents)


def reduced_unit_cents(unit_cents: int, percent_bp: int) -> int:
    """Return a unit price less a percentage, rounded half up: 3,15 € less 50 % is 1,58 €."""
    return percent_of(unit_cents, BASIS_POINTS - percent_bp)


def voucher_amount(due_cents: int, left_cents: int) -> int:
    """Return what a voucher takes off, in cents and negative; never more than is due."""
    return -max(0, min(due_cents, left_cents))


@dataclass(frozen=True, slots=True)
class Collection:
    """What becomes of a month: an amount to invoice, or one to carry; never both."""

    issued_cents: int
    carried_cents: int


def collect(
    month_cents: int, carried_cents: int, threshold_cents: int, *, is_leaving: bool = False
) -> Collection:
    """Invoice the month with what was carried, or carry the month on while all is below the threshold.

    9,20 € then 4,10 € are carried; 6,00 € more makes 19,30 €, issued. Who leaves is invoiced at once.
    """
    total = month_cents + carried_cents
    if total > 0 and (total >= threshold_cents or is_leaving):
        return Collection(issued_cents=total, carried_cents=0)
    return Collection(issued_cents=0, carried_cents=total)


def due_after_correction(paid_cents: int, corrected_cents: int) -> tuple[int, int]:
    """Return what is due and what is the family's credit once an invoice is corrected.

    Paid 50,00 €: corrected to 95,00 € leaves 45,00 € due; corrected to 30,00 € makes a credit of 20,00 €.
    """
    return max(0, corrected_cents - paid_cents), max(0, paid_cents - corrected_cents)


def retroactive_credit(
    quantity: int, billed_unit_cents: int, new_unit_cents: int, *, is_retroactive: bool = True
) -> int:
    """Return what a changed unit price gives back (negative) or asks for, on a line already issued.

    16 meals billed at 3,06 € that should be 2,52 € give back 8,64 €. A commune that refuses retroactivity gives
    and asks nothing.
    """
    return quantity * (new_unit_cents - billed_unit_cents) if is_retroactive else 0


class State(StrEnum):
    """Where an invoice stands; the same names as the table's."""

    ISSUED = "issued"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    REMINDED = "reminded"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What may happen to an issued invoice."""

    PAY_PART = "pay_part"
    PAY_ALL = "pay_all"
    REMIND = "remind"
    HAND_OVER = "hand_over"
    TAKE_BACK = "take_back"
    CANCEL = "cancel"


_OPEN = (State.ISSUED, State.PARTLY_PAID, State.REMINDED, State.HANDED_OVER)
TRANSITIONS: Mapping[tuple[State, Action], State] = {
    **{(state, Action.PAY_ALL): State.PAID for state in _OPEN},
    (State.ISSUED, Action.PAY_PART): State.PARTLY_PAID,
    (State.PARTLY_PAID, Action.PAY_PART): State.PARTLY_PAID,
    (State.REMINDED, Action.PAY_PART): State.REMINDED,
    (State.HANDED_OVER, Action.PAY_PART): State.HANDED_OVER,
    (State.ISSUED, Action.REMIND): State.REMINDED,
    (State.PARTLY_PAID, Action.REMIND): State.REMINDED,
    (State.REMINDED, Action.REMIND): State.REMINDED,
    (State.REMINDED, Action.HAND_OVER): State.HANDED_OVER,
    (State.HANDED_OVER, Action.TAKE_BACK): State.REMINDED,
    **{(state, Action.CANCEL): State.CANCELLED for state in (*_OPEN, State.PAID)},
}


def next_state(state: State, action: Action) -> State:
    """Return the state after an action.

    Raises:
        Refusal: ``invoice_action_not_possible``.
    """
    found = TRANSITIONS.get((state, action))
    if found is None:
        raise Refusal("invoice_action_not_possible", state=state.value, action=action.value)
    return found


class Anomaly(StrEnum):
    """What staff should look at before they issue a month."""

    NO_ROLL_CALL = "no_roll_call"
    NO_QUOTIENT = "no_quotient"
    ZERO = "zero"
    UNUSUAL = "unusual"


UNUSUAL_TIMES = 3


def anomalies(
    *, total_cents: int, day_count: int, uncalled_count: int, has_quotient: bool, usual_cents: int | None
) -> tuple[Anomaly, ...]:
    """Return what is odd about a family's month.

    Args:
        uncalled_count: past days without roll-call.
        usual_cents: the family's mean of earlier months; None when there is none.
    """
    checks = {
        Anomaly.NO_ROLL_CALL: uncalled_count > 0,
        Anomaly.NO_QUOTIENT: not has_quotient,
        Anomaly.ZERO: day_count > 0 and total_cents == 0,
        Anomaly.UNUSUAL: bool(usual_cents) and total_cents >= UNUSUAL_TIMES * (usual_cents or 0),
    }
    return tuple(anomaly for anomaly, is_there in checks.items() if is_there)


def due_date(issued_on: date, delay_days: int) -> date:
    """Return the last day to pay."""
    return issued_on + timedelta(days=delay_days)
