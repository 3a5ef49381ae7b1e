"""Direct debit as the régie works it, and what the family reads of it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.jobs.operations import LEASE
from models.direct_debits import DebitBatch, DebitState, DirectDebit
from models.invoices import Invoice
from models.jobs import JobKind
from models.messages import OutboxMail
from models.payments import Payment
from tests.direct_debits.bank_files import status_report
from tests.payments.card import make_parent
from tests.support.households import Household, instant
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from tests.support.work import die_after, do_jobs, leave_to_worker

HOME = "/admin/prelevements"
DAY = date(2026, 12, 21)


@pytest.fixture
def regisseur(
    app: Flask, store: Session, stored_debtor: Household, set_clock: Callable[[datetime], None]
) -> Visitor:
    set_clock(instant(date(2026, 12, 7)))
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def alice(app: Flask, store: Session, stored_debtor: Household, visitor: Visitor) -> Visitor:
    return visitor.sign_in(make_parent(app, store, stored_debtor.family.id, "alice@courriel.example"))


def announce(regisseur: Visitor, day: date = DAY, status: int = 200) -> Page:
    page = regisseur.get(HOME)
    return regisseur.submit(page, {"collection_on": day.isoformat()}, action="/remises", status=status)


def mails(store: Session) -> list[tuple[str, str]]:
    return [(mail.kind, mail.text_body.replace("\u00a0", " ")) for mail in store.scalars(select(OutboxMail))]


def upload(regisseur: Visitor, data: bytes, status: int = 200) -> Page:
    files = {"file": (BytesIO(data), "rejets.xml")}
    return regisseur.submit(regisseur.get(HOME), files, action="/rejets", status=status)


def test_a_batch_goes_to_the_bank_and_comes_back(
    store: Session, regisseur: Visitor, alice: Visitor, set_clock: Callable[[datetime], None]
) -> None:
    assert "30,60" in regisseur.get(HOME).text
    assert "14 jours avant" in announce(regisseur, date(2026, 12, 11), 422).text
    batch_page = announce(regisseur)
    assert "par courrier" not in batch_page.text
    ((kind, words),) = mails(store)
    assert kind == "debit_announced"
    assert "30,60 € le lundi 21 décembre 2026 sur votre compte FR76 •••• 0143" in words

    sent = regisseur.submit(batch_page, {}, action="/envoyer")
    assert "Fichier pour la banque" in sent.links()
    batch = store.scalars(select(DebitBatch)).one()
    xml = regisseur.client.get(f"{HOME}/remises/{batch.id}.xml")
    assert (xml.mimetype, batch.message_id.encode() in xml.data) == ("application/xml", True)
    invoice = store.scalars(select(Invoice)).one()
    read = alice.get(f"/factures/{invoice.id}")
    assert "prélevée le lundi 21 décembre 2026" in read.text
    assert "Payer par carte" not in read.text
    assert "prélevée le" in alice.get("/factures").text
    assert invoice.number in alice.get("/compte/prelevement").text
    assert "À payer" not in alice.get("/accueil").text

    set_clock(instant(DAY))
    settled = regisseur.submit(regisseur.get(f"{HOME}/remises/{batch.id}"), {}, action="/encaisser")
    assert "Encaissé" in settled.text
    payment = store.scalars(select(Payment)).one()
    assert payment.amount_cents == 3_060

    debit = store.scalars(select(DirectDebit)).one()
    report = upload(
        regisseur, status_report((debit.end_to_end_id, "AC04", "30.60"), ("AUTRE", "AM04", "1.00"))
    )
    assert "1 rejet noté" in report.text
    assert "mandat arrêté" in report.text
    assert "aucun prélèvement de ce nom" in report.text
    words = dict(mails(store))["debit_returned"]
    assert "le compte est clos" in words
    assert "signer un autre" in words
    store.expire_all()
    assert store.get_one(Invoice, invoice.id).paid_cents == 0
    assert "Payer par carte" in str(alice.get(f"/factures/{invoice.id}").text)
    assert "Signer le mandat" in alice.get("/compte/prelevement").text


def test_a_large_batch_is_told_written_and_settled_by_the_worker_once(
    app: Flask,
    store: Session,
    regisseur: Visitor,
    alice: Visitor,
    set_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave_to_worker(monkeypatch, JobKind.DEBIT_MAILS, JobKind.DEBIT_FILE, JobKind.DEBIT_PAYMENTS)
    follow = announce(regisseur)
    assert mails(store) == []
    assert do_jobs(app) == 1
    assert len(mails(store)) == 1
    batch_path = regisseur.get(follow.path).links()["Voir le résultat"]

    follow = regisseur.submit(regisseur.get(batch_path), {}, action="/envoyer")
    die_after(app, 0)
    assert store.scalars(select(DebitBatch.file_id)).one() is None
    set_clock(instant(date(2026, 12, 7)) + LEASE + timedelta(seconds=1))
    assert do_jobs(app) == 1
    assert "Fichier pour la banque" in regisseur.get(batch_path).links()

    set_clock(instant(DAY))
    page = regisseur.get(batch_path)
    for _twice in range(2):
        follow = regisseur.submit(page, {}, action="/encaisser")
    assert do_jobs(app) == 1
    assert "1 paiements sont enregistrés" in regisseur.get(follow.path).text
    assert store.scalars(select(Payment.amount_cents)).all() == [3_060]


def test_a_family_without_e_mail_is_written_to(regisseur: Visitor) -> None:
    page = announce(regisseur)

    assert "À prévenir par courrier" in page.text
    assert "Martin" in page.text


def test_the_invoice_says_how_it_is_paid(
    alice: Visitor, store: Session, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(instant(date(2026, 12, 7)))
    invoice_id = store.scalars(select(Invoice.id)).one()

    paper = PdfReader(BytesIO(alice.client.get(f"/factures/{invoice_id}/pdf").data))

    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "Par prélèvement automatique" in words
    assert "Au guichet" not in words


def test_a_debit_is_taken_out_and_its_family_told(store: Session, regisseur: Visitor, alice: Visitor) -> None:
    page = announce(regisseur)
    assert "Cochez au moins un" in regisseur.submit(page, {}, action="/retirer", status=422).text
    debit = store.scalars(select(DirectDebit)).one()

    done = regisseur.submit(page, {"debit": [str(debit.id)]}, action="/retirer")

    assert "retiré par le service" in done.text
    assert "n’aura pas lieu" in dict(mails(store))["debit_withdrawn"]
    assert "À payer" in alice.get("/accueil").text


def test_a_return_told_by_letter_is_noted_by_hand(store: Session, regisseur: Visitor) -> None:
    regisseur.submit(announce(regisseur), {}, action="/envoyer")
    debit = store.scalars(select(DirectDebit)).one()
    path = f"{HOME}/{debit.id}/rejet"

    noted = regisseur.submit(regisseur.get(path), {"reason": "AM04"}, action=path)
    assert "la provision du compte est insuffisante" in noted.text
    twice = regisseur.submit(regisseur.get(path), {"reason": "AM04"}, action=path, status=422)
    assert "déjà noté" in twice.text

    store.expire_all()
    assert store.get_one(DirectDebit, debit.id).state is DebitState.RETURNED


def test_what_is_no_file_of_the_bank_is_refused_in_words(regisseur: Visitor) -> None:
    assert "pain.002" in upload(regisseur, b"date;montant\n", 422).text
    regisseur.get(f"{HOME}/remises/99", status=404)
    regisseur.get(f"{HOME}/99/rejet", status=404)
    assert regisseur.client.get(f"{HOME}/remises/99.xml").status_code == 404


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER])
def test_only_who_cashes_sees_debits(
    app: Flask, store: Session, stored_debtor: Household, role: Role
) -> None:
    user = make_staff(store, f"{role.value}@mairie.example", role)
    store.commit()

    Visitor(app).sign_in(user).get(HOME, status=403)
