"""Whether a price list is whole: every case that can occur has one price, and every day one version. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.errors import Refusal
from domain.pricing.rules import (
    Method,
    PriceFacts,
    PriceRule,
    Residence,
    Situation,
    check_bands,
    rules_of,
)

PLACES = (Residence.RESIDENT, Residence.NON_RESIDENT, Residence.PARTNER)
# Which figures each method needs; bands are looked at by themselves, and so are the bounds of an effort.
NEEDED = {
    Method.FLAT: ("amount_cents",),
    Method.EFFORT: ("rate_ppm",),
    Method.SLICE: ("amount_cents", "slice_minutes"),
    Method.PERCENT: ("percent_bp",),
    Method.BANDS: (),
}


class FaultCode(StrEnum):
    """What is wrong with a version, or with the days of several; views/tariff_words.py says it in French."""

    NO_PRICE = "no_price"
    SAME_CASE = "same_case"
    FIGURE_MISSING = "figure_missing"
    NO_BAND = "no_band"
    BANDS_HOLE = "bands_hole"
    BANDS_OVERLAP = "bands_overlap"
    NO_CEILING = "no_ceiling"
    FLOOR_ABOVE_CEILING = "floor_above_ceiling"
    PERCENT_OF_NOTHING = "percent_of_nothing"
    DAYS_HOLE = "days_hole"
    DAYS_OVERLAP = "days_overlap"
    DAYS_END = "days_end"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend.

    Attributes:
        rule: the rule concerned; for a case without price, a made-up one that names the case.
        low_cents: where a hole or an overlap of quotients begins; ``high_cents`` its end, None when there is none.
        starts_on: where a hole or an overlap of days begins; ``ends_on`` its end, excluded.
    """

    code: FaultCode
    rule: PriceRule | None = None
    low_cents: int = 0
    high_cents: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None


def check_version(
    rules: Sequence[PriceRule], formulas: Iterable[str], *, bills_late: bool = False
) -> tuple[Fault, ...]:
    """Return everything that is wrong with a version; none when every case that can occur has one price.

    Args:
        formulas: the formulas that may be billed, an empty one for activities that have none; none at all stands
            for the formulas that the rules name.
        bills_late: an activity bills late pick-ups by it, which have no other price to fall back on.
    """
    keys = tuple(formulas) or tuple(dict.fromkeys(rule.formula_key for rule in rules)) or ("",)
    faults = [fault for rule in rules for fault in _figures(rule)]
    faults += _repeated(rules)
    for formula in keys:
        for place in PLACES:
            faults += _case(rules, formula, place, bills_late=bills_late)
    return tuple(dict.fromkeys(faults))


def require_whole(rules: Sequence[PriceRule], formulas: Iterable[str], *, bills_late: bool = False) -> None:
    """Refuse a version that leaves a case without a price, or gives it two.

    Raises:
        Refusal: ``version_not_whole``, with the ``count`` of faults.
    """
    faults = check_version(rules, formulas, bills_late=bills_late)
    if faults:
        raise Refusal("version_not_whole", count=len(faults))


def _figures(rule: PriceRule) -> Iterable[Fault]:
    """Yield what one rule lacks by itself."""
    if any(getattr(rule, name) is None for name in NEEDED[rule.method]) or rule.slice_minutes == 0:
        yield Fault(FaultCode.FIGURE_MISSING, rule)
    if rule.method is Method.BANDS:
        yield from _bands(rule)
    if rule.method is Method.EFFORT:
        yield from _bounds(rule)


def _bands(rule: PriceRule) -> Iterable[Fault]:
    if not rule.bands:
        yield Fault(FaultCode.NO_BAND, rule)
        return
    for fault in check_bands(rule.bands):
        yield Fault(FaultCode(fault.code), rule, fault.low_cents, fault.high_cents)


def _bounds(rule: PriceRule) -> Iterable[Fault]:
    """Without a ceiling a family without quotient has no price."""
    if rule.ceiling_cents is None:
        yield Fault(FaultCode.NO_CEILING, rule)
    elif rule.floor_cents is not None and rule.floor_cents > rule.ceiling_cents:
        yield Fault(FaultCode.FLOOR_ABOVE_CEILING, rule)


def _repeated(rules: Sequence[PriceRule]) -> Iterable[Fault]:
    seen: set[tuple[Residence, Situation, str]] = set()
    for rule in rules:
        case = rule.residence, rule.situation, rule.formula_key
        if case in seen:
            yield Fault(FaultCode.SAME_CASE, rule)
        seen.add(case)


def _case(rules: Sequence[PriceRule], formula: str, place: Residence, *, bills_late: bool) -> Iterable[Fault]:
    """Yield what a formula and a residence lack; the other situations fall back on the normal price."""
    if bills_late and not rules_of(rules, PriceFacts(None, place, Situation.LATE, formula)):
        yield Fault(FaultCode.NO_PRICE, PriceRule(Method.FLAT, place, Situation.LATE, formula))
    normal = rules_of(rules, PriceFacts(None, place, Situation.NORMAL, formula))
    if not normal:
        yield Fault(FaultCode.NO_PRICE, PriceRule(Method.FLAT, place, Situation.NORMAL, formula))
    for situation in Situation:
        for rule in rules_of(rules, PriceFacts(None, place, situation, formula)):
            is_based = bool(normal) and all(one.method is not Method.PERCENT for one in normal)
            if rule.method is Method.PERCENT and not is_based:
                yield Fault(FaultCode.PERCENT_OF_NOTHING, rule)


Span = tuple[date, date | None]


def check_days(spans: Iterable[Span]) -> tuple[Fault, ...]:
    """Return the days between the versions of a tariff that have no price, or two; and whether it ends one day.

    Args:
        spans: the days of each version in force, ``[valid_from, valid_to[``.
    """
    faults: list[Fault] = []
    reached: date | None = None
    has_begun = False
    for start, end in sorted(spans, key=lambda span: span[0]):
        if has_begun and (reached is None or start < reached):
            faults.append(Fault(FaultCode.DAYS_OVERLAP, starts_on=start, ends_on=_first(end, reached)))
        elif has_begun and reached is not None and start > reached:
            faults.append(Fault(FaultCode.DAYS_HOLE, starts_on=reached, ends_on=start))
        reached = _last(reached, end) if has_begun else end
        has_begun = True
    if reached is not None:
        faults.append(Fault(FaultCode.DAYS_END, starts_on=reached))
    return tuple(faults)


def _first(one: date | None, other: date | None) -> date | None:
    """Return the earlier of two ends; None never ends."""
    return min((end for end in (one, other) if end is not None), default=None)


def _last(one: date | None, other: date | None) -> date | None:
    """Return the later of two ends; None never ends."""
    return None if one is None or other is None else max(one, other)
