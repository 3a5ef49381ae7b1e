"""Price lists in words: each rule, what is wrong with it, and worked examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.errors import Refusal
from domain.money import format_euros
from domain.pricing.coverage import Fault, FaultCode
from domain.pricing.explain import FRENCH, written_percent
from domain.pricing.rules import (
    Method,
    PriceFacts,
    PriceRule,
    Residence,
    Situation,
    Tariff,
    TariffVersion,
    unit_price,
)
from views.formats import day as written_day
from views.words import plural

RESIDENCES = {
    Residence.ANY: _l("Toutes les familles"),
    Residence.RESIDENT: _l("Familles de la commune"),
    Residence.NON_RESIDENT: _l("Familles hors commune"),
    Residence.PARTNER: _l("Familles d’une commune partenaire"),
}
SITUATIONS = {
    Situation.NORMAL: _l("prix normal"),
    Situation.PAI: _l("panier-repas d’un PAI"),
    Situation.UNRESERVED: _l("présence non réservée"),
    Situation.ABSENCE: _l("absence non annulée à temps"),
    Situation.LATE: _l("supplément de retard"),
}
METHODS = {
    Method.FLAT: _l("Prix fixe"),
    Method.BANDS: _l("Tranches de quotient"),
    Method.EFFORT: _l("Taux d’effort"),
    Method.SLICE: _l("À la durée"),
    Method.PERCENT: _l("Pourcentage du prix normal"),
}
HOUR = 60
USUAL_QUOTIENTS = (30000, 60000, 85000, 120000, 180000)
MAX_QUOTIENTS = 8


def case_words(rule: PriceRule, formulas: Mapping[str, str]) -> str:
    """Return whom and what a rule is for: ``Familles hors commune, prix normal, Journée avec repas``."""
    parts = [str(RESIDENCES[rule.residence]), str(SITUATIONS[rule.situation])]
    if rule.formula_key:
        parts.append(formulas.get(rule.formula_key, rule.formula_key))
    return ", ".join(parts)


def price_words(rule: PriceRule) -> str:
    """Return how a rule makes a price: ``0,36 % du quotient, de 2,60 € à 4,50 €``."""
    match rule.method:
        case Method.FLAT:
            return _euros(rule.amount_cents)
        case Method.EFFORT:
            return _effort_words(rule)
        case Method.SLICE:
            return _(
                "%(price)s par tranche de %(minutes)s min commencée",
                price=_euros(rule.amount_cents),
                minutes=rule.slice_minutes,
            )
        case Method.PERCENT:
            share = written_percent(Decimal(rule.percent_bp or 0) / 100)
            return _("%(share)s du prix normal", share=share)
        case Method.BANDS:
            return plural(
                "selon le quotient, %(num)d tranche", "selon le quotient, %(num)d tranches", len(rule.bands)
            )


def _effort_words(rule: PriceRule) -> str:
    words = _("%(rate)s du quotient", rate=written_percent(Decimal(rule.rate_ppm or 0) / 10_000))
    if rule.floor_cents is not None:
        words += ", " + _("au moins %(floor)s", floor=format_euros(rule.floor_cents))
    if rule.ceiling_cents is not None:
        words += ", " + _("au plus %(ceiling)s", ceiling=format_euros(rule.ceiling_cents))
    return words


def _euros(cents: int | None) -> str:
    return "–" if cents is None else format_euros(cents)


def band_rows(rule: PriceRule) -> list[tuple[str, str]]:
    """Return the bands of a rule in words, with their prices."""
    return [
        (quotients(band.low_cents, band.high_cents), format_euros(band.amount_cents)) for band in rule.bands
    ]


def quotients(low_cents: int, high_cents: int | None) -> str:
    """Return a range of quotients: ``de 600 à moins de 1000``, ``1500 et plus``."""
    low = FRENCH.quotient(low_cents)
    if high_cents is None:
        return _("%(low)s et plus", low=low)
    if low_cents == 0:
        return _("moins de %(high)s", high=FRENCH.quotient(high_cents))
    return _("de %(low)s à moins de %(high)s", low=low, high=FRENCH.quotient(high_cents))


FAULTS = {
    FaultCode.NO_PRICE: _l("Aucun prix pour « %(case)s ». Ajoutez une règle pour ce cas, ou pour tous."),
    FaultCode.SAME_CASE: _l("Deux règles pour « %(case)s ». Gardez-en une seule."),
    FaultCode.FIGURE_MISSING: _l("Il manque un montant dans « %(case)s ». Complétez-le."),
    FaultCode.NO_BAND: _l("« %(case)s » n’a aucune tranche. Ajoutez au moins celle qui commence à 0."),
    FaultCode.BANDS_HOLE: _l(
        "« %(case)s » : aucun prix pour un quotient %(quotients)s. Faites se toucher les tranches."
    ),
    FaultCode.BANDS_OVERLAP: _l(
        "« %(case)s » : deux prix pour un quotient %(quotients)s. Faites se suivre les tranches."
    ),
    FaultCode.NO_CEILING: _l(
        "« %(case)s » n’a pas de plafond : une famille sans quotient n’aurait pas de prix. Écrivez le plafond."
    ),
    FaultCode.FLOOR_ABOVE_CEILING: _l(
        "« %(case)s » : le plancher dépasse le plafond. Corrigez l’un des deux."
    ),
    FaultCode.PERCENT_OF_NOTHING: _l(
        "« %(case)s » est un pourcentage du prix normal, qui n’a pas de montant à lui. Donnez un montant au prix normal."
    ),
    FaultCode.DAYS_HOLE: _l(
        "Aucune version du %(first)s au %(last)s (exclu) : ces journées n’ont pas de prix. Copiez la version qui précède à la première date."
    ),
    FaultCode.DAYS_OVERLAP: _l("Deux versions à la fois à partir du %(first)s. Supprimez-en une."),
    FaultCode.DAYS_END: _l(
        "Plus aucune version à partir du %(first)s. Copiez la dernière version à cette date."
    ),
}


def fault_words(fault: Fault, formulas: Mapping[str, str]) -> str:
    """Return what is wrong, and what to mend, in one sentence or two."""
    return str(FAULTS[fault.code]) % {
        "case": case_words(fault.rule, formulas) if fault.rule else "",
        "quotients": quotients(fault.low_cents, fault.high_cents),
        "first": _day(fault.starts_on),
        "last": _day(fault.ends_on),
    }


def _day(value: date | None) -> str:
    return written_day(value) if value else ""


@dataclass(frozen=True, slots=True)
class Examples:
    """The prices of one formula: a row a case, a column a quotient; an empty text where there is no price."""

    formula: str
    quotients: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    is_for_an_hour: bool


def examples(
    tariff: Tariff, version: TariffVersion, formulas: Mapping[str, str], keys: Sequence[str]
) -> list[Examples]:
    """Return what families would pay, by formula, residence, situation and quotient."""
    alone = Tariff(tariff.id, tariff.name, tariff.unit_name, tariff.units_name, (version,))
    known = _example_quotients(version)
    return [
        Examples(
            formulas.get(key, key),
            (*(f"QF {FRENCH.quotient(value)}" for value in known), _("Sans quotient")),
            tuple(
                (
                    words,
                    tuple(_example(alone, version, place, situation, key, value) for value in (*known, None)),
                )
                for words, place, situation in _cases(version)
            ),
            any(rule.method is Method.SLICE for rule in version.rules),
        )
        for key in keys or ("",)
    ]


def _example_quotients(version: TariffVersion) -> tuple[int, ...]:
    lows = sorted({band.low_cents for rule in version.rules for band in rule.bands})
    return tuple(lows[:MAX_QUOTIENTS]) if len(lows) > 1 else USUAL_QUOTIENTS


def _cases(version: TariffVersion) -> list[tuple[str, Residence, Situation]]:
    """Return the cases worth an example: each residence, and each situation that has its own price."""
    places = (Residence.RESIDENT, Residence.NON_RESIDENT, Residence.PARTNER)
    own = {rule.situation for rule in version.rules} - {Situation.NORMAL}
    cases = [(str(RESIDENCES[place]), place, Situation.NORMAL) for place in places]
    cases += [
        (capital(str(SITUATIONS[situation])), Residence.RESIDENT, situation)
        for situation in Situation
        if situation in own
    ]
    return cases


def capital(words: str) -> str:
    """Return words with a capital first letter, and the others as they are."""
    return words[:1].upper() + words[1:]


def _example(
    tariff: Tariff,
    version: TariffVersion,
    place: Residence,
    situation: Situation,
    key: str,
    quotient: int | None,
) -> str:
    facts = PriceFacts(quotient, place, situation, key, HOUR)
    try:
        return format_euros(unit_price(tariff, facts, version.valid_from).unit_cents)
    except Refusal:
        return ""
