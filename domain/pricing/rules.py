"""The price of one unit on one day, with its reasons. Pure: tariffs and facts are arguments.

A unit price is rounded half up to the cent once; quantities multiply it. Which price holds is the council's
vote, so every figure is data; the methods are those that French communes publish.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from domain.errors import Refusal
from domain.money import MILLION, percent_of, round_half_up, split


class Method(StrEnum):
    """How a unit price is found."""

    FLAT = "flat"
    BANDS = "bands"
    EFFORT = "effort"
    SLICE = "slice"
    PERCENT = "percent"


class Residence(StrEnum):
    """Whom a rule is for, by the address on the day; ANY is for all."""

    ANY = "any"
    RESIDENT = "resident"
    NON_RESIDENT = "non_resident"
    PARTNER = "partner"


class Situation(StrEnum):
    """What happened that day."""

    NORMAL = "normal"
    PAI = "pai"
    UNRESERVED = "unreserved"
    ABSENCE = "absence"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Band:
    """A price for a quotient in ``[low_cents, high_cents[``; no high end: and over."""

    low_cents: int
    high_cents: int | None
    amount_cents: int

    def holds(self, quotient_cents: int) -> bool:
        """Whether a quotient falls in the band."""
        return self.low_cents <= quotient_cents and (
            self.high_cents is None or quotient_cents < self.high_cents
        )


@dataclass(frozen=True, slots=True)
class PriceRule:
    """A price for a residence, a situation and a formula; an empty formula is for all of them.

    Attributes:
        rate_ppm: taux d'effort in millionths (0.36 % is 3600).
        percent_bp: hundredths of a percent of the normal price (+50 % is 15000).
    """

    method: Method
    residence: Residence = Residence.ANY
    situation: Situation = Situation.NORMAL
    formula_key: str = ""
    amount_cents: int | None = None
    rate_ppm: int | None = None
    floor_cents: int | None = None
    ceiling_cents: int | None = None
    slice_minutes: int | None = None
    percent_bp: int | None = None
    bands: tuple[Band, ...] = ()

    @property
    def precision(self) -> tuple[bool, bool, bool]:
        """How narrow the rule is; situation counts most, then formula, then residence."""
        return (
            self.situation is not Situation.NORMAL,
            bool(self.formula_key),
            self.residence is not Residence.ANY,
        )


FIGURES = ("amount_cents", "rate_ppm", "floor_cents", "ceiling_cents", "slice_minutes", "percent_bp")


def written_rule(rule: PriceRule) -> dict[str, Any]:
    """Return a rule as JSON keeps it; what says nothing is left out."""
    found: dict[str, Any] = {
        "residence": rule.residence.value,
        "situation": rule.situation.value,
        "formula_key": rule.formula_key,
        "method": rule.method.value,
        **{name: getattr(rule, name) for name in FIGURES},
        "bands": [[band.low_cents, band.high_cents, band.amount_cents] for band in rule.bands],
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def read_rule(kept: dict[str, Any]) -> PriceRule:
    """Return the rule that ``written_rule`` wrote."""
    values = dict(kept)
    bands = tuple(Band(*band) for band in values.pop("bands", ()))
    return PriceRule(
        method=Method(values.pop("method")),
        residence=Residence(values.pop("residence")),
        situation=Situation(values.pop("situation")),
        bands=bands,
        **values,
    )


@dataclass(frozen=True, slots=True)
class TariffVersion:
    """A tariff in force on ``[valid_from, valid_to[``."""

    id: int
    valid_from: date
    valid_to: date | None
    rules: tuple[PriceRule, ...]

    def covers(self, day: date) -> bool:
        """Whether the version is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price list; ``unit_name`` and ``units_name`` word a quantity of it."""

    id: int
    name: str
    unit_name: str
    units_name: str
    versions: tuple[TariffVersion, ...]

    def version_on(self, day: date) -> TariffVersion:
        """Return the version in force on a day.

        Raises:
            Refusal: ``no_tariff``.
        """
        for version in self.versions:
            if version.covers(day):
                return version
        raise Refusal("no_tariff", tariff=self.name, day=day)


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """What a price depends on; ``quotient_cents`` is None without a valid quotient: the highest price."""

    quotient_cents: int | None
    residence: Residence = Residence.RESIDENT
    situation: Situation = Situation.NORMAL
    formula_key: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a unit price is what it is; kept with the line that it explains."""

    tariff: str
    unit_name: str
    units_name: str
    valid_from: date
    method: Method
    residence: Residence
    situation: Situation
    quotient_cents: int | None = None
    rate_ppm: int | None = None
    low_cents: int | None = None
    high_cents: int | None = None
    bound: str = ""
    bound_cents: int | None = None
    slices: int | None = None
    slice_minutes: int | None = None
    slice_cents: int | None = None
    percent_bp: int | None = None
    normal_cents: int | None = None
    # When two homes share the price: this one's part of it, and the whole price.
    share_percent: int | None = None
    whole_cents: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as JSON keeps it; what says nothing is left out."""
        found = {name: getattr(self, name) for name in self.__slots__}
        found["valid_from"] = self.valid_from.isoformat()
        return {name: value for name, value in found.items() if value not in (None, "")}

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Explanation":
        """Return the explanation that ``to_dict`` wrote."""
        values = dict(kept)
        values["valid_from"] = date.fromisoformat(values["valid_from"])
        values["method"] = Method(values["method"])
        values["residence"] = Residence(values["residence"])
        values["situation"] = Situation(values["situation"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Price:
    """A unit price in cents, and its reasons."""

    unit_cents: int
    explanation: Explanation

    def shared(self, first_percent: int, *, is_first: bool) -> "Price":
        """Return the part of one of two homes that share the price by a percentage, to the cent.

        The parts always make the whole: 100,01 € at 50/50 is 50,01 € and 50,00 €. Of an odd cent, the largest
        remainder decides, and the first home when they are equal.
        """
        percents = (first_percent, 100 - first_percent)
        place = 0 if is_first else 1
        part = split(self.unit_cents, percents)[place]
        told = replace(self.explanation, share_percent=percents[place], whole_cents=self.unit_cents)
        return Price(part, told)


def unit_price(tariff: Tariff, facts: PriceFacts, day: date) -> Price:
    """Return the price of one unit on a day, by the version of that day.

    Without a rule of its own, an absence or an unreserved presence is priced as a presence; a late pick-up is free.

    Raises:
        Refusal: ``no_tariff``, ``no_price_rule`` or ``missing_band``: the council left a hole in the grid;
            ``price_rules_tie``: two rules fit as closely as one another.
    """
    version = tariff.version_on(day)
    rule = _rule(tariff, version, facts)
    if rule.method is Method.PERCENT:
        return _percent_price(tariff, version, rule, facts)
    cents, reasons = _amount(tariff, rule, facts)
    return Price(cents, _explain(tariff, version, rule, facts, **reasons))


def rules_of(rules: Iterable[PriceRule], facts: PriceFacts) -> list[PriceRule]:
    """Return the rules that fit a case as closely as one another: none, one, or (a tie) more.

    A situation without a rule of its own is priced as the normal one; a late pick-up is no presence, and is not.
    """
    known = list(rules)
    usual = facts.situation if facts.situation is Situation.LATE else Situation.NORMAL
    for situation in dict.fromkeys((facts.situation, usual)):
        fitting = [
            rule
            for rule in known
            if rule.situation is situation
            and rule.residence in (Residence.ANY, facts.residence)
            and rule.formula_key in ("", facts.formula_key)
        ]
        if fitting:
            best = max(rule.precision for rule in fitting)
            return [rule for rule in fitting if rule.precision == best]
    return []


def _rule(tariff: Tariff, version: TariffVersion, facts: PriceFacts) -> PriceRule:
    chosen = rules_of(version.rules, facts)
    if len(chosen) > 1:
        raise Refusal("price_rules_tie", tariff=tariff.name)
    if not chosen and facts.situation is Situation.LATE:
        return PriceRule(Method.FLAT, situation=Situation.LATE, amount_cents=0)
    if not chosen:
        raise Refusal("no_price_rule", tariff=tariff.name)
    return chosen[0]


def _percent_price(tariff: Tariff, version: TariffVersion, rule: PriceRule, facts: PriceFacts) -> Price:
    """Return a price that is a part of the normal one."""
    normal_facts = replace(facts, situation=Situation.NORMAL)
    normal_rule = _rule(tariff, version, normal_facts)
    if normal_rule.method is Method.PERCENT or rule.percent_bp is None:
        raise Refusal("no_price_rule", tariff=tariff.name)
    normal, reasons = _amount(tariff, normal_rule, normal_facts)
    reasons |= {"percent_bp": rule.percent_bp, "normal_cents": normal}
    return Price(
        percent_of(normal, rule.percent_bp), _explain(tariff, version, normal_rule, facts, **reasons)
    )


def _explain(
    tariff: Tariff, version: TariffVersion, rule: PriceRule, facts: PriceFacts, **reasons: Any
) -> Explanation:
    return Explanation(
        tariff=tariff.name,
        unit_name=tariff.unit_name,
        units_name=tariff.units_name,
        valid_from=version.valid_from,
        method=rule.method,
        residence=facts.residence,
        situation=facts.situation,
        **reasons,
    )


def _amount(tariff: Tariff, rule: PriceRule, facts: PriceFacts) -> tuple[int, dict[str, Any]]:
    match rule.method:
        case Method.FLAT:
            return _needed(tariff, rule.amount_cents), {}
        case Method.BANDS:
            return _band_amount(tariff, rule.bands, facts.quotient_cents)
        case Method.EFFORT:
            return _effort_amount(tariff, rule, facts.quotient_cents)
        case Method.SLICE:
            return _slice_amount(tariff, rule, facts.minutes)
        case Method.PERCENT:
            raise Refusal("no_price_rule", tariff=tariff.name)


def _needed(tariff: Tariff, value: int | None) -> int:
    if value is None:
        raise Refusal("no_price_rule", tariff=tariff.name)
    return value


def _band_amount(
    tariff: Tariff, bands: Sequence[Band], quotient_cents: int | None
) -> tuple[int, dict[str, Any]]:
    """Return the price of the quotient's band; without quotient, the dearest band's."""
    if not bands:
        raise Refusal("no_price_rule", tariff=tariff.name)
    if quotient_cents is None:
        found: Band | None = max(bands, key=lambda band: band.amount_cents)
    else:
        found = next((band for band in bands if band.holds(quotient_cents)), None)
    if found is None:
        raise Refusal("missing_band", tariff=tariff.name, quotient_cents=quotient_cents)
    reasons = {"quotient_cents": quotient_cents, "low_cents": found.low_cents, "high_cents": found.high_cents}
    return found.amount_cents, reasons


def _effort_amount(tariff: Tariff, rule: PriceRule, quotient_cents: int | None) -> tuple[int, dict[str, Any]]:
    """Return clamp(quotient × rate, floor, ceiling); without quotient, the ceiling."""
    if quotient_cents is None:
        ceiling = _needed(tariff, rule.ceiling_cents)
        return ceiling, {"bound": "ceiling", "bound_cents": ceiling}
    cents = round_half_up(Decimal(quotient_cents * _needed(tariff, rule.rate_ppm)) / MILLION)
    reasons: dict[str, Any] = {"quotient_cents": quotient_cents, "rate_ppm": rule.rate_ppm}
    if rule.floor_cents is not None and cents < rule.floor_cents:
        return rule.floor_cents, reasons | {"bound": "floor", "bound_cents": rule.floor_cents}
    if rule.ceiling_cents is not None and cents > rule.ceiling_cents:
        return rule.ceiling_cents, reasons | {"bound": "ceiling", "bound_cents": rule.ceiling_cents}
    return cents, reasons


def _slice_amount(tariff: Tariff, rule: PriceRule, minutes: int) -> tuple[int, dict[str, Any]]:
    """Return the price of the started slices: 92 minutes by half-hours are four."""
    length, cents = _needed(tariff, rule.slice_minutes), _needed(tariff, rule.amount_cents)
    slices = max(1, -(-minutes // length))
    return slices * cents, {"slices": slices, "slice_minutes": length, "slice_cents": cents}


@dataclass(frozen=True, slots=True)
class BandFault:
    """Where bands leave a hole or overlap, in cents; ``code`` names its sentence."""

    code: str
    low_cents: int
    high_cents: int | None


def check_bands(bands: Iterable[Band]) -> tuple[BandFault, ...]:
    """Return every hole and overlap of bands that must cover 0 to infinity; none when the grid is whole."""
    faults = []
    reached: int | None = 0
    for band in sorted(bands, key=lambda band: band.low_cents):
        if reached is None or band.low_cents < reached:
            faults.append(BandFault("bands_overlap", band.low_cents, reached))
        elif band.low_cents > reached:
            faults.append(BandFault("bands_hole", reached, band.low_cents))
        reached = None if reached is None or band.high_cents is None else max(reached, band.high_cents)
    if reached is not None:
        faults.append(BandFault("bands_hole", reached, None))
    return tuple(faults)


def require_whole_bands(bands: Iterable[Band]) -> None:
    """Refuse a grid that leaves a quotient without price, or gives it two; the first fault is told.

    Raises:
        Refusal: ``bands_hole`` or ``bands_overlap``, with the quotients between which it is; ``high_cents`` is
            None when there is no end to it.
    """
    for fault in check_bands(bands):
        if fault.code == "bands_hole":
            raise Refusal("bands_hole", low_cents=fault.low_cents, high_cents=fault.high_cents)
        raise Refusal("bands_overlap", low_cents=fault.low_cents, high_cents=fault.high_cents)
