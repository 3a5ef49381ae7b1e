"""What an English reader gets: amounts, days, explanations, refusals, mails; and what remains French."""

from datetime import UTC, date, datetime
from email.utils import parseaddr
from io import BytesIO

import pytest
from flask import Flask
from markupsafe import escape
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import Refusal
from models.accounts import User
from models.family import Guardian
from models.invoices import Invoice, InvoiceLine
from models.messages import OutboxMail
from tests.payments.card import make_parent
from tests.support.households import Household
from tests.support.pages import Visitor
from views import formats
from views.errors import refusal_sentence
from views.languages import ENGLISH, FRENCH, speaking

DAY = date(2026, 11, 12)
AT_NINE = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)


def both(app: Flask, write, value) -> tuple[str, str]:
    with app.test_request_context():
        french = write(value)
        with speaking(ENGLISH):
            return french, write(value)


@pytest.mark.parametrize(
    ("write", "value", "french", "english"),
    [
        (formats.euros, 14180, "141,80\u00a0€", "€141.80"),
        (formats.euros, -123456, "−1\u202f234,56\u00a0€", "-€1,234.56"),
        (formats.day, DAY, "jeudi 12 novembre 2026", "Thursday 12 November 2026"),
        (formats.day, date(2026, 12, 1), "mardi 1er décembre 2026", "Tuesday 1 December 2026"),
        (formats.short_weekday, DAY, "jeu.", "Thu"),
        (formats.month, DAY, "novembre 2026", "November 2026"),
        (formats.of_month, date(2026, 10, 1), "d’octobre 2026", "October 2026"),
        (formats.clock_time, 630, "10\u00a0h\u00a030", "10:30"),
        (formats.moment, AT_NINE, "lundi 9 novembre à 10\u00a0h", "Monday 9 November at 10:00"),
        (formats.typographic, "Cantine : c'est prêt", "Cantine\u00a0: c’est prêt", "Cantine: c’est prêt"),
        (formats.typographic, "a sign such as ! or -", "a sign such as\u00a0! or -", "a sign such as ! or -"),
    ],
)
def test_amounts_and_days_are_written_as_the_reader_writes_them(app: Flask, write, value, french, english):
    assert both(app, write, value) == (french, english)


def test_speaking_another_language_ends_where_it_began(app: Flask):
    with app.test_request_context():
        with speaking(ENGLISH), speaking(FRENCH):
            inside = formats.day(DAY)

        assert inside == formats.day(DAY) == "jeudi 12 novembre 2026"


def test_a_refusal_is_said_with_its_facts_and_nothing_is_escaped_twice(app: Flask):
    def words(refusal: Refusal) -> str:
        return refusal_sentence(refusal)

    assert both(app, words, Refusal("too_late", closed_at=AT_NINE)) == (
        "La date limite est passée depuis lundi 9 novembre à 10\u00a0h. Appelez le service si c’est urgent.",
        "The deadline passed on Monday 9 November at 10:00. Call the office if it is urgent.",
    )
    # What the town named is marked as French on an English page, and is escaped there, once.
    french, english = both(app, words, Refusal("wish_round_overlaps", name="Tom & Jerry"))
    assert "Tom &amp; Jerry" in escape(french)
    assert '“<span lang="fr">Tom &amp; Jerry</span>”' in escape(english)


@pytest.mark.parametrize("taken", [1, 3])
def test_a_refusal_keeps_its_conditions(app: Flask, taken: int):
    _french, english = both(app, refusal_sentence, Refusal("places_below_taken", taken=taken))

    start = "One place is" if taken == 1 else "3 places are"
    assert english.startswith(f"{start} already booked on that day")


def test_a_price_is_explained_in_english(store: Session, alice: Visitor):
    invoice = store.scalars(select(Invoice)).one()
    alice.get("/langue/en")

    page = alice.get(f"/factures/{invoice.id}")

    assert page.title == "Invoice, November 2026"
    assert "10 repas × €3.06: QF 850 × 0.36%, price list of 1 Sept 2026" in page.text.replace("Sep ", "Sept ")
    assert "The PDF is the official document: it is in French." in page.text


