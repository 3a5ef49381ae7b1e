"""Recovery: which reminder an invoice calls for, when it may be handed over, and what the letters say. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.errors import Refusal


class Hold(StrEnum):
    """Why an overdue invoice is left alone for now."""

    PAUSED = "paused"
    CONTESTED = "contested"
    DIRECT_DEBIT = "direct_debit"
    CARD_UNDER_WAY = "card_under_way"


@dataclass(frozen=True, slots=True)
class Level:
    """A step of the reminders, as far as its time and its least sum go."""

    level: int
    after_days: int
    min_cents: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """The last reminder of an invoice."""

    level: int
    on: date


def next_level(
    levels: Sequence[Level], *, due_on: date, today: date, due_cents: int, last: Sent | None
) -> int | None:
    """Return which reminder an unpaid invoice calls for today; None when none does.

    Levels go in their order, each once, so that nobody's first letter is the last notice; between two letters lie
    at least as many days as between their levels, even when the first one left late.

    Args:
        levels: the town's, by number.
        due_on: the last day to pay.
        due_cents: what is still to be paid.
        last: the last one sent, None when none was.
    """
    reached = last.level if last else 0
    coming = next((one for one in levels if one.level > reached), None)
    if coming is None or due_cents < max(1, coming.min_cents):
        return None
    starts_on = due_on + timedelta(days=coming.after_days)
    if last is not None:
        before = next((one.after_days for one in reversed(levels) if one.level <= last.level), 0)
        starts_on = max(starts_on, last.on + timedelta(days=coming.after_days - before))
    return coming.level if starts_on <= today else None


def may_hand_over(
    levels: Sequence[Level],
    *,
    today: date,
    due_cents: int,
    last: Sent | None,
    after_days: int,
    min_cents: int,
) -> bool:
    """Whether an unpaid invoice may go to the Trésor: after its last reminder and the delay that it gave.

    Without any level there is no reminder, and nothing is handed over.
    """
    if not levels or last is None or last.level < levels[-1].level:
        return False
    return due_cents >= max(1, min_cents) and last.on + timedelta(days=after_days) <= today


NAMES = ("famille", "total", "nombre", "code_famille", "commune")
_BRACES = re.compile(r"\{([^{}]*)\}")


def require_known_names(text: str) -> None:
    """Refuse a letter with a word in braces that no letter knows, or with a brace left alone.

    Raises:
        Refusal: ``letter_word_unknown`` (``word``).
    """
    for found in _BRACES.finditer(text):
        if found[1].strip() not in NAMES:
            raise Refusal("letter_word_unknown", word=found[0], names=NAMES)
    if "{" in (rest := _BRACES.sub("", text)) or "}" in rest:
        raise Refusal("letter_word_unknown", word="{" if "{" in rest else "}", names=NAMES)


def written(text: str, values: Mapping[str, str]) -> str:
    """Return a letter's text with its words in braces replaced: names only, nothing is evaluated.

    An unknown word stays as it is.
    """
    return _BRACES.sub(lambda found: values.get(found[1].strip(), found[0]), text)


def paragraphs(text: str) -> tuple[str, ...]:
    """Return the paragraphs of a text, which blank lines part."""
    return tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip())


def require_order(level: int, after_days: int, others: Sequence[Level]) -> None:
    """Refuse a level that would come before a lower one, or after a higher one.

    Raises:
        Refusal: ``level_out_of_order`` (``level``).
    """
    for other in others:
        if (other.level < level) != (other.after_days < after_days):
            raise Refusal("level_out_of_order", level=other.level)


def is_month_late(today: date, alarm_day: int, *, has_days: bool, is_issued: bool) -> bool:
    """Whether the month before is issued too late: its alarm day is over, and it has days to bill."""
    return today.day > alarm_day and has_days and not is_issued
