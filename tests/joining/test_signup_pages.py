"""Opening an account alone: the form, the link in the mailbox, the first sign-in."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import User
from models.demarches import Demarche, DemarcheState
from models.family import Family
from tests.accounts.people import PASSWORD, Home, link_in, mails, make_user
from tests.support.pages import Page, Visitor

EMAIL = "ines@example.com"
TYPED = {
    "given_name": "Inès",
    "family_name": "O’Dwyer-Lefèvre",
    "phone": "06 12 34 56 78",
    "email": EMAIL,
    "password": PASSWORD,
    "password_again": PASSWORD,
}


def ask(visitor: Visitor, status: int = 200, **changes: object) -> Page:
    return visitor.submit(visitor.get("/creer-un-compte"), TYPED | changes, status=status)


def sign_in(visitor: Visitor, password: str = PASSWORD) -> object:
    return visitor.post(visitor.get("/connexion"), {"email": EMAIL, "password": password})


def users(store: Session) -> list[User]:
    store.expire_all()
    return list(store.scalars(select(User).order_by(User.id)))


def test_the_sign_in_and_home_pages_lead_there(visitor: Visitor, home: Home) -> None:
    for path in ("/", "/connexion"):
        assert visitor.get(path).links()["Créer un compte"] == "/creer-un-compte"


def test_from_the_form_to_the_first_sign_in(visitor: Visitor, store: Session, home: Home) -> None:
    page = ask(visitor)
    assert page.path == "/creer-un-compte/envoye"
    assert EMAIL in page.text

    page = visitor.get(link_in(mails(store, "confirmation")[0]))

    assert page.path == "/connexion"
    assert "confirmée" in page.text
    assert sign_in(visitor).headers["Location"] == "/"
    draft = store.scalars(select(Demarche)).one()
    assert draft.state is DemarcheState.DRAFT
    assert draft.answers["identity"]["family_name"] == "O’Dwyer-Lefèvre"
    assert store.scalars(select(Family.id)).all() == [home.family.id]


def test_nothing_opens_before_the_link(visitor: Visitor, store: Session, home: Home) -> None:
    ask(visitor)

    assert "Nous n’avons pas pu vous connecter" in sign_in(visitor).text
    told = mails(store, "signup_unconfirmed")
    assert [mail.recipient for mail in told] == [EMAIL]
    assert link_in(told[0]) == "/confirmation"


def test_the_link_serves_once(visitor: Visitor, store: Session, home: Home) -> None:
    ask(visitor)
    link = link_in(mails(store, "confirmation")[0])
    visitor.get(link)

    assert "a déjà servi" in visitor.get(link).text


def test_the_link_expires_and_can_be_asked_again(
    visitor: Visitor, store: Session, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ask(visitor)
    link = link_in(mails(store, "confirmation")[0])
    monkeypatch.setitem(visitor.app.config, "SECURITY_CONFIRM_EMAIL_WITHIN", timedelta(seconds=-1))
    assert "a expiré" in visitor.get(link).text
    monkeypatch.undo()

    visitor.submit(page, action="/confirmation")

    fresh = mails(store, "confirmation")
    assert len(fresh) == 2
    assert visitor.get(link_in(fresh[1])).path == "/connexion"


def test_a_known_address_reads_the_same_and_is_told_kindly(
    visitor: Visitor, store: Session, alice: User
) -> None:
    before = alice.password
    page = ask(visitor, email="Alice@example.com")

    assert page.path == "/creer-un-compte/envoye"
    assert [mail.kind for mail in mails(store)] == ["signup_known"]
    assert [user.password for user in users(store)] == [before]


def test_a_staff_address_that_waits_cannot_be_taken(visitor: Visitor, store: Session, home: Home) -> None:
    make_user(store, EMAIL, role="school_agent", is_confirmed=False)
    store.commit()

    ask(visitor)

    assert [mail.kind for mail in mails(store)] == ["signup_known"]
    assert users(store)[0].password is None


def test_a_family_that_the_town_knows_is_sent_to_its_letter(
    visitor: Visitor, store: Session, home: Home
) -> None:
    home.guardian.email = EMAIL
    store.commit()

    assert ask(visitor).path == "/creer-un-compte/envoye"
    assert [mail.kind for mail in mails(store)] == ["activation_reminder"]
    assert users(store) == []


def test_asking_twice_keeps_one_account_and_the_last_link_only(
    visitor: Visitor, store: Session, home: Home
) -> None:
    ask(visitor)
    ask(visitor, family_name="Lefèvre")

    first, second = (link_in(mail) for mail in mails(store, "confirmation"))

    assert "plus récent" in visitor.get(first).text
    assert visitor.get(second).path == "/connexion"
    assert [user.display_name for user in users(store)] == ["Inès Lefèvre"]
    assert len(store.scalars(select(Demarche)).all()) == 1


def test_typed_values_stay_and_faults_are_named(visitor: Visitor, home: Home) -> None:
    page = ask(visitor, 422, family_name="", phone="12", email="ines@", password="court")

    assert page.all("input", name="given_name")[0].get("value") == "Inès"
    for words in ("Écrivez le nom", "Ce numéro n’est pas complet", "n’est pas complète"):
        assert words in page.text


def test_one_name_is_enough(visitor: Visitor, store: Session, home: Home) -> None:
    ask(visitor, given_name="", family_name="Sukarno")

    assert [user.display_name for user in users(store)] == ["Sukarno"]


def test_the_password_may_not_repeat_the_person(visitor: Visitor, home: Home) -> None:
    name = "Ines.ODwyer-Lefevre1"

    page = ask(visitor, 422, password=name, password_again=name)

    assert "Choisissez-en un que personne ne devine" in page.text


def test_somebody_signed_in_needs_no_second_account(visitor: Visitor, alice: User) -> None:
    assert visitor.sign_in(alice).get("/creer-un-compte").path == "/accueil"