def test_an_official_paper_stays_french(store: Session, alice: Visitor):
    """DOMAIN.md: an invoice is drawn once and kept; who reads the page in English does not change it."""
    invoice = store.scalars(select(Invoice)).one()
    alice.get("/langue/en")

    with alice.client.get(f"/factures/{invoice.id}/pdf") as answer:
        pages = PdfReader(BytesIO(answer.data)).pages
        words = " ".join(" ".join(page.extract_text() for page in pages).split())

    assert "Cette facture peut être contestée" in words
    assert "3,06 €" in words.replace("\u00a0", " ")


def test_a_statement_asked_for_in_english_is_an_official_paper_too(store: Session, alice: Visitor):
    number = store.scalars(select(Invoice.number)).one()
    alice.get("/langue/en")
    page = alice.get("/attestations/releve")

    with alice.client.get("/attestations/releve/pdf") as answer:
        pages = PdfReader(BytesIO(answer.data)).pages
        words = " ".join(" ".join(page.extract_text() for page in pages).split())

    assert f"Invoice {number}" in page.text
    assert f"Facture {number}" in words


def test_the_towns_hours_are_said_to_each_reader(app: Flask, house: Household):
    """A process keeps the town, not the sentences of whoever came first."""
    reader, other = Visitor(app), Visitor(app)
    other.get("/langue/en")

    french, english = reader.get("/"), other.get("/")

    assert (
        "Du lundi au vendredi, de 8\u00a0h\u00a030 à 12\u00a0h et de 13\u00a0h\u00a030 à 17\u00a0h."
        in french.response.text
    )
    assert "From Monday to Friday, 08:30 to 12:00 and 13:30 to 17:00." in english.text


def test_the_guide_says_that_it_is_french(app: Flask, house: Household):
    visitor = Visitor(app)
    visitor.get("/langue/en")

    page = visitor.get("/aide/factures")

    assert "This page of the guide is in French." in page.text
    (text,) = (part for part in page.all("div") if part.get("class") == "guide-text")
    assert text.get("lang") == FRENCH


def contest(store: Session, visitor: Visitor) -> list[OutboxMail]:
    """Dispute the invoice's line, and return the mails that this queues."""
    invoice = store.scalars(select(Invoice)).one()
    line = store.scalars(select(InvoiceLine.id)).one()
    store.query(OutboxMail).delete()
    store.commit()
    form = visitor.get(f"/factures/{invoice.id}/lignes/{line}/contester")
    visitor.submit(form, {"message": "Léo était malade."})
    store.expire_all()
    return list(store.scalars(select(OutboxMail).order_by(OutboxMail.recipient)))


def test_a_mail_is_in_its_readers_language_in_all_its_parts(
    app: Flask, store: Session, house: Household, alice: Visitor
):
    store.add(Guardian(family_id=house.family.id, rank=2, given_name="Bob", family_name="Martin"))
    store.flush()
    bob = make_parent(app, store, house.family.id, "bob@courriel.example")
    first, second = store.scalars(select(Guardian).order_by(Guardian.rank))
    first.user_id = store.scalars(select(User.id).where(User.email == "alice@courriel.example")).one()
    first.email, second.user_id, second.email = "alice@courriel.example", bob.id, bob.email
    store.commit()
    alice.get("/langue/en")

    hers, his, staffs = contest(store, alice)

    assert parseaddr(hers.recipient)[1] == "alice@courriel.example"
    assert hers.subject.startswith("Your dispute has been sent: ")
    assert "Hello," in hers.text_body
    assert "See the invoice:\nhttp" in hers.text_body
    assert "langue=en" in hers.text_body
    assert '<html lang="en">' in hers.html_body
    assert "You are receiving this message" in hers.html_body
    assert his.subject.startswith("Votre contestation est transmise : ")
    assert "langue=" not in his.text_body
    assert '<html lang="fr">' in staffs.html_body


def test_a_visitor_is_written_to_in_the_language_of_the_page(app: Flask, store: Session, account: User):
    visitor = Visitor(app)
    visitor.get("/langue/en")

    form = visitor.get("/creer-un-compte")
    visitor.submit(
        form,
        {
            "given_name": "Emma",
            "family_name": "Laurent",
            "email": "emma@courriel.example",
            "password": "Une phrase de sept mots, pas moins ici",
            "password_again": "Une phrase de sept mots, pas moins ici",
        },
    )

    mail = store.scalars(select(OutboxMail).where(OutboxMail.recipient == "emma@courriel.example")).one()
    assert mail.subject == "Open this link to confirm your address"
    assert "langue=en" in mail.text_body
