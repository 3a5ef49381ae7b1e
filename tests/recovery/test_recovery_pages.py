"""Reminders and hand-overs as the régie works them, and what the family reads of them."""

import csv
import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO, StringIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.actor import Role
from domain.payments.ledger import check_ledger
from models.activities import ActivityKind
from models.documents import StoredFile
from models.invoices import Delivery, Invoice, InvoiceState
from models.messages import OutboxMail, PrintBatch
from models.payments import Payment, PaymentMeans
from models.recovery import Handover, HandoverBatch, Reminder, ReminderLevel
from models.town import Town
from tests.gateways.test_exports import sheet_of
from tests.payments.card import make_parent
from tests.recovery.support import FIRST, SECOND, THIRD, TRESOR, only_invoice, remind, remind_to_the_end
from tests.support.households import Household, instant
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff
from views.jobs.drawing import draw_documents

RUNS, TRESOR_HOME = "/admin/relances", "/admin/tresor"
Clock = Callable[[datetime], None]


@pytest.fixture
def regisseur(app: Flask, store: Session, stored: Household, set_clock: Clock) -> Visitor:
    set_clock(FIRST)
    user = make_staff(store, "regisseur@mairie.example", Role.REGISSEUR)
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def alice(app: Flask, store: Session, stored: Household, visitor: Visitor) -> Visitor:
    return visitor.sign_in(make_parent(app, store, stored.family.id, "alice@courriel.example"))


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def words_of(pdf: bytes) -> str:
    return plain(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def to_the_last_reminder(store: Session, stored: Household, set_clock: Clock) -> None:
    remind_to_the_end(store, stored)
    store.commit()
    set_clock(TRESOR)


def hand_over(regisseur: Visitor) -> Page:
    checked = regisseur.submit(regisseur.get(TRESOR_HOME), {}, action="/verifier")
    assert "Transmettre 1 facture au Trésor public" in checked.text
    return regisseur.submit(checked, {}, action=TRESOR_HOME)


def test_a_run_writes_tells_and_shows_itself_everywhere(
    app: Flask, store: Session, regisseur: Visitor, alice: Visitor
) -> None:
    home = regisseur.get("/admin/")
    assert "Familles à relancer" in home.text
    page = regisseur.get(RUNS)
    assert "Un oubli, peut-être" in page.text
    assert "30,60" in page.text

    done = regisseur.submit(page, {}, action=RUNS)

    assert "1 famille est relancée, 1 e-mail part" in plain(done.text)
    assert "à imprimer" in done.text
    letter = store.scalars(select(Reminder)).one()
    assert (letter.delivery, letter.by_email) == (Delivery.PAPER, True)
    mail = store.scalars(select(OutboxMail).where(OutboxMail.kind == "invoice_reminder")).one()
    assert (mail.recipient, mail.family_id) == ("alice@courriel.example", letter.family_id)
    text = plain(mail.text_body)
    for words in ("30,60 €", "F2026-000001", "lundi 4 janvier 2027", letter.number, "/factures"):
        assert words in text
    assert plain(mail.subject) == "Un oubli, peut-être ? Reste à payer : 30,60 €"

    invoice_id = only_invoice(store).id
    read = alice.get(f"/factures/{invoice_id}")
    assert "Relancée le lundi 11 janvier 2027" in plain(read.text)
    assert "Payer par carte" in read.text
    assert "relancée le" in alice.get("/factures").text
    assert "relancée le" in alice.get("/accueil").text
    family = regisseur.get(f"/admin/family/details/?id={letter.family_id}")
    assert letter.number in family.text
    assert "Relance envoyée" in family.text
    assert "Relance du 11/01/2027" in regisseur.get(f"/admin/invoice/details/?id={invoice_id}").text
    assert "Personne" in regisseur.get(RUNS).text


def test_the_pdf_is_drawn_once_by_the_worker_and_kept(
    app: Flask, store: Session, regisseur: Visitor, alice: Visitor
) -> None:
    regisseur.submit(regisseur.get(RUNS), {}, action=RUNS)
    with app.test_request_context():
        assert draw_documents() == 2  # the invoice too

    letter = store.scalars(select(Reminder)).one()
    kept = store.get_one(StoredFile, letter.file_id)
    mine = alice.client.get(f"/factures/relances/{letter.id}/pdf")
    theirs = regisseur.client.get(f"{RUNS}/{letter.id}.pdf")

    assert mine.mimetype == "application/pdf"
    assert mine.data == theirs.data
    assert hashlib.sha256(mine.data).hexdigest() == kept.sha256
    words = words_of(mine.data)
    for expected in (
        "Un oubli, peut-être ?",
        "30,60 €",
        "F2026-000001",
        "04/01/2027",
        "Comment payer",
        "ALICE MARTIN",
    ):
        assert expected in words or expected.title() in words


def test_a_letter_on_paper_is_bound_into_the_next_batch(
    app: Flask, store: Session, regisseur: Visitor
) -> None:
    regisseur.submit(regisseur.get(RUNS), {}, action=RUNS)
    page = regisseur.get("/admin/facturation/")
    assert "2 factures ou relances" in page.text
    done = regisseur.submit(page, {}, action="/imprimer")
    assert "1 relance" in plain(done.text)

    with app.test_request_context():
        draw_documents()

    batch = store.scalars(select(PrintBatch)).one()
    assert batch.ready_at is not None
    data = regisseur.client.get(f"/admin/facturation/lots/{batch.id}.pdf").data
    words = words_of(data)
    assert "Facture n°" in words
    assert "Un oubli, peut-être" in words


def test_a_family_left_alone_is_shown_with_the_reason_and_taken_up_again(
    store: Session, stored: Household, regisseur: Visitor
) -> None:
    path = f"{RUNS}/familles/{stored.family.id}/pause"
    assert "Écrivez pourquoi" in regisseur.submit(regisseur.get(path), {}, action=path, status=422).text
    past = {"reason": "Échéancier", "until_on": "2027-01-10"}
    assert "jour est passé" in regisseur.submit(regisseur.get(path), past, action=path, status=422).text

    done = regisseur.submit(
        regisseur.get(path), {"reason": "Échéancier accordé", "until_on": "2027-03-01"}, action=path
    )

    assert "Échéancier accordé" in done.text
    assert "01/03/2027" in done.text
    assert "Relancer 1 famille" not in done.text
    again = regisseur.submit(done, {}, action="/reprendre")
    assert "Relancer 1 famille" in plain(again.text)


def test_what_was_paid_since_the_page_was_opened_is_not_reminded(
    store: Session, stored: Household, regisseur: Visitor
) -> None:
    page = regisseur.get(RUNS)
    store.execute(Invoice.__table__.update().values(paid_cents=3_060, state=InvoiceState.PAID))
    store.commit()

    refused = regisseur.submit(page, {}, action=RUNS, status=422)

    assert "Plus aucune de ces familles" in refused.text
    assert store.scalars(select(Reminder)).all() == []


def test_a_batch_goes_to_the_tresor_with_its_files(
    store: Session, stored: Household, regisseur: Visitor, alice: Visitor, set_clock: Clock
) -> None:
    store.get_one(Town, 1).handover_nature = '=HYPERLINK("x")'
    stored.family.name = "Martin"
    to_the_last_reminder(store, stored, set_clock)
    assert "Factures à transmettre au Trésor" in regisseur.get("/admin/").text

    done = hand_over(regisseur)

    assert "1 facture est transmise" in plain(done.text)
    batch = store.scalars(select(HandoverBatch)).one()
    data = regisseur.client.get(f"{TRESOR_HOME}/lots/{batch.id}.csv").data
    assert data.startswith(b"\xef\xbb\xbf")
    header, line = list(csv.reader(StringIO(data.decode("utf-8-sig")), delimiter=";"))
    row = dict(zip(header, line, strict=True))
    assert (row["Nom"], row["Prénom"], row["Ville"]) == ("Martin", "Alice", "Saint-Préau")
    assert (row["Facture"], row["Montant dû"], row["Mois facturé"]) == ("F2026-000001", "30,60", "2026-11")
    assert row["Rappels envoyés le"] == "11/01/2027, 25/01/2027, 08/02/2027"
    assert (row["Nature"], row["Lot"]) == ('\'=HYPERLINK("x")', "T2027-000001")
    assert row["Code famille"] == stored.family.code
    sheet = sheet_of(regisseur.client.get(f"{TRESOR_HOME}/lots/{batch.id}.xlsx").data)
    assert "<v>30.6</v>" in sheet
    assert "<f>" not in sheet
    kept = store.get_one(StoredFile, batch.csv_file_id)
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert regisseur.client.get(f"{TRESOR_HOME}/lots/{batch.id}.pdf").status_code == 404


def test_the_family_reads_that_the_tresor_collects_and_cannot_pay_here(
    store: Session, stored: Household, regisseur: Visitor, alice: Visitor, set_clock: Clock
) -> None:
    invoice_id = only_invoice(store).id
    page = alice.get(f"/factures/{invoice_id}")
    to_the_last_reminder(store, stored, set_clock)
    hand_over(regisseur)

    refused = alice.submit(page, {}, action=f"/factures/{invoice_id}/payer")

    assert "est transmise au Trésor public" in plain(refused.text)
    read = alice.get(f"/factures/{invoice_id}")
    assert "Payer par carte" not in read.text
    assert "Service de gestion comptable" in read.text
    listed = alice.get("/factures")
    assert "Transmises au Trésor public" in listed.text
    assert "Rien à payer à la commune" in listed.text
    assert "Transmise au Trésor public" in alice.get("/accueil").text


def test_the_desk_sends_the_family_to_the_tresor_or_notes_what_it_paid_there(
    store: Session, stored: Household, regisseur: Visitor, set_clock: Clock
) -> None:
    to_the_last_reminder(store, stored, set_clock)
    hand_over(regisseur)
    desk = regisseur.get(f"/admin/guichet/familles/{stored.family.id}")
    assert "Ces factures ne se paient plus ici" in desk.text
    handover = store.scalars(select(Handover)).one()
    path = f"{TRESOR_HOME}/{handover.id}/payer"

    too_much = regisseur.submit(regisseur.get(path), {"amount_cents": "31"}, action=path, status=422)
    assert "C’est plus que ce qui reste dû" in too_much.text
    done = regisseur.submit(regisseur.get(path), {"reference": "Titre 41"}, action=path)

    assert "Titre 41" in done.text
    payment = store.scalars(select(Payment)).one()
    assert (payment.means, payment.amount_cents) == (PaymentMeans.TRESOR, 3_060)
    undo = f"{TRESOR_HOME}/paiements/{payment.id}/annuler"
    undone = regisseur.submit(regisseur.get(undo), {"reason": "Autre famille"}, action=undo)
    assert "de nouveau à payer au Trésor public" in undone.text
    store.expire_all()
    assert only_invoice(store).state is InvoiceState.HANDED_OVER
    assert check_ledger(store) == []


def test_a_hand_over_made_by_mistake_is_taken_back(
    store: Session, stored: Household, regisseur: Visitor, alice: Visitor, set_clock: Clock
) -> None:
    to_the_last_reminder(store, stored, set_clock)
    hand_over(regisseur)
    handover = store.scalars(select(Handover)).one()
    path = f"{TRESOR_HOME}/{handover.id}/reprendre"
    assert "Écrivez pourquoi" in regisseur.submit(regisseur.get(path), {}, action=path, status=422).text

    done = regisseur.submit(regisseur.get(path), {"reason": "Mauvaise famille"}, action=path)

    assert "Mauvaise famille" in done.text
    assert "Payer par carte" in alice.get(f"/factures/{handover.invoice_id}").text
    twice = regisseur.submit(regisseur.get(path), {"reason": "Encore"}, action=path, status=422)
    assert "n’est plus entre les mains du Trésor" in twice.text


def test_nothing_ticked_hands_nothing_over(
    store: Session, stored: Household, regisseur: Visitor, set_clock: Clock
) -> None:
    to_the_last_reminder(store, stored, set_clock)
    page = regisseur.get(TRESOR_HOME)

    refused = regisseur.submit(page, {"invoice": []}, action="/verifier", status=422)

    assert "Cochez au moins une facture" in refused.text


def test_the_levels_are_the_towns_own_and_keep_their_order(
    store: Session, stored: Household, regisseur: Visitor
) -> None:
    level = store.scalars(select(ReminderLevel).where(ReminderLevel.level == 2)).one()
    path = f"/admin/reminderlevel/edit/?id={level.id}"
    page = regisseur.get(path)
    assert "{total}" in page.text

    for wrong, words in (
        ({"after_days": "5"}, "Les rappels vont dans l’ordre"),
        ({"body": "Payez {prix}."}, "Ce mot n’est pas connu"),
        ({"by_email": "", "paper": "never"}, "Choisissez l’e-mail, le papier"),
    ):
        assert words in regisseur.submit(page, wrong, action=path).text
    regisseur.submit(page, {"after_days": "10", "title": "Second rappel"}, action=path)

    store.expire_all()
    assert (level.after_days, level.title) == (10, "Second rappel")


def test_the_alarm_rings_when_nobody_issued_the_month_before(
    store: Session, stored: Household, regisseur: Visitor, set_clock: Clock
) -> None:
    stored.book(stored.elder, ActivityKind.CANTEEN, date(2026, 12, 1), 3)
    store.commit()
    set_clock(instant(date(2027, 1, 10)))
    assert "Facturation en retard" not in regisseur.get("/admin/").text

    set_clock(instant(date(2027, 1, 11)))

    assert "Facturation en retard : décembre 2026" in plain(regisseur.get("/admin/").text)


@pytest.mark.parametrize("role", [Role.SCHOOL_AGENT, Role.ACTIVITY_LEADER])
def test_only_who_cashes_reminds_and_hands_over(
    app: Flask, store: Session, stored: Household, role: Role
) -> None:
    user = make_staff(store, f"{role.value}@mairie.example", role)
    store.commit()
    visitor = Visitor(app).sign_in(user)

    for path in (RUNS, TRESOR_HOME):
        visitor.get(path, status=403)


def test_what_is_not_there_is_not_found(
    store: Session, stored: Household, regisseur: Visitor, alice: Visitor
) -> None:
    for path in (
        f"{RUNS}/lots/9",
        f"{RUNS}/familles/999/pause",
        f"{TRESOR_HOME}/lots/9",
        f"{TRESOR_HOME}/9/payer",
    ):
        regisseur.get(path, status=404)
    assert regisseur.client.get(f"{RUNS}/9.pdf").status_code == 404
    assert alice.client.get("/factures/relances/9/pdf").status_code == 404


def test_a_second_and_third_reminder_are_listed_for_the_family(
    store: Session, stored: Household, alice: Visitor, set_clock: Clock
) -> None:
    for now in (FIRST, SECOND, THIRD):
        remind(store, now, [stored.family.id])
    store.commit()
    set_clock(THIRD + timedelta(days=1))

    page = alice.get(f"/factures/{only_invoice(store).id}")

    assert page.text.count("Relancée le") == 3
