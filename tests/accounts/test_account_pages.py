"""Mon compte and Ma famille: what a parent sees and changes."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import User
from models.audit import AuditEntry
from models.documents import Document, DocumentType, StoredFile
from models.family import Child, ChildFamily, Family, Guardian, TrustedPerson
from models.quotients import QuotientFamilial, QuotientSource
from tests.accounts.people import PASSWORD, Home, add_adult, hashed, link_in, mails, make_family, make_user
from tests.support.pages import Visitor
from views.files import file_store


def actions(store: Session) -> list[str]:
    store.expire_all()
    return list(store.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize(
    "path",
    ["/compte", "/compte/telephone", "/compte/email", "/compte/factures", "/famille", "/famille/adresse"],
)
def test_each_page_opens_for_the_parent_and_not_for_a_stranger(
    app: Flask, visitor: Visitor, alice: User, path: str
) -> None:
    assert visitor.get(path).path == "/connexion"

    assert visitor.sign_in(alice).get(path).path == path


def test_a_telephone_is_kept_in_one_form(visitor: Visitor, store: Session, alice: User, home: Home) -> None:
    visitor.sign_in(alice)

    page = visitor.submit(visitor.get("/compte/telephone"), {"phone": "06.12.34.56.78", "phone_alt": ""})

    assert "06 12 34 56 78" in page.text.replace("\u00a0", " ")
    store.expire_all()
    assert store.get_one(Guardian, home.guardian.id).phone == "+33612345678"
    assert actions(store) == ["phones_changed"]


def test_a_wrong_telephone_stays_as_typed(visitor: Visitor, alice: User) -> None:
    visitor.sign_in(alice)

    page = visitor.submit(visitor.get("/compte/telephone"), {"phone": "06 12"}, status=422)

    assert page.all("input", name="phone")[0].get("value") == "06 12"
    assert "n’est pas complet" in page.text


def test_a_new_email_serves_only_after_its_link(visitor: Visitor, store: Session, alice: User) -> None:
    visitor.sign_in(alice)

    page = visitor.submit(visitor.get("/compte/email"), {"email": "New@Example.com", "password": PASSWORD})

    assert page.path == "/compte"
    assert "attend votre confirmation" in page.text
    store.expire_all()
    assert store.get_one(User, alice.id).email == "alice@example.com"
    link = link_in(mails(store, "email_confirm")[0])
    assert "new@example.com" in visitor.get(link).text
    store.expire_all()
    assert store.get_one(User, alice.id).email == "new@example.com"
    assert [mail.recipient for mail in mails(store, "email_changed")] == ["alice@example.com"]
    assert "a déjà servi" in visitor.get(link, status=422).text


def test_the_latest_asked_email_wins(visitor: Visitor, store: Session, alice: User) -> None:
    visitor.sign_in(alice)
    for email in ("one@example.com", "two@example.com"):
        visitor.submit(visitor.get("/compte/email"), {"email": email, "password": PASSWORD})
    first, second = mails(store, "email_confirm")

    assert "a remplacé" in visitor.get(link_in(first), status=422).text
    visitor.get(link_in(second))
    store.expire_all()
    assert store.get_one(User, alice.id).email == "two@example.com"


def test_an_email_change_needs_the_password(visitor: Visitor, store: Session, alice: User) -> None:
    visitor.sign_in(alice)

    page = visitor.submit(
        visitor.get("/compte/email"), {"email": "new@example.com", "password": "wrong"}, status=422
    )

    assert "pas le bon mot de passe" in page.text
    assert mails(store) == []


def test_a_taken_email_reads_the_same_and_changes_nothing(
    app: Flask, visitor: Visitor, store: Session, alice: User
) -> None:
    make_user(store, "taken@example.com", password_hash=hashed(app))
    store.commit()
    visitor.sign_in(alice)

    page = visitor.submit(visitor.get("/compte/email"), {"email": "taken@example.com", "password": PASSWORD})

    assert "Un e-mail vient de partir" in page.text
    assert [mail.kind for mail in mails(store)] == ["email_known"]


def test_the_invoice_choice_may_change_its_mind(
    visitor: Visitor, store: Session, alice: User, home: Home
) -> None:
    visitor.sign_in(alice)

    for choice, wants in (("electronic", True), ("paper", False)):
        visitor.submit(visitor.get("/compte/factures"), {"choice": choice})
        store.expire_all()
        assert store.get_one(Family, home.family.id).wants_e_invoice is wants

    assert actions(store) == ["e_invoice_chosen", "e_invoice_chosen"]


def a_document(store: Session, home: Home) -> Document:
    kind = store.scalars(select(DocumentType.id)).one()
    file = StoredFile(
        key=f"key-{home.family.id}",
        filename="bail.pdf",
        media_type="application/pdf",
        size=4,
        sha256="0" * 64,
    )
    store.add(file)
    store.flush()
    document = Document(
        document_type_id=kind, family_id=home.family.id, file_id=file.id, given_by_family_id=home.family.id
    )
    store.add(document)
    store.commit()
    return document


def test_another_familys_document_does_not_exist(
    visitor: Visitor, store: Session, alice: User, home: Home
) -> None:
    stranger = make_family(store, 2, "Durand", "Charlie")
    document = a_document(store, stranger)

    answer = visitor.sign_in(alice).client.get(f"/documents/{document.id}")

    assert answer.status_code == 404


def test_a_parent_without_family_has_an_account_and_nothing_else(
    app: Flask, visitor: Visitor, store: Session, home: Home
) -> None:
    user = make_user(store, "alone@example.com", password_hash=hashed(app))
    store.commit()

    visitor.sign_in(user)
    assert visitor.get("/compte").status == 200
    for path in ("/famille", "/compte/telephone", "/compte/factures"):
        visitor.get(path, status=404)


def test_staff_is_not_a_parent(app: Flask, visitor: Visitor, store: Session, home: Home) -> None:
    agent = make_user(store, "agent@example.com", role="school_agent", password_hash=hashed(app))
    store.commit()

    assert visitor.sign_in(agent).client.get("/compte").status_code == 404


def test_each_adult_changes_the_own_telephone(
    app: Flask, visitor: Visitor, store: Session, alice: User, home: Home
) -> None:
    bob = add_adult(store, home.family, "Bob", "Martin")
    user = make_user(store, "bob@example.com", guardian=bob, password_hash=hashed(app))
    store.commit()

    visitor.sign_in(user)
    visitor.submit(visitor.get("/compte/telephone"), {"phone": "0687654321"})

    store.expire_all()
    assert store.get_one(Guardian, bob.id).phone == "+33687654321"
    assert store.get_one(Guardian, home.guardian.id).phone == ""


def test_an_own_document_is_downloaded_and_never_guessed(
    visitor: Visitor, store: Session, alice: User, home: Home, app: Flask
) -> None:
    with app.app_context():
        key = file_store().put(b"%PDF", "application/pdf")
    document = a_document(store, home)
    store.get_one(StoredFile, document.file_id).key = key
    store.commit()

    answer = visitor.sign_in(alice).client.get(f"/documents/{document.id}")

    assert answer.data == b"%PDF"
    answer.close()
    assert answer.headers["Content-Disposition"] == "attachment; filename=bail.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert Visitor(app).client.get(f"/documents/{document.id}").status_code == 302


def test_the_family_page_shows_the_whole_file(
    visitor: Visitor, store: Session, alice: User, home: Home
) -> None:
    child = Child(family_name="Martin", given_name="Léo", born_on=date(2018, 5, 3))
    store.add(child)
    store.flush()
    store.add_all(
        [
            ChildFamily(child_id=child.id, family_id=home.family.id, valid_from=date(2018, 5, 3)),
            TrustedPerson(
                family_id=home.family.id,
                full_name="Odile Martin",
                relation="Grand-mère",
                phone="+33611111111",
                is_emergency_contact=True,
            ),
            QuotientFamilial(
                family_id=home.family.id,
                value_cents=85000,
                source=QuotientSource.CAF,
                valid_from=date(2026, 1, 1),
                valid_to=date(2100, 1, 1),
            ),
        ]
    )
    store.commit()

    words = visitor.sign_in(alice).get("/famille").text.replace("\u00a0", " ")

    assert "Léo Martin Sans école pour cette année Date de naissance : 03/05/2018" in words
    assert "Odile Martin Grand-mère, 06 11 11 11 11 peut venir chercher l’enfant · à prévenir" in words
    assert "850,00 €" in words
    assert "Valable jusqu’au jeudi 31 décembre 2099" in words


def test_a_parent_of_two_families_goes_from_one_to_the_other(
    visitor: Visitor, store: Session, alice: User, home: Home
) -> None:
    second = make_family(store, 2, "Durand", "Alice")
    store.get_one(Guardian, second.guardian.id).user_id = alice.id
    stranger = make_family(store, 3, "Petit", "Charlie")
    store.commit()
    page = visitor.sign_in(alice).get("/famille")
    assert page.title == "Famille Martin"

    page = visitor.submit(page, action="/famille/choisir")

    assert page.title == "Famille Durand"
    answer = visitor.post(page, {"family_id": str(stranger.family.id)}, action="/famille/choisir")
    assert answer.status_code == 404
