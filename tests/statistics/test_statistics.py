"""The figures of the charts, counted by hand, and the page that shows them."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.statistics.queries import (
    MonthMoney,
    meals_by_day,
    money_by_month,
    occupancy,
    quotient_spread,
)
from models.activities import ActivityKind
from models.attendance import Presence
from models.payments import PaymentMeans
from tests.invoicing.support import NOVEMBER, issue
from tests.support.households import ACTOR, Household, instant, make_family, make_household
from tests.support.money import take_money
from tests.support.pages import Visitor
from tests.support.people import make_staff
from tests.support.queries import recorded_statements

OCTOBER, DECEMBER, JANUARY = date(2026, 10, 1), date(2026, 12, 1), date(2027, 1, 1)
PAGE = "/admin/statistiques"
SVG = "{http://www.w3.org/2000/svg}svg"


def make_months(session: Session) -> Household:
    """November is billed 30,60 € in December; 20 € come in January. Two children of three meals came."""
    made = make_household(session)
    made.book(made.elder, ActivityKind.CANTEEN, NOVEMBER, 10)
    days = made.days(ActivityKind.CANTEEN, NOVEMBER, 3)
    made.call(made.elder, days[0], Presence.PRESENT)
    made.call(made.elder, days[1], Presence.ABSENT)
    # Not booked, and came all the same.
    made.call(made.younger, days[2], Presence.PRESENT)
    return made


def pay(session: Session, house: Household) -> None:
    take_money(
        session,
        actor=ACTOR,
        now=instant(date(2027, 1, 8)),
        family_id=house.family.id,
        means=PaymentMeans.CASH,
        amount_cents=2_000,
    )


def test_money_is_told_by_month_and_what_is_owed_runs_on(db: Session) -> None:
    house = make_months(db)
    run = issue(db)
    billed = run.issued_total_cents
    pay(db, house)

    assert money_by_month(db, last=JANUARY, count=12) == [
        MonthMoney(DECEMBER, billed, 0, billed),
        MonthMoney(JANUARY, 0, 2_000, billed - 2_000),
    ]
    assert money_by_month(db, last=JANUARY, count=1) == [MonthMoney(JANUARY, 0, 2_000, billed - 2_000)]
    assert money_by_month(db, last=NOVEMBER, count=3) == [MonthMoney(NOVEMBER, 0, 0, 0)]


def test_meals_are_those_booked_and_those_served(db: Session) -> None:
    house = make_months(db)
    first, second, third = (day.day for day in house.days(ActivityKind.CANTEEN, NOVEMBER, 3))

    found = {row.day: (row.booked, row.served) for row in meals_by_day(db, NOVEMBER)}

    assert (found[first], found[second], found[third]) == ((1, 1), (1, 0), (1, 1))
    assert len(found) == 10
    assert meals_by_day(db, OCTOBER) == []


def test_occupancy_counts_the_places_of_open_days(db: Session) -> None:
    house = make_months(db)
    canteen = house.activity(ActivityKind.CANTEEN)

    row = next(one for one in occupancy(db, NOVEMBER) if one.activity_id == canteen.id)

    assert row.taken == 10
    assert row.places == row.day_count * canteen.places
    assert row.percent == 1_000 // row.places


def test_every_family_is_in_one_band_or_has_no_quotient(db: Session) -> None:
    make_months(db)
    make_family(db, "Roux")

    spread = quotient_spread(db, date(2026, 11, 23))

    found = {band.low_cents: band.family_count for band in spread.bands if band.family_count}
    assert (found, spread.unknown_count) == ({80_000: 1}, 1)
    assert spread.bands[-1].high_cents is None
    before = quotient_spread(db, date(2026, 8, 31))
    assert (sum(band.family_count for band in before.bands), before.unknown_count) == (0, 2)


@pytest.fixture
def _january(set_clock: Callable[[datetime], None]) -> None:
    set_clock(instant(date(2027, 1, 15)))


def sign_in(app: Flask, store: Session, role: Role) -> Visitor:
    user = make_staff(store, f"{role.value}@mairie.example", role)
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.mark.usefixtures("_january")
def test_each_chart_has_its_table_and_its_file(app: Flask, store: Session) -> None:
    house = make_months(store)
    issue(store)
    pay(store, house)
    visitor = sign_in(app, store, Role.REGISSEUR)

    page = visitor.get(f"{PAGE}?mois=2026-11")
    assert len(page.all(SVG, class_="chart")) == 4
    assert "20,00" in visitor.get(PAGE).text
    files = [link for text, link in page.links().items() if text.startswith("CSV")]
    assert len(files) == 4
    for link in files:
        answer = visitor.client.get(link)
        assert answer.mimetype == "text/csv"
        assert answer.text.count("\n") > 1
        workbook = visitor.client.get(link.replace(".csv", ".xlsx"))
        assert workbook.data.startswith(b"PK")
    assert len([text for text in page.links() if text.startswith("XLSX")]) == 4
    assert visitor.client.get(f"{PAGE}/repas.pdf").status_code == 404
    visitor.get(f"{PAGE}?mois=jamais", status=404)


@pytest.mark.usefixtures("_january")
def test_money_is_shown_to_those_who_cash_only(app: Flask, store: Session) -> None:
    make_months(store)
    agent = sign_in(app, store, Role.SCHOOL_AGENT)

    assert len(agent.get(f"{PAGE}?mois=2026-11").all(SVG, class_="chart")) == 3
    assert agent.client.get(f"{PAGE}/argent.csv").status_code == 403
    sign_in(app, store, Role.ACTIVITY_LEADER).get(PAGE, status=403)


@pytest.mark.usefixtures("_january")
def test_a_town_without_a_past_has_empty_charts(app: Flask, store: Session) -> None:
    make_household(store)

    page = sign_in(app, store, Role.REGISSEUR).get(f"{PAGE}?mois=2024-02")

    assert "Aucun repas" in page.text
    assert "Aucune activité" in page.text


def test_the_charts_ask_a_fixed_number_of_statements(db: Session) -> None:
    make_months(db)
    db.flush()

    with recorded_statements() as statements:
        money_by_month(db, last=JANUARY, count=12)
        meals_by_day(db, NOVEMBER)
        occupancy(db, NOVEMBER)
        quotient_spread(db, NOVEMBER)

    assert len(statements) == 6, statements
