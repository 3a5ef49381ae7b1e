"""The proof of the books, and what it says when they are wrong."""

from datetime import date

from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from domain.books import open_books
from domain.payments.ledger import check_ledger
from models.invoices import InvoiceLine
from models.payments import LedgerEntry, PaymentMeans
from models.town import Counter
from tests.invoicing.support import owe_ten_meals
from tests.support.households import ACTOR, Household, instant, make_household
from tests.support.money import take_money


def test_books_that_agree_are_proved_and_a_wrong_cent_is_named(db: Session) -> None:
    house = make_household(db, lived=owe_ten_meals)
    take_money(
        db,
        actor=ACTOR,
        now=instant(date(2026, 12, 9)),
        family_id=house.family.id,
        means=PaymentMeans.CHEQUE,
        amount_cents=2000,
    )

    assert check_ledger(db) == []

    with open_books(db, "a fault of the test"):
        db.execute(update(LedgerEntry).where(LedgerEntry.amount_cents > 0).values(amount_cents=3061))
        db.execute(
            update(InvoiceLine)
            .values(amount_cents=3366, quantity=11)
            .execution_options(synchronize_session=False)
        )
    assert [(one.what.split(" ")[0], one.found_cents, one.expected_cents) for one in check_ledger(db)] == [
        ("lignes", 3366, 3060), ("écriture", 3061, 3060), ("compte", 1061, 1060),
    ]  # fmt: skip


def test_a_number_that_is_missing_and_an_entry_without_document_are_named(db: Session) -> None:
    house = make_household(db, lived=owe_ten_meals)
    db.execute(update(Counter).where(Counter.series == "F").values(value=2))
    with open_books(db, "a fault of the test"):
        db.execute(delete(LedgerEntry))

    assert [(one.what, one.found_cents, one.expected_cents, one.is_count) for one in check_ledger(db)] == [
        ("écriture de F2026-000001", 0, 3060, False),
        (f"compte de la famille {house.family.id}", 0, 3060, False),
        ("nombre de numéros F2026", 1, 2, True),
    ]


def test_the_command_fails_and_names_the_balance_that_is_wrong(
    app: Flask, store: Session, house: Household
) -> None:
    runner = app.test_cli_runner()
    assert "Les comptes sont justes" in runner.invoke(args=["ledger-check"]).output

    with open_books(store, "a fault of the test"):
        store.execute(update(LedgerEntry).values(amount_cents=3_061))
    store.commit()

    proof = runner.invoke(args=["ledger-check"])
    assert proof.exit_code == 1
    assert f"compte de la famille {house.family.id}" in proof.output
    assert "30,61" in proof.output
