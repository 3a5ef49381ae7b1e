"""The sentence of an explanation: ``16 repas × 3,06 € : QF 850 × 0,36 %, tarif du 1er sept. 2026``.

Words and figures are a pen's: French by default, another language's when the page speaks it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Protocol

from domain.money import BASIS_POINTS, NBSP, format_euros
from domain.pricing.rules import Explanation, Method, Residence, Situation

MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip


class Say(Protocol):
    """What gettext does: a French sentence in, the reader's out, with its values in their places."""

    def __call__(self, text: str, /, **values: object) -> str:
        """Return the sentence in the reader's language."""
        ...


def in_french(text: str, /, **values: object) -> str:
    """Return the French sentence itself."""
    return text % values if values else text


def written_day(day: date) -> str:
    """Write a day shortly: ``1er sept. 2026``."""
    return f"{written_day_of_month(day)} {day.year}"


def written_day_of_month(day: date) -> str:
    """Write a day shortly, without its year: ``1er sept.``."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]}"


def written_hour(hour: time) -> str:
    """Write an hour: ``18 h 52``."""
    return f"{hour.hour}{NBSP}h{NBSP}{hour.minute:02}"


def written_number(value: Decimal) -> str:
    """Write a number with its decimals, if it has any: ``0,36``."""
    return f"{value:f}".replace(".", ",")


def written_percent(value: Decimal) -> str:
    """Write a percentage without useless zeros: ``0,36 %``."""
    return f"{written_number(value.normalize())}{NBSP}%"


@dataclass(frozen=True, slots=True)
class Pen:
    """How explanations are written.

    Args:
        say: gettext.
        euros: an amount, in cents.
        number: a decimal number.
        percent: a percentage.
        day: a day, shortly.
        day_of_month: the same without its year.
        hour: an hour of the day.
    """

    say: Say = in_french
    euros: Callable[[int], str] = format_euros
    number: Callable[[Decimal], str] = written_number
    percent: Callable[[Decimal], str] = written_percent
    day: Callable[[date], str] = written_day
    day_of_month: Callable[[date], str] = written_day_of_month
    hour: Callable[[time], str] = written_hour

    def quotient(self, cents: int) -> str:
        """Write a quotient: ``850`` or ``1049,51``."""
        whole, part = divmod(cents, 100)
        return self.number(Decimal(cents) / 100 if part else Decimal(whole))

    def share(self, percent_bp: int) -> str:
        """Write hundredths of a percent: ``10 %``."""
        return self.percent(Decimal(percent_bp) / 100)


FRENCH = Pen()


def line_sentence(quantity: int, unit_cents: int, explanation: Explanation, pen: Pen = FRENCH) -> str:
    """Return the whole sentence of a line."""
    units = (explanation.unit_name, explanation.units_name)
    if explanation.situation is Situation.LATE:
        units = (pen.say("retard"), pen.say("retards"))
    return pen.say(
        "%(count)s %(unit)s × %(price)s\u00a0: %(why)s",
        count=quantity,
        unit=units[quantity != 1],
        price=pen.euros(unit_cents),
        why=reasons(explanation, pen),
    )


def reasons(explanation: Explanation, pen: Pen = FRENCH) -> str:
    """Return why one unit costs what it costs, without the quantity."""
    parts = (
        _share(explanation, pen),
        _base(explanation, pen),
        _special(explanation, pen),
        _place(explanation, pen),
    )
    tariff = pen.say("tarif du %(day)s", day=pen.day(explanation.valid_from))
    return ", ".join([*(part for part in parts if part), tariff])


def changed_sentence(
    explanation: Explanation,
    before_cents: int | None,
    billed_cents: int,
    new_cents: int,
    pen: Pen = FRENCH,
) -> str:
    """Return why a billed price changed: ``2,52 € au lieu de 3,06 € : QF 700 × 0,36 %, tarif du…, avant QF 850``."""
    was = pen.say("sans QF") if before_cents is None else f"QF {pen.quotient(before_cents)}"
    return pen.say(
        "%(new)s au lieu de %(billed)s\u00a0: %(why)s, avant %(was)s",
        new=pen.euros(new_cents),
        billed=pen.euros(billed_cents),
        why=reasons(explanation, pen),
        was=was,
    )


def discount_sentence(
    rank: int, percent_bp: int | None, base_cents: int, pen: Pen = FRENCH, price_cents: int | None = None
) -> str:
    """Return why a child's sibling discount is what it is: ``2e enfant : 10 % de moins sur 84,49 €``.

    With a price instead of a percentage: ``3e enfant : 1,50 € l’unité au plus, sur 48,80 €``.
    """
    base = pen.euros(base_cents)
    if price_cents is not None:
        return pen.say(
            "%(rank)se enfant\u00a0: %(price)s l’unité au plus, sur %(base)s",
            rank=rank,
            price=pen.euros(price_cents),
            base=base,
        )
    return pen.say(
        "%(rank)se enfant\u00a0: %(share)s de moins sur %(base)s",
        rank=rank,
        share=pen.share(percent_bp or 0),
        base=base,
    )


def voucher_sentence(granted_cents: int, left_cents: int, pen: Pen = FRENCH) -> str:
    """Return what an aid is and what is left of it: ``Aide de 60,00 € ; il en reste 20,00 €``."""
    granted = pen.euros(granted_cents)
    if not left_cents:
        return pen.say("Aide de %(granted)s\u00a0; elle est entièrement utilisée", granted=granted)
    return pen.say(
        "Aide de %(granted)s\u00a0; il en reste %(left)s", granted=granted, left=pen.euros(left_cents)
    )


def late_sentence(
    day: date, left: time, closes: time, siblings: Sequence[tuple[str, time]], pen: Pen = FRENCH
) -> str:
    """Return when a child was picked up: ``24 nov. : départ à 18 h 52, fermeture à 18 h 45``.

    Args:
        siblings: who was late the same day and is not billed again, and when each left.
    """
    text = pen.say(
        "%(day)s\u00a0: départ à %(left)s, fermeture à %(closes)s",
        day=pen.day_of_month(day),
        left=pen.hour(left),
        closes=pen.hour(closes),
    )
    if not siblings:
        return text
    names = ", ".join(f"{name} ({pen.hour(at)})" for name, at in siblings)
    return pen.say("%(text)s\u00a0; compté une seule fois, avec %(names)s", text=text, names=names)


def _share(explanation: Explanation, pen: Pen) -> str:
    """Say the part of this home, of a price that two homes share."""
    if explanation.share_percent is None:
        return ""
    return pen.say(
        "%(share)s de %(price)s, prix partagé entre deux foyers",
        share=pen.percent(Decimal(explanation.share_percent)),
        price=pen.euros(explanation.whole_cents or 0),
    )


def _base(explanation: Explanation, pen: Pen) -> str:
    match explanation.method:
        case Method.EFFORT:
            return _effort(explanation, pen)
        case Method.BANDS:
            return _band(explanation, pen)
        case Method.SLICE:
            return _slices(explanation, pen)
        case _:
            return pen.say("prix fixe")


def _effort(explanation: Explanation, pen: Pen) -> str:
    if explanation.quotient_cents is None:
        return pen.say("sans quotient familial valable, prix plafond")
    rate = pen.percent(Decimal(explanation.rate_ppm or 0) / BASIS_POINTS)
    text = f"QF {pen.quotient(explanation.quotient_cents)} × {rate}"
    bound = {"floor": pen.say("prix plancher"), "ceiling": pen.say("prix plafond")}.get(explanation.bound, "")
    return f"{text}, {bound}" if bound else text


def _band(explanation: Explanation, pen: Pen) -> str:
    if explanation.quotient_cents is None:
        return pen.say("sans quotient familial valable, tranche la plus élevée")
    facts = {"qf": pen.quotient(explanation.quotient_cents), "low": pen.quotient(explanation.low_cents or 0)}
    if explanation.high_cents is None:
        return pen.say("QF %(qf)s, tranche %(low)s et plus", **facts)
    high = pen.quotient(explanation.high_cents)
    return pen.say("QF %(qf)s, tranche de %(low)s à moins de %(high)s", **facts, high=high)


def _slices(explanation: Explanation, pen: Pen) -> str:
    minutes, price = explanation.slice_minutes, pen.euros(explanation.slice_cents or 0)
    if explanation.slices == 1:
        return pen.say("1 tranche de %(minutes)s min commencée, à %(price)s", minutes=minutes, price=price)
    return pen.say(
        "%(count)s tranches de %(minutes)s min commencées, à %(price)s",
        count=explanation.slices,
        minutes=minutes,
        price=price,
    )


def _special(explanation: Explanation, pen: Pen) -> str:
    words = {
        Situation.PAI: pen.say("panier-repas du PAI"),
        Situation.UNRESERVED: pen.say("présence non réservée"),
        Situation.ABSENCE: pen.say("absence non annulée à temps"),
        Situation.LATE: pen.say("supplément de retard"),
    }
    text = words.get(explanation.situation, "")
    if explanation.percent_bp is None:
        return text
    return pen.say(
        "%(what)s, %(share)s de %(price)s",
        what=text,
        share=pen.share(explanation.percent_bp),
        price=pen.euros(explanation.normal_cents or 0),
    )


def _place(explanation: Explanation, pen: Pen) -> str:
    words = {
        Residence.NON_RESIDENT: pen.say("hors commune"),
        Residence.PARTNER: pen.say("commune partenaire"),
    }
    return words.get(explanation.residence, "")
