"""The worked figures of the rules, through the database, each with its own price list."""

from datetime import date, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.demarches.operations import NewAddress, decide_address_change, report_address_change
from domain.pricing.formulas import formula_attended
from domain.reservations.catalogue import FormulaView
from models.activities import ActivityFormula, ActivityKind
from models.attendance import Presence
from models.invoices import CarriedAmount, Invoice, InvoiceLine, LineKind
from models.tariffs import SiblingDiscount
from tests.invoicing.support import DECEMBER, JANUARY, NOVEMBER, issue, set_price
from tests.support.households import ACTOR, Household, instant, make_household

CANTEEN, STUDY = ActivityKind.CANTEEN, ActivityKind.SUPERVISED_STUDY
EVENING, WEDNESDAY = ActivityKind.EVENING_CHILDCARE, ActivityKind.WEDNESDAY_LEISURE
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def house(db: Session) -> Household:
    return make_household(db)


def formula_of(house: Household, key: str) -> int:
    return house.session.scalars(select(ActivityFormula.id).where(ActivityFormula.key == key)).one()


def amounts(session: Session) -> dict[tuple[str, str], int]:
    found = session.scalars(select(InvoiceLine))
    return {(line.child_name, line.label): line.amount_cents for line in found}


def test_the_invoice_of_two_children_comes_to_141_80(house: Household) -> None:
    set_price(house, EVENING, (SEPTEMBER, 175))
    set_price(house, WEDNESDAY, (SEPTEMBER, 980))
    house.session.add(SiblingDiscount(from_rank=2, percent_bp=1000, valid_from=SEPTEMBER))
    house.book(house.elder, CANTEEN, NOVEMBER, 16)
    house.book(house.elder, STUDY, NOVEMBER, 8)
    house.book(house.younger, CANTEEN, NOVEMBER, 14)
    house.book(house.younger, EVENING, NOVEMBER, 7)
    house.book(house.younger, WEDNESDAY, NOVEMBER, 3, formula_of(house, "day"))

    issue(house.session)

    found = amounts(house.session)
    assert found[("Léo Martin", "Restauration")] == 4896
    assert found[("Léo Martin", "Étude surveillée")] == 1680
    assert found[("Jade Martin", "Restauration")] == 4284
    assert sum(cents for (_, label), cents in found.items() if label != "Réduction fratrie") == 15_025
    assert found[("Jade Martin", "Réduction fratrie")] == -845
    assert house.session.scalars(select(Invoice.total_cents)).one() == 14_180


def test_9_20_then_4_10_then_6_00_is_issued_in_the_third_month_at_19_30(house: Household) -> None:
    set_price(house, CANTEEN, (SEPTEMBER, 920), (DECEMBER, 410), (JANUARY, 600))
    for month in (NOVEMBER, DECEMBER, JANUARY):
        house.book(house.elder, CANTEEN, month, 1)

    issued = []
    for month in (NOVEMBER, DECEMBER, JANUARY):
        issue(house.session, month)
        issued.append(house.session.scalars(select(Invoice.total_cents)).all())

    assert issued == [[], [], [1930]]
    assert house.session.scalars(select(CarriedAmount.amount_cents).order_by(CarriedAmount.id)).all() == [
        920, 410,
    ]  # fmt: skip


def test_leaving_the_commune_on_the_15th_makes_82_62(house: Household) -> None:
    house.book(house.elder, CANTEEN, JANUARY, 16)
    moved = report_address_change(
        house.session,
        actor=ACTOR,
        now=instant(date(2027, 1, 8)),
        family_id=house.family.id,
        address=NewAddress("3 rue du Lac", "", "45000", "Orléans"),
        effective_on=date(2027, 1, 15),
        proof_id=None,
    )
    decide_address_change(
        house.session,
        actor=ACTOR,
        now=instant(date(2027, 1, 9)),
        demarche_id=moved.demarche_id,
        accept=True,
    )

    issue(house.session, JANUARY)

    lines = house.session.scalars(select(InvoiceLine).order_by(InvoiceLine.position)).all()
    assert [(line.quantity, line.unit_cents) for line in lines] == [(7, 306), (9, 680)]
    assert house.session.scalars(select(Invoice.total_cents)).one() == 8262


def test_what_was_carried_is_issued_when_the_family_has_left(house: Household) -> None:
    house.book(house.elder, CANTEEN, NOVEMBER, 3)
    issue(house.session, NOVEMBER)
    house.family.left_on = date(2026, 12, 1)

    issue(house.session, DECEMBER)

    invoice = house.session.scalars(select(Invoice)).one()
    line = house.session.scalars(select(InvoiceLine)).one()
    assert (invoice.total_cents, line.kind) == (918, LineKind.CARRIED)


FORMULAS = (
    FormulaView(1, "day", "Journée", 600, time(8), time(18)),
    FormulaView(2, "half_day", "Matinée", 240, time(8), time(12)),
)


@pytest.mark.parametrize(
    ("arrived", "left", "key"),
    [
        (time(8, 10), time(11, 50), "half_day"),
        (time(7, 55), time(12), "half_day"),
        (time(8, 30), time(17), "day"),
        (None, time(17), "half_day"),
        (None, None, "half_day"),
    ],
)
def test_the_hours_of_a_stay_choose_the_formula(arrived: time | None, left: time | None, key: str) -> None:
    found = formula_attended(FORMULAS, arrived, left)

    assert found is not None
    assert found.key == key


def test_staff_choose_the_formula_when_the_hours_were_not_noted() -> None:
    marked = FormulaView(3, "day", "Journée", 600, time(8), time(18), is_for_unreserved=True)

    assert formula_attended([*FORMULAS, marked], None, None) == marked
    assert formula_attended([], None, None) is None


def test_a_child_who_came_unbooked_for_the_morning_is_billed_the_morning(house: Household) -> None:
    wednesday = house.days(WEDNESDAY, NOVEMBER, 1)[0]
    came = house.call(house.elder, wednesday, Presence.PRESENT)
    came.arrived_at, came.left_at = instant(wednesday.day, 8), instant(wednesday.day, 12)
    house.book(house.younger, CANTEEN, NOVEMBER, 5)
    house.session.flush()

    issue(house.session)

    line = house.session.scalars(select(InvoiceLine).where(InvoiceLine.child_id == house.elder.id)).one()
    # QF 850 × 0,287 % = 2,44 €, and half as much again because it was not booked.
    assert (line.quantity, line.unit_cents) == (1, 366)
