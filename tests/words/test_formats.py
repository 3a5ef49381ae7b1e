"""How dates and names are written on a French page."""

from datetime import UTC, date, datetime

from flask import Flask

from views.formats import day, in_a_row


def test_an_instant_is_dated_where_the_town_is(app: Flask) -> None:
    with app.test_request_context("/"):
        assert day(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == "mardi 1er décembre 2026"
        assert day(date(2026, 11, 30)) == "lundi 30 novembre 2026"


def test_names_stand_in_a_row(app: Flask) -> None:
    with app.test_request_context("/"):
        assert in_a_row(["Léo"]) == "Léo"
        assert in_a_row(["Léo", "Jade", "Zoé"]) == "Léo, Jade et Zoé"
