"""Who comes first: points by published criteria, then a draw that anybody may run again.

The order in which wishes arrive counts for nothing. Equal children are ordered by a keyed hash of their number:
the key (the seed) is drawn when the round is made and kept secret, but its fingerprint is public from then on, so
that nobody can choose it once the wishes are known.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Criterion(StrEnum):
    """What may give a child points; local policy says how many."""

    WORKING_PARENTS = "working_parents"
    SINGLE_PARENT = "single_parent"
    RESIDENT = "resident"
    SIBLING = "sibling"
    LOW_QUOTIENT = "low_quotient"
    EARLIER_REFUSAL = "earlier_refusal"


# What only the family knows, one or the other; staff may set it aside. The portal knows the rest from its files.
DECLARED = (Criterion.WORKING_PARENTS, Criterion.SINGLE_PARENT)
MAX_POINTS = 100


class Phase(StrEnum):
    """Where a round stands."""

    COMING = "coming"
    OPEN = "open"
    CLOSED = "closed"
    PUBLISHED = "published"


def phase(opens_at: datetime, closes_at: datetime, published_at: datetime | None, now: datetime) -> Phase:
    """Return where a round stands at ``now``; wishes are taken on ``[opens_at, closes_at[``."""
    if published_at is not None:
        return Phase.PUBLISHED
    if now < opens_at:
        return Phase.COMING
    return Phase.OPEN if now < closes_at else Phase.CLOSED


class Verdict(StrEnum):
    """What becomes of a wish; the same names as its answers."""

    GRANTED = "granted"
    WAITING = "waiting"
    REFUSED = "refused"


NO_PLACE = "full"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A child of a family in a round.

    Args:
        number: what the draw is made on; it says nothing of when the wish came.
        met: the criteria that it meets.
    """

    sheet_id: int
    number: str
    met: frozenset[Criterion]


@dataclass(frozen=True, slots=True)
class Standing:
    """A child's place in the ranking, counted from 1, and why."""

    sheet_id: int
    place: int
    total: int
    earned: Mapping[Criterion, int]
    draw: str


def child_number(child_id: int, family_id: int) -> str:
    """Return the number on which a child's draw is made, for one of its families."""
    return f"{child_id}-{family_id}"


def draw(seed: str, number: str) -> str:
    """Return what orders equal children, the smallest first: HMAC-SHA256 of the number by the seed, in hexadecimal."""
    return hmac.new(seed.encode(), number.encode(), hashlib.sha256).hexdigest()


def fingerprint(seed: str) -> str:
    """Return what is published of a seed while it is secret: its SHA-256, in hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def ranking(
    candidates: Iterable[Candidate], points: Mapping[Criterion, int], seed: str
) -> tuple[Standing, ...]:
    """Return the children in order: most points first, then by draw."""
    scored = []
    for one in candidates:
        earned = {criterion: worth for criterion, worth in points.items() if worth and criterion in one.met}
        scored.append((-sum(earned.values()), draw(seed, one.number), one, earned))
    scored.sort(key=lambda found: (found[0], found[1], found[2].number))
    return tuple(
        Standing(one.sheet_id, place, -minus_total, earned, drawn)
        for place, (minus_total, drawn, one, earned) in enumerate(scored, start=1)
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wish; ``obstacle`` is why the child may not attend that day, whatever its place."""

    wish_id: int
    sheet_id: int
    day_id: int
    obstacle: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a wish, and why when it is refused."""

    wanted: Wanted
    verdict: Verdict
    reason: str = ""


def allocate(
    standings: Sequence[Standing],
    wanted: Iterable[Wanted],
    free: Mapping[int, int],
    *,
    has_waiting_list: bool,
) -> tuple[Decision, ...]:
    """Give each day's free places to the best placed of those who wish it; the others wait in that order.

    Args:
        free: the places left on each day.

    Returns:
        A decision a wish, by day and then by place: the order in which reservations and the waiting list are made.
    """
    places = {one.sheet_id: one.place for one in standings}
    left = dict(free)
    decisions = []
    for wish in sorted(wanted, key=lambda one: (one.day_id, places[one.sheet_id])):
        if wish.obstacle:
            decisions.append(Decision(wish, Verdict.REFUSED, wish.obstacle))
        elif left.get(wish.day_id, 0) > 0:
            left[wish.day_id] -= 1
            decisions.append(Decision(wish, Verdict.GRANTED))
        elif has_waiting_list:
            decisions.append(Decision(wish, Verdict.WAITING, NO_PLACE))
        else:
            decisions.append(Decision(wish, Verdict.REFUSED, NO_PLACE))
    return tuple(decisions)
