"""Money: integer cents, rounded half up once, shared without losing one."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

NBSP, THIN, MINUS = "\u00a0", "\u202f", "\u2212"
BASIS_POINTS = 10_000
MILLION = 1_000_000


def round_half_up(value: Decimal) -> int:
    """Return the nearest whole number of cents; a half goes away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent_of(cents: int, percent_bp: int) -> int:
    """Return a percentage of an amount, in cents; ``percent_bp`` is in hundredths of a percent (10 % is 1000)."""
    return round_half_up(Decimal(cents * percent_bp) / BASIS_POINTS)


def format_euros(cents: int) -> str:
    """Write cents as euros, the French way: ``14180`` gives ``141,80 €``."""
    whole, part = divmod(abs(cents), 100)
    sign = MINUS if cents < 0 else ""
    return f"{sign}{whole:,}".replace(",", THIN) + f",{part:02d}{NBSP}€"


def parse_euros(text: str) -> int:
    """Read an amount typed by a person: ``1 234,5``, ``12.30 €``.

    Raises:
        ValueError: the text is not an amount with at most two decimals.
    """
    bare = re.sub(r"[\s\u00a0\u202f€]", "", text).replace(MINUS, "-").replace(",", ".")
    if not re.fullmatch(r"-?\d{1,13}(\.\d{1,2})?", bare):
        raise ValueError(f"not an amount: {text!r}")
    return int(Decimal(bare) * 100)


def split(cents: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share an amount by weights, to the cent, by the largest remainder; the first wins a tie.

    100,01 € shared 50/50 gives 50,01 € and 50,00 €.

    Raises:
        ValueError: there is no positive weight, or one is negative.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("an amount is shared by weights of which at least one is positive")
    sign, amount = (-1, -cents) if cents < 0 else (1, cents)
    shares = [amount * weight // total for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % total), place))
    for place in remainders[: amount - sum(shares)]:
        shares[place] += 1
    return tuple(sign * share for share in shares)
