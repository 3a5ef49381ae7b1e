"""Rules of demarches: what an address is to the town, and what dates make sense."""

import re
import unicodedata
from datetime import date, timedelta

MAX_DAYS_AHEAD = 365
MAX_DAYS_BACK = 365


def place_key(city: str) -> str:
    """Return a town's name without case, accents and punctuation: ``Saint-Préau`` gives ``saint preau``."""
    plain = unicodedata.normalize("NFKD", city.casefold())
    words = re.sub(r"[^a-z0-9]+", " ", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    return re.sub(r"\bste\b", "sainte", re.sub(r"\bst\b", "saint", words)).strip()


def is_in_town(*, postcode: str, city: str, town_postcode: str, town_name: str) -> bool:
    """Whether an address is in the commune: same postcode and same name, however it is typed."""
    return postcode.strip() == town_postcode and place_key(city) == place_key(town_name)


def is_plausible_move(effective_on: date, today: date) -> bool:
    """Whether a move on this day may be reported today: a year back or ahead at most."""
    return today - timedelta(days=MAX_DAYS_BACK) <= effective_on <= today + timedelta(days=MAX_DAYS_AHEAD)
