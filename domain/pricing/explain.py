"""The French sentence of an explanation: ``16 repas × 3,06 € : QF 850 × 0,36 %, tarif du 1er sept. 2026``.

Texts of the reasons go through a translate callable (gettext), so that the domain needs no catalogue of its own.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from domain.money import BASIS_POINTS, NBSP, format_euros
from domain.pricing.rules import Explanation, Method, Residence, Situation

Translate = Callable[[str], str]
MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip


def line_sentence(quantity: int, unit_cents: int, explanation: Explanation, _: Translate = str) -> str:
    """Return the whole sentence of a line."""
    unit = explanation.unit_name if quantity == 1 else explanation.units_name
    return f"{quantity} {unit} × {format_euros(unit_cents)}{NBSP}: {reasons(explanation, _)}"


def reasons(explanation: Explanation, _: Translate = str) -> str:
    """Return why one unit costs what it costs, without the quantity."""
    parts = [
        part for part in (_base(explanation, _), _special(explanation, _), _place(explanation, _)) if part
    ]
    parts.append(_("tarif du") + f" {written_day(explanation.valid_from)}")
    return ", ".join(parts)


def changed_sentence(
    explanation: Explanation, before_cents: int | None, billed_cents: int, new_cents: int, _: Translate = str
) -> str:
    """Return why a billed price changed: ``2,52 € au lieu de 3,06 € : QF 700 × 0,36 %, tarif du…, avant QF 850``."""
    was = _("sans QF") if before_cents is None else f"QF {written_quotient(before_cents)}"
    prices = f"{format_euros(new_cents)} {_('au lieu de')} {format_euros(billed_cents)}"
    return f"{prices}{NBSP}: {reasons(explanation, _)}, {_('avant')} {was}"


def discount_sentence(
    rank: int, percent_bp: int | None, base_cents: int, _: Translate = str, price_cents: int | None = None
) -> str:
    """Return why a child's sibling discount is what it is: ``2e enfant : 10 % de moins sur 84,49 €``.

    With a price instead of a percentage: ``3e enfant : 1,50 € l’unité au plus, sur 48,80 €``.
    """
    base = format_euros(base_cents)
    start = f"{rank}e {_('enfant')}{NBSP}:"
    if price_cents is not None:
        return f"{start} {format_euros(price_cents)} {_('l’unité au plus, sur')} {base}"
    share = written_percent(Decimal(percent_bp or 0) / 100)
    return f"{start} {share} {_('de moins sur')} {base}"


def voucher_sentence(granted_cents: int, left_cents: int, _: Translate = str) -> str:
    """Return what an aid is and what is left of it: ``Aide de 60,00 € ; il en reste 20,00 €``."""
    granted, left = format_euros(granted_cents), format_euros(left_cents)
    rest = f"{_('il en reste')} {left}" if left_cents else _("elle est entièrement utilisée")
    return f"{_('Aide de')} {granted}{NBSP}; {rest}"


def written_day(day: date) -> str:
    """Write a day shortly: ``1er sept. 2026``."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"


def written_quotient(cents: int) -> str:
    """Write a quotient: ``850`` or ``1049,51``."""
    whole, part = divmod(cents, 100)
    return f"{whole},{part:02d}" if part else str(whole)


def written_percent(value: Decimal) -> str:
    """Write a percentage without useless zeros: ``0,36 %``."""
    return f"{value.normalize():f}".replace(".", ",") + f"{NBSP}%"


def _base(explanation: Explanation, _: Translate) -> str:
    match explanation.method:
        case Method.EFFORT:
            return _effort(explanation, _)
        case Method.BANDS:
            return _band(explanation, _)
        case Method.SLICE:
            return _slices(explanation, _)
        case _:
            return _("prix fixe")


def _effort(explanation: Explanation, _: Translate) -> str:
    bound = {"floor": _("prix plancher"), "ceiling": _("prix plafond")}.get(explanation.bound, "")
    if explanation.quotient_cents is None:
        return _("sans quotient familial valable, prix plafond")
    rate = written_percent(Decimal(explanation.rate_ppm or 0) / BASIS_POINTS)
    text = f"QF {written_quotient(explanation.quotient_cents)} × {rate}"
    return f"{text}, {bound}" if bound else text


def _band(explanation: Explanation, _: Translate) -> str:
    if explanation.quotient_cents is None:
        return _("sans quotient familial valable, tranche la plus élevée")
    low = written_quotient(explanation.low_cents or 0)
    quotient = f"QF {written_quotient(explanation.quotient_cents)}"
    if explanation.high_cents is None:
        return f"{quotient}, {_('tranche')} {low} {_('et plus')}"
    return f"{quotient}, {_('tranche de')} {low} {_('à moins de')} {written_quotient(explanation.high_cents)}"


def _slices(explanation: Explanation, _: Translate) -> str:
    length, price = f"{explanation.slice_minutes} min", format_euros(explanation.slice_cents or 0)
    if explanation.slices == 1:
        return f"1 {_('tranche de')} {length} {_('commencée, à')} {price}"
    return f"{explanation.slices} {_('tranches de')} {length} {_('commencées, à')} {price}"


def _special(explanation: Explanation, _: Translate) -> str:
    words = {
        Situation.PAI: _("panier-repas du PAI"),
        Situation.UNRESERVED: _("présence non réservée"),
        Situation.ABSENCE: _("absence non annulée à temps"),
        Situation.LATE: _("supplément de retard"),
    }
    text = words.get(explanation.situation, "")
    if explanation.percent_bp is None:
        return text
    share = written_percent(Decimal(explanation.percent_bp) / 100)
    return f"{text}, {share} {_('de')} {format_euros(explanation.normal_cents or 0)}"


def _place(explanation: Explanation, _: Translate) -> str:
    words = {Residence.NON_RESIDENT: _("hors commune"), Residence.PARTNER: _("commune partenaire")}
    return words.get(explanation.residence, "")
