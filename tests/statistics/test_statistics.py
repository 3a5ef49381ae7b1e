"""The figures of the charts, counted by hand, and the page that shows them."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.statistics.queries import Money, meals_by, money_by, occupancy, quotient_spread
from domain.statistics.rules import Period, Span, buckets, days_between, period_of
from models.activities import ActivityKind
from models.attendance import Presence
from models.payments import PaymentMeans
from tests.invoicing.support import NOVEMBER, issue
from tests.support.households import ACTOR, Household, instant, make_family, make_household
from tests.support.money import take_money
from tests.support.pages import Page, Visitor
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


def month_of(day: date) -> Period:
    return period_of(Span.MONTH, day)


def test_money_is_told_by_month_or_day_and_what_is_owed_runs_on(db: Session) -> None:
    house = make_months(db)
    run = issue(db)
    billed = run.issued_total_cents
    pay(db, house)

    whole = money_by(db, buckets(days_between(NOVEMBER, date(2027, 1, 31))))
    assert whole == [
        Money(NOVEMBER, 0, 0, 0),
        Money(DECEMBER, billed, 0, billed),
        Money(JANUARY, 0, 2_000, billed - 2_000),
    ]
    days = {row.first: row for row in money_by(db, buckets(month_of(JANUARY)))}
    assert days[date(2027, 1, 7)] == Money(date(2027, 1, 7), 0, 0, billed)
    assert days[date(2027, 1, 8)] == Money(date(2027, 1, 8), 0, 2_000, billed - 2_000)
    # A period that ends in the middle of a month counts no day more.
    cut = money_by(db, buckets(days_between(NOVEMBER, date(2027, 1, 7))))
    assert cut[-1] == Money(JANUARY, 0, 0, billed)


def test_meals_are_those_booked_and_those_served(db: Session) -> None:
    house = make_months(db)
    first, second, third = (day.day for day in house.days(ActivityKind.CANTEEN, NOVEMBER, 3))

    found = {row.first: (row.booked, row.served) for row in meals_by(db, buckets(month_of(NOVEMBER)))}

    assert (found[first], found[second], found[third]) == ((1, 1), (1, 0), (1, 1))
    assert len(found) == 10
    assert meals_by(db, buckets(month_of(OCTOBER))) == []
    [month] = meals_by(db, buckets(period_of(Span.SCHOOL_YEAR, NOVEMBER)))
    assert (month.first, month.booked, month.served) == (NOVEMBER, 10, 2)


def test_occupancy_counts_the_places_of_open_days(db: Session) -> None:
    house = make_months(db)
    canteen = house.activity(ActivityKind.CANTEEN)

    row = next(one for one in occupancy(db, month_of(NOVEMBER)) if one.activity_id == canteen.id)

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


def charts(page: Page) -> list[Any]:
    return [one for one in page.all(SVG) if "chart" in (one.get("class") or "").split()]


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

    page = visitor.get(f"{PAGE}?periode=annee-scolaire&le=2026-11-30")
    assert len(charts(page)) == 4
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
    for wrong in ("periode=jamais", "le=jamais", "le=9999-12-31"):
        visitor.get(f"{PAGE}?{wrong}", status=404)


@pytest.mark.usefixtures("_january")
def test_money_is_shown_to_those_who_cash_only(app: Flask, store: Session) -> None:
    make_months(store)
    agent = sign_in(app, store, Role.SCHOOL_AGENT)

    assert len(charts(agent.get(f"{PAGE}?le=2026-11-02"))) == 3
    assert agent.client.get(f"{PAGE}/argent.csv").status_code == 403
    sign_in(app, store, Role.ACTIVITY_LEADER).get(PAGE, status=403)


@pytest.mark.usefixtures("_january")
def test_a_town_without_a_past_has_empty_charts(app: Flask, store: Session) -> None:
    make_household(store)

    page = sign_in(app, store, Role.REGISSEUR).get(f"{PAGE}?le=2024-02-01")

    assert "Aucun repas" in page.text
    assert "Aucune activité" in page.text


def test_the_charts_ask_a_fixed_number_of_statements(db: Session) -> None:
    make_months(db)
    db.flush()

    with recorded_statements() as statements:
        money_by(db, buckets(period_of(Span.SCHOOL_YEAR, JANUARY)))
        meals_by(db, buckets(month_of(NOVEMBER)))
        occupancy(db, month_of(NOVEMBER))
        quotient_spread(db, NOVEMBER)

    assert len(statements) == 6, statements


@pytest.mark.usefixtures("_january")
def test_a_period_is_chosen_and_its_files_follow_it(app: Flask, store: Session) -> None:
    house = make_months(store)
    issue(store)
    pay(store, house)
    visitor = sign_in(app, store, Role.REGISSEUR)

    page = visitor.get(PAGE)
    assert "janvier 2027" in page.text
    year = visitor.get(page.links()["Année scolaire"])
    assert "année scolaire 2026-2027" in year.text
    assert "année scolaire 2025-2026" in year.links()
    assert "10 repas réservés, 2 servis" in year.text
    before = visitor.get(page.links()["décembre 2026"])
    assert "décembre 2026" in before.text
    assert "janvier 2027" in before.links()
    days = visitor.submit(before, {"du": "2026-11-01", "au": "2026-12-31"}, action="/admin/statistiques")
    assert "du 01/11/2026 au 31/12/2026" in days.text
    for text, link in days.links().items():
        if text.startswith("CSV de l’argent"):
            rows = visitor.client.get(link).text.splitlines()
            assert [row.split(";")[0] for row in rows[1:]] == ["novembre 2026", "décembre 2026"]
            break
    else:
        pytest.fail("no file of the money")


@pytest.mark.usefixtures("_january")
@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-11-02", "2026-11-01", "vient avant le premier"),
        ("2000-01-01", "2026-11-01", "5 ans"),
        ("", "2026-11-01", "Indiquez le premier jour"),
        ("0001-01-01", "2026-11-01", "entre 2000 et 2100"),
    ],
)
def test_a_wrong_period_is_explained_beside_its_field(
    app: Flask, store: Session, first: str, last: str, sentence: str
) -> None:
    make_household(store)
    visitor = sign_in(app, store, Role.REGISSEUR)

    page = visitor.get(f"{PAGE}?periode=dates&du={first}&au={last}", status=422)

    wrong = [one for one in page.all("input") if one.get("aria-invalid") == "true"]
    assert len(wrong) == 1
    errors = [one for one in page.all("span") if one.get("id") == wrong[0].get("aria-describedby")]
    assert sentence in "".join(errors[0].itertext())
    assert charts(page) == []
    assert visitor.client.get(f"{PAGE}/repas.csv?periode=dates&du={first}&au={last}").status_code == 404
