"""The simulator's pages by their addresses: asked for, done by the worker, read, and taken away as a file."""

import io
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.pricing.versions import versions_in_force
from models.activities import ActivityKind
from models.tariffs import TariffSimulation
from tests.invoicing.support import NOVEMBER, ON_TIME, issue
from tests.support.households import Household, make_household
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from views.jobs.simulations import run_waiting_simulations

CANTEEN = ActivityKind.CANTEEN
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def house(store: Session, set_clock: Callable[..., None]) -> Household:
    set_clock(ON_TIME)
    made = make_household(store)
    made.book(made.elder, CANTEEN, NOVEMBER, 16)
    issue(store)
    store.commit()
    return made


@pytest.fixture
def cashier(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


def work(app: Flask) -> int:
    with app.test_request_context("/", base_url="http://localhost"):
        return run_waiting_simulations()


def asked(house: Household, cashier: Visitor, ceiling: str = "4,50", rate: str = "0,40") -> Page:
    """Copy the price list of meals, change it, and ask for a simulation."""
    [version] = versions_in_force(house.session, house.activity(CANTEEN).tariff_id)
    page = cashier.get(f"/admin/tarifs/versions/{version.id}/copier")
    page = cashier.submit(page, {"valid_from": "2027-09-01", "title": "Hypothèse A"})
    page = cashier.submit(page, {"rules-0-rate_ppm": rate, "rules-0-ceiling_cents": ceiling})
    page = cashier.get(page.links()["Simuler"])
    return cashier.submit(page, {})


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_simulation_is_asked_for_followed_and_read(app: Flask, house: Household, cashier: Visitor) -> None:
    page = asked(house, cashier)
    progress = f"{page.path}/avancement"
    before = cashier.client.get(progress).json
    assert "le travail continue" in page.text

    done = work(app)

    assert (before, done) == ({"done": 0, "total": 1, "finished": False}, 1)
    assert cashier.client.get(progress).json == {"done": 1, "total": 1, "finished": True}
    page = cashier.get(page.path)
    text = plain(page.text)
    assert "Facturé 48,96 € Avec cette version 54,40 € Recettes de la commune +5,44 €" in text
    assert "QF de 600 à moins de 900 1 16 48,96 € 54,40 € +5,44 € +5,44 €" in text
    assert page.links()["Martin"].endswith(f"id={house.family.id}")
    assert "Restauration scolaire" in cashier.get("/admin/simulations").text


def test_the_chart_says_its_figures_to_those_who_do_not_see_it(
    app: Flask, house: Household, cashier: Visitor
) -> None:
    page = asked(house, cashier)
    work(app)

    page = cashier.get(page.path)

    [chart] = page.all(f"{SVG}svg", role="img")
    assert chart.get("aria-label") == "Montant facturé et montant simulé, par quotient familial"
    assert [plain(title.text or "") for title in chart.iter(f"{SVG}title")] == [
        "600–900, Avant : 48,96 €", "600–900, Après : 54,40 €",
    ]  # fmt: skip


def test_the_table_is_given_as_a_file(app: Flask, house: Household, cashier: Visitor) -> None:
    page = asked(house, cashier)
    assert cashier.client.get(f"{page.path}.csv").status_code == 404
    work(app)

    rows = cashier.client.get(f"{page.path}.csv").data.decode("utf-8-sig").splitlines()
    book = cashier.client.get(f"{page.path}.xlsx")

    assert rows[1].split(";")[1:] == ["1", "16", "48,96", "54,40", "5,44", "5,44"]
    assert rows[2].startswith("Total;1;16;48,96;54,40")
    assert zipfile.ZipFile(io.BytesIO(book.data)).testzip() is None


def test_a_grid_that_changed_since_is_told(app: Flask, house: Household, cashier: Visitor) -> None:
    page = asked(house, cashier)
    work(app)
    kept = house.session.scalars(select(TariffSimulation)).one()
    assert "La grille a changé" not in cashier.get(page.path).text

    form = cashier.get(f"/admin/tarifs/versions/{kept.version_id}/modifier")
    cashier.submit(form, {"rules-0-rate_ppm": "0,50"})

    assert "La grille a changé depuis cette simulation" in cashier.get(page.path).text


def test_nothing_is_billed_by_a_simulation(app: Flask, house: Household, cashier: Visitor) -> None:
    page = asked(house, cashier, rate="9")
    work(app)

    house.book(house.elder, CANTEEN, NOVEMBER.replace(month=12), 10)
    issue(house.session, NOVEMBER.replace(month=12))

    house.session.commit()
    assert "30,60" in cashier.client.get("/admin/invoice/").text
    assert cashier.get(page.path).status == 200


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER, Role.PARENT])
def test_only_those_who_cash_simulate(app: Flask, store: Session, house: Household, role: Role) -> None:
    user = make_staff(store, "someone@mairie.example", role)
    store.commit()

    assert Visitor(app).sign_in(user).client.get("/admin/simulations").status_code == 403
