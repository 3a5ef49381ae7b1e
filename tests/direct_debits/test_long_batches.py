"""Debits of many families: written, credited and returned some at a time, and once each whatever stops the worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.direct_debits.batches import announce_batch, batch_orders, send_batch, settle_batch
from domain.direct_debits.mandates import Account, sign_mandate
from domain.direct_debits.returns import BankReturn, each_return, import_returns
from domain.jobs.operations import LEASE
from models.activities import ActivityKind
from models.audit import AuditEntry
from models.direct_debits import BatchState, DebitBatch, DebitState, DirectDebit, SepaMandate
from models.invoices import Invoice
from models.jobs import Job, JobKind
from models.messages import OutboxMail
from models.payments import Payment
from models.schools import Level
from tests.direct_debits.bank_files import status_report
from tests.direct_debits.conftest import IBAN
from tests.invoicing.support import NOVEMBER, issue
from tests.support.households import (
    ACTOR,
    Household,
    instant,
    make_family,
    make_household,
    make_pupil,
)
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from tests.support.work import die_after, do_jobs, leave_to_worker
from tests.support.world import TODAY
from views.office_jobs import money

HOME = "/admin/prelevements"
NOW, DAY = instant(date(2026, 12, 7)), date(2026, 12, 21)
THEN = instant(DAY)
AFTER = LEASE + timedelta(seconds=1)
FAMILIES, STEP = 5, 2
# Ten meals at the highest price.
CENTS = 4_500


def owe_and_sign(house: Household) -> None:
    """Ten meals for each of five families, issued, and their mandates."""
    session = house.session
    for number in range(FAMILIES):
        family = make_family(session, f"Famille {number}", email=f"parent{number}@courriel.example")
        child = make_pupil(session, house.setting, family, "Noé", house.elder.born_on, Level.CE1)
        Household(session, house.setting, family, child, child).book(
            child, ActivityKind.CANTEEN, NOVEMBER, 10
        )
        account = Account(f"Parent {number}", IBAN)
        sign_mandate(session, actor=ACTOR, now=instant(TODAY), family_id=family.id, account=account)
    issue(session)


def announce(session: Session) -> DebitBatch:
    return announce_batch(session, actor=ACTOR, now=NOW, collection_on=DAY)


@pytest.fixture
def batch(db: Session) -> DebitBatch:
    """Five debits announced, on each kind of database."""
    make_household(db, lived=owe_and_sign)
    return announce(db)


@pytest.fixture
def sent(app: Flask, store: Session) -> DebitBatch:
    """Five debits at the bank, as pages see them."""
    make_household(store, lived=owe_and_sign)
    made = announce(store)
    send_batch(store, actor=ACTOR, now=NOW, batch_id=made.id)
    made.message_id = "FILE1"
    store.commit()
    return made


@pytest.fixture
def regisseur(
    app: Flask,
    store: Session,
    sent: DebitBatch,
    set_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Visitor:
    leave_to_worker(monkeypatch, JobKind.DEBIT_FILE, JobKind.DEBIT_PAYMENTS, JobKind.DEBIT_RETURNS)
    monkeypatch.setattr(money, "STEP", STEP)
    set_clock(THEN)
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def test_a_batch_is_sent_without_a_question_for_each_debit(db: Session, batch: DebitBatch) -> None:
    invoices = db.scalars(select(Invoice).order_by(Invoice.id)).all()
    first, second = db.scalars(select(DirectDebit).order_by(DirectDebit.invoice_id).limit(2)).all()
    db.get_one(SepaMandate, first.mandate_id).revoked_on = DAY
    db.flush()

    with counted(db) as seen:
        orders = send_batch(db, actor=ACTOR, now=NOW, batch_id=batch.id)

    assert len([one for one in seen if one.startswith("SELECT") and "sepa_mandate" in one]) <= 2
    assert len([one for one in seen if one.startswith("SELECT") and "FROM invoice" in one]) <= 1
    assert [order.end_to_end_id for order in orders] == [
        debit.end_to_end_id
        for debit in db.scalars(select(DirectDebit).order_by(DirectDebit.invoice_id))
        if debit.id != first.id
    ]
    assert first.state is DebitState.WITHDRAWN
    assert (orders[0].end_to_end_id, orders[0].invoice_number) == (second.end_to_end_id, invoices[1].number)
    assert batch_orders(db, batch.id) == orders


def test_payments_of_a_batch_are_entered_some_at_a_time_and_it_is_settled_with_the_last(
    db: Session, batch: DebitBatch
) -> None:
    send_batch(db, actor=ACTOR, now=NOW, batch_id=batch.id)
    counts, states = [], []

    while batch.state is BatchState.SENT:
        payments = settle_batch(db, actor=ACTOR, now=THEN, batch_id=batch.id, limit=STEP)
        counts.append(len(payments))
        states.append(batch.state)

    assert counts == [2, 2, 1]
    assert states == [BatchState.SENT, BatchState.SENT, BatchState.SETTLED]
    assert {payment.amount_cents for payment in db.scalars(select(Payment))} == {CENTS}
    [trail] = db.scalars(select(AuditEntry).where(AuditEntry.action == "settle_debits")).all()
    assert trail.after is not None
    assert (trail.after["debits"], trail.after["total_cents"]) == (FAMILIES, FAMILIES * CENTS)


def test_a_file_returned_whole_is_as_many_returns_as_it_has_debits(db: Session, batch: DebitBatch) -> None:
    send_batch(db, actor=ACTOR, now=NOW, batch_id=batch.id)
    batch.message_id = "FILE1"

    returns = each_return(db, [BankReturn("", "FILE1", "FF01"), BankReturn("", "AUTRE", "FF01")])
    reports = [import_returns(db, actor=ACTOR, now=THEN, returns=returns[at : at + 2]) for at in (0, 2, 4)]

    assert len(returns) == FAMILIES + 1
    assert [len(report.returned) for report in reports] == [2, 2, 1]
    assert [len(report.unused) for report in reports] == [0, 0, 1]


def test_a_worker_that_dies_while_payments_are_entered_is_replaced_without_loss_or_double(
    app: Flask,
    store: Session,
    sent: DebitBatch,
    regisseur: Visitor,
    set_clock: Callable[[datetime], None],
) -> None:
    path = f"{HOME}/remises/{sent.id}"
    page = regisseur.get(path)
    for _twice in range(2):
        follow = regisseur.submit(page, {}, action="/encaisser")
    die_after(app, 1)
    assert store.scalar(select(func.count()).select_from(Payment)) == STEP
    state = regisseur.client.get(f"{follow.path}/avancement").json
    assert (state["done"], state["total"], state["finished"]) == (STEP, FAMILIES, False)
    meanwhile = regisseur.get(path)
    assert "Suivre le travail" in meanwhile.links()

    set_clock(THEN + AFTER)
    assert "Interrompu" in regisseur.get(follow.path).text
    assert "interrompu" in regisseur.get("/admin/travaux").text
    assert do_jobs(app) == 1

    store.expire_all()
    assert len(store.scalars(select(Payment.amount_cents)).all()) == FAMILIES
    assert store.get_one(DebitBatch, sent.id).state is BatchState.SETTLED
    assert {invoice.due_cents for invoice in store.scalars(select(Invoice))} == {0}
    assert f"{FAMILIES} paiements sont enregistrés" in regisseur.get(follow.path).text


def test_a_worker_that_dies_before_the_bank_file_is_written_leaves_it_to_the_next(
    app: Flask, store: Session, regisseur: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(NOW)
    for debit in store.scalars(select(DirectDebit)):
        debit.state = DebitState.ANNOUNCED
    batch = store.scalars(select(DebitBatch)).one()
    batch.state, batch.sent_at = BatchState.ANNOUNCED, None
    store.commit()
    path = f"{HOME}/remises/{batch.id}"

    follow = regisseur.submit(regisseur.get(path), {}, action="/envoyer")
    assert regisseur.client.get(f"{follow.path}/avancement").json["total"] is None
    die_after(app, 1)
    page = regisseur.get(path)
    assert "Le fichier de la banque s’écrit" in page.text
    assert "Fichier pour la banque" not in page.links()
    set_clock(NOW + AFTER)
    assert do_jobs(app) == 1

    file = regisseur.client.get(f"{path}.xml").get_data(as_text=True)
    assert file.count("<DrctDbtTxInf>") == FAMILIES
    assert file.count(f"{CENTS / 100:.2f}") >= FAMILIES


def drop(regisseur: Visitor, data: bytes, status: int = 200) -> Page:
    files = {"file": (BytesIO(data), "rejets.xml")}
    return regisseur.submit(regisseur.get(HOME), files, action="/rejets", status=status)


def test_many_returns_are_noted_by_the_worker_and_their_families_told_once_though_it_dies(
    app: Flask, store: Session, regisseur: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    whole = status_report(message_id="FILE1", group="RJCT")
    for _twice in range(2):
        follow = drop(regisseur, whole)
    assert "Rejets de la banque : rejets.xml" in follow.text
    assert store.scalars(select(Job.total_count)).all() == [FAMILIES]
    die_after(app, 1)
    returned = select(func.count()).where(DirectDebit.state == DebitState.RETURNED)
    assert store.scalar(returned) == STEP

    set_clock(THEN + AFTER)
    assert do_jobs(app) == 1

    assert store.scalar(returned) == FAMILIES
    told = store.scalars(select(OutboxMail.recipient).where(OutboxMail.kind == "debit_returned")).all()
    assert len(told) == len(set(told)) == FAMILIES
    assert f"{FAMILIES} rejets notés, 0 sans effet." in regisseur.get(follow.path).text
    report = regisseur.get(regisseur.get(follow.path).links()["Voir le résultat"])
    assert f"{FAMILIES} rejets notés" in report.text
    assert store.scalars(select(DirectDebit.end_to_end_id)).first() in report.text


def test_the_same_returns_brought_again_change_nothing_and_a_wrong_file_is_said_at_once(
    app: Flask, store: Session, regisseur: Visitor
) -> None:
    whole = status_report(message_id="FILE1", group="RJCT")
    drop(regisseur, whole)
    do_jobs(app)

    again = drop(regisseur, whole)
    do_jobs(app)
    wrong = drop(regisseur, b"<html></html>", status=422)

    assert f"0 rejet noté, {FAMILIES} sans effet." in regisseur.get(again.path).text
    assert len(store.scalars(select(Job)).all()) == 2
    assert "n’est pas un compte rendu" in wrong.text
