"""What a day costs a family: the tariff, quotient and residence of that very day."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from domain.pricing.quotients import Dated, in_force
from domain.pricing.rules import Price, PriceFacts, Residence, Situation, Tariff, unit_price


class Valued(Dated, Protocol):
    """A value in force on ``[valid_from, valid_to[``."""

    @property
    def value(self) -> str: ...  # noqa: D102


class Held(Protocol):
    """Something that holds on some days."""

    def covers(self, day: date) -> bool: ...  # noqa: D102


class Payer(Protocol):
    """The histories that a price depends on."""

    @property
    def quotients(self) -> Sequence[Valued]: ...  # noqa: D102
    @property
    def residences(self) -> Sequence[Valued]: ...  # noqa: D102
    @property
    def packed_meals(self) -> Sequence[Held]: ...  # noqa: D102


class Priced(Protocol):
    """An activity, as far as its price goes."""

    @property
    def id(self) -> int: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def tariff(self) -> Tariff: ...  # noqa: D102
    @property
    def minutes(self) -> int: ...  # noqa: D102


class Formula(Protocol):
    """A way to attend, as far as its price goes."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def minutes(self) -> int: ...  # noqa: D102


Key = tuple[int, str, Situation, int | None, Residence, int, int]


class Quoter:
    """Prices days for one child and family; each different case is computed once."""

    def __init__(self, payer: Payer, known: dict[Key, Price] | None = None) -> None:
        """Keep the family's histories.

        Args:
            known: prices shared between quoters, when many families are priced in a row.
        """
        self._payer = payer
        self._known = {} if known is None else known
        self._days: dict[date, tuple[int | None, Residence]] = {}

    def unit_cents(self, activity: Priced, formula: Formula | None, day: date) -> int:
        """Return the price in cents of a presence, or of a PAI's packed meal."""
        return self.quote(activity, formula, day).unit_cents

    def quote(
        self,
        activity: Priced,
        formula: Formula | None,
        day: date,
        situation: Situation = Situation.NORMAL,
        minutes: int | None = None,
    ) -> Price:
        """Return the price of a day with its reasons.

        Args:
            situation: what happened; a packed meal is found here.
            minutes: how long the child stayed; the whole activity when it is not known.

        Raises:
            Refusal: the grid has no price for the case.
        """
        if situation is Situation.NORMAL and activity.kind == "canteen" and self._has_packed_meal(day):
            situation = Situation.PAI
        quotient_cents, residence = self._payer_on(day)
        formula_key = formula.key if formula else ""
        if minutes is None:
            minutes = formula.minutes if formula else activity.minutes
        version = activity.tariff.version_on(day)
        key = (version.id, formula_key, situation, quotient_cents, residence, minutes, activity.tariff.id)
        price = self._known.get(key)
        if price is None:
            facts = PriceFacts(
                quotient_cents=quotient_cents,
                residence=residence,
                situation=situation,
                formula_key=formula_key,
                minutes=minutes,
            )
            price = self._known[key] = unit_price(activity.tariff, facts, day)
        return price

    def has_quotient(self, day: date) -> bool:
        """Whether a quotient is valid on a day."""
        return self._payer_on(day)[0] is not None

    def _payer_on(self, day: date) -> tuple[int | None, Residence]:
        """Return the family's quotient, in cents, and its residence on a day."""
        found = self._days.get(day)
        if found is None:
            quotient, residence = in_force(self._payer.quotients, day), in_force(self._payer.residences, day)
            found = self._days[day] = (
                None if quotient is None else int(quotient.value),
                Residence.NON_RESIDENT if residence is None else Residence(residence.value),
            )
        return found

    def _has_packed_meal(self, day: date) -> bool:
        held = self._payer.packed_meals
        return bool(held) and any(one.covers(day) for one in held)
