"""The month's journal and the bank's statement against our books."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.actor import Role, system
from domain.books import open_books
from domain.clock import local_day
from domain.dates import first_of_month
from domain.errors import Refusal
from domain.payments.journal import journal_rows, journal_totals
from domain.payments.ledger import check_ledger
from domain.payments.queries import balance_cents
from domain.payments.reconciliation_rules import BankLine, DifferenceKind, OurPayment, compare
from domain.regie.operations import close_cash_session, open_cash_session, take_payment
from domain.regie.refunds import refund_credit
from gateways.imports.bank_statement import read_statement
from models.audit import AuditEntry
from models.payments import LedgerKind, Payment, PaymentMeans, PaymentTry
from models.regies import DepositSlip
from tests.invoicing.support import owe_ten_meals
from tests.support.households import Household, instant, make_household
from tests.support.pages import Visitor
from tests.support.people import make_staff

Call = Callable[..., int]
DAY = date(2026, 11, 12)
HEAD = "date;reference;transaction;montant\n"
DESK = system("desk")


def line(number: int, cents: int = 1_000, reference: str = "", transaction: str = "") -> BankLine:
    return BankLine(number, DAY, reference, transaction, cents)


def ours(number: int, cents: int = 1_000, reference: str = "", transaction: str = "") -> OurPayment:
    return OurPayment(number, f"P{number}", DAY, reference, transaction, cents)


def kinds(lines: list[BankLine], payments: list[OurPayment]) -> list[DifferenceKind]:
    return [one.kind for one in compare(lines, payments)]


def test_each_difference_is_named() -> None:
    assert kinds([line(2, reference="A")], [ours(1, reference="A")]) == []
    assert kinds([line(2, transaction="T")], [ours(1, reference="A", transaction="T")]) == []
    assert kinds([line(2, reference="B")], []) == [DifferenceKind.MISSING_HERE]
    assert kinds([], [ours(1, reference="A")]) == [DifferenceKind.MISSING_THERE]
    assert kinds([line(2, 999, "A")], [ours(1, reference="A")]) == [DifferenceKind.OTHER_AMOUNT]
    twice = [line(2, reference="A"), line(3, reference="A")]
    assert kinds(twice, [ours(1, reference="A")]) == [DifferenceKind.TWICE]


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(1, 3))), st.sets(st.sampled_from("ABCDE")))
def test_the_differences_explain_the_gap_to_the_cent(told: list[tuple[str, int]], known: set[str]) -> None:
    lines = [line(place, cents, reference) for place, (reference, cents) in enumerate(told, start=2)]
    payments = [ours(place, 2, reference) for place, reference in enumerate(sorted(known), start=1)]

    gap = sum(one.amount_cents for one in lines) - sum(one.amount_cents for one in payments)
    assert sum(one.gap_cents for one in compare(lines, payments)) == gap


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_statement_is_read_in_the_encodings_of_banks(encoding: str) -> None:
    text = "date;reference;transaction;montant;libellé\n12/11/2026;ABC;591;30,60;Préau\n2026-11-13;;592;1 030.60 €;\n"

    lines = read_statement(text.encode(encoding))

    assert [(one.line, one.day.day, one.amount_cents) for one in lines] == [(2, 12, 3_060), (3, 13, 103_060)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import_empty"),
        (b"PK\x03\x04", "import_not_csv"),
        (b"date;montant\n1;2\n", "import_missing_columns"),
        (HEAD.encode() + b"31/02/2026;A;1;10\n", "statement_line"),
        (HEAD.encode() + b"12/11/2026;A;1;dix\n", "statement_line"),
        (HEAD.encode() + b"12/11/2026;;;10\n", "statement_line"),
    ],
)
def test_what_is_no_statement_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_statement(data)

    assert refusal.value.code == code


@pytest.fixture
def regisseur(app: Flask, store: Session, opened: PaymentTry) -> Visitor:
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


def compare_file(visitor: Visitor, rows: str, status: int = 200) -> str:
    page = visitor.get("/admin/comptes/rapprochement")
    upload = (BytesIO((HEAD + rows).encode()), "banque.csv")
    return visitor.submit(page, {"file": upload}, action="/rapprochement", status=status).text


def test_the_banks_file_is_compared_with_the_payments_of_its_days(
    store: Session, opened: PaymentTry, call: Call, regisseur: Visitor
) -> None:
    call(opened.reference)
    payment = store.scalars(select(Payment)).one()
    day = local_day(payment.received_at).strftime("%d/%m/%Y")

    assert "Tout concorde" in compare_file(regisseur, f"{day};{opened.reference};T1;30,60\n")
    other = compare_file(regisseur, f"{day};{opened.reference};T1;30,61\n{day};PERDU;T9;12,00\n")
    assert "Autre montant" in other
    assert "À la banque, pas chez nous" in other
    assert payment.number in other
    assert "Chez nous, pas à la banque" in compare_file(regisseur, f"{day};PERDU;T9;12,00\n")
    assert "Ligne 2" in compare_file(regisseur, "hier;A;1;10\n", status=422)
    acts = store.scalars(select(AuditEntry.action).where(AuditEntry.action == "reconcile_bank")).all()
    assert len(acts) == 3


def test_the_months_journal_is_given_as_files(
    store: Session, opened: PaymentTry, call: Call, regisseur: Visitor
) -> None:
    call(opened.reference)
    payment = store.scalars(select(Payment)).one()
    month = f"{local_day(payment.received_at):%Y-%m}"

    csv = regisseur.client.get(f"/admin/comptes/journal.csv?mois={month}")
    assert payment.number in csv.text
    assert "30,60" in csv.text
    assert regisseur.client.get(f"/admin/comptes/journal.xlsx?mois={month}").data.startswith(b"PK")
    assert regisseur.client.get("/admin/comptes/journal.exe").status_code == 404
    assert regisseur.client.get("/admin/comptes?mois=jamais").status_code == 404
    assert "au centime près" in regisseur.get("/admin/comptes?preuve=1").text


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER])
def test_only_who_cashes_sees_the_books(app: Flask, store: Session, opened: PaymentTry, role: Role) -> None:
    user = make_staff(store, f"{role.value}@mairie.example", role)
    store.commit()
    visitor = Visitor(app).sign_in(user)

    for path in ("/admin/comptes", "/admin/comptes/rapprochement"):
        visitor.get(path, status=403)


@pytest.fixture
def month_of_all(db: Session) -> Household:
    """An invoice, a payment above it, a part of the rest given back, a desk closed: a month of every kind."""
    made = make_household(db, lived=owe_ten_meals)
    now = instant(date(2026, 12, 10), 12)
    open_cash_session(db, actor=DESK, now=now, cashier_name="R. Régis", float_cents=0)
    paid = take_payment(
        db, actor=DESK, now=now, family_id=made.family.id, means=PaymentMeans.CASH, amount_cents=5_000
    )
    refund_credit(
        db,
        actor=DESK,
        now=now,
        payment_id=paid.id,
        amount_cents=1_000,
        means=PaymentMeans.CASH,
        reason="Trop versé",
    )
    close_cash_session(db, actor=DESK, now=now, pieces={2_000: 2}, note="")
    return made


def test_the_journal_adds_up_to_the_balances(month_of_all: Household) -> None:
    session = month_of_all.session
    rows = list(journal_rows(session, date(2026, 12, 1)))
    totals = journal_totals(session, date(2026, 12, 1))

    assert [(row.kind, row.debit_cents, row.credit_cents) for row in rows] == [
        (LedgerKind.INVOICE, 3_060, 0),
        (LedgerKind.PAYMENT, 0, 5_000),
        (LedgerKind.REFUND, 1_000, 0),
    ]
    assert all(row.number for row in rows)
    assert (totals.opening_cents, totals.count) == (0, 3)
    assert totals.closing_cents == balance_cents(session, month_of_all.family.id) == -940
    after = journal_totals(session, date(2027, 1, 1))
    assert (after.opening_cents, after.count) == (-940, 0)
    assert first_of_month(rows[0].at.date()) == date(2026, 12, 1)


def test_the_proof_names_a_refund_and_a_slip_that_do_not_add_up(month_of_all: Household) -> None:
    session = month_of_all.session
    assert check_ledger(session) == []

    session.execute(update(Payment).values(refunded_cents=1_001))
    with open_books(session, "a fault of the test"):
        session.execute(update(DepositSlip).values(amount_cents=3_999))

    assert [(one.found_cents, one.expected_cents) for one in check_ledger(session)] == [
        (1_000, 1_001),
        (4_000, 3_999),
    ]
