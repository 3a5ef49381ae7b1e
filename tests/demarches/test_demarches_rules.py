"""Rules of demarches: names of towns, plausible days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.demarches.rules import is_in_town, is_plausible_move, place_key

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("typed", ["Saint-Préau", "saint preau", "ST-PREAU", "St  Préau "])
def test_a_town_is_known_however_it_is_typed(typed: str) -> None:
    assert is_in_town(postcode="45110", city=typed, town_postcode="45110", town_name="Saint-Préau")


@pytest.mark.parametrize(("postcode", "city"), [("45000", "Saint-Préau"), ("45110", "Châteauneuf")])
def test_another_postcode_or_name_is_elsewhere(postcode: str, city: str) -> None:
    assert not is_in_town(postcode=postcode, city=city, town_postcode="45110", town_name="Saint-Préau")


@given(st.text(max_size=40))
def test_a_key_is_its_own_key(text: str) -> None:
    assert place_key(place_key(text)) == place_key(text)


@given(st.integers(-365, 365))
def test_a_move_within_a_year_is_plausible(days: int) -> None:
    assert is_plausible_move(TODAY + timedelta(days=days), TODAY)


@pytest.mark.parametrize("days", [-366, 366])
def test_a_move_beyond_a_year_is_not(days: int) -> None:
    assert not is_plausible_move(TODAY + timedelta(days=days), TODAY)
