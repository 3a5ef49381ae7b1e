"""From the letter to the first sign-in, page by page."""

import shutil

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.family.activation import IssuedSecret, issue_activation_secret
from domain.family.rules import make_family_code
from models.accounts import User
from models.family import ActivationSecret, Guardian
from tests.accounts.people import (
    NOW,
    PASSWORD,
    SYSTEM,
    Home,
    add_adult,
    hashed,
    link_in,
    mails,
    make_user,
)
from tests.support.databases import sqlite_url
from tests.support.pages import Page, Visitor


@pytest.fixture
def letter(store: Session, home: Home) -> IssuedSecret:
    issued = issue_activation_secret(store, actor=SYSTEM, now=NOW, guardian_id=home.guardian.id)
    store.commit()
    return issued


def prove(visitor: Visitor, code: str, secret: str, status: int = 200) -> Page:
    return visitor.submit(visitor.get("/activer"), {"code": code, "secret": secret}, status=status)


def choose(visitor: Visitor, letter: IssuedSecret, email: str, password: str = PASSWORD) -> Page:
    page = prove(visitor, letter.family_code, letter.plain)
    assert page.path == "/activer/compte"
    return visitor.submit(page, {"email": email, "password": password, "password_again": password})


def test_the_whole_way_from_letter_to_home(
    visitor: Visitor, store: Session, home: Home, letter: IssuedSecret
) -> None:
    page = choose(visitor, letter, "Alice@Example.com")
    assert page.path == "/activer/envoye"
    assert "alice@example.com" in page.text

    mail = mails(store, "activation_confirm")[0]
    page = visitor.get(link_in(mail))

    assert page.path == "/connexion"
    assert "Votre compte est prêt" in page.text
    answer = visitor.post(page, {"email": home.family.code, "password": PASSWORD})
    assert answer.headers["Location"] == "/"
    assert "Mon compte" in visitor.get("/compte").title
    assert [mail.recipient for mail in mails(store, "account_activated")] == ["alice@example.com"]


def test_nothing_opens_before_the_link(visitor: Visitor, store: Session, letter: IssuedSecret) -> None:
    choose(visitor, letter, "alice@example.com")

    for identity in ("alice@example.com", letter.family_code):
        answer = visitor.post(visitor.get("/connexion"), {"email": identity, "password": PASSWORD})
        assert "Nous n’avons pas pu vous connecter" in answer.text


def test_the_link_serves_once(visitor: Visitor, store: Session, letter: IssuedSecret) -> None:
    choose(visitor, letter, "alice@example.com")
    link = link_in(mails(store, "activation_confirm")[0])
    visitor.get(link)

    assert "a déjà servi" in visitor.get(link, status=422).text


def test_a_link_that_is_not_ours_is_refused(visitor: Visitor, home: Home) -> None:
    assert "mal recopié" in visitor.get("/activer/confirmer/rien", status=422).text


def test_wrong_code_wrong_secret_and_locked_read_the_same(
    visitor: Visitor, store: Session, home: Home, letter: IssuedSecret
) -> None:
    texts = [prove(visitor, make_family_code(99), letter.plain, 422).text]
    texts += [prove(visitor, home.family.code, "AAAAA-AAAAA", 422).text for _ in range(6)]

    assert all("ne vont pas ensemble" in text for text in texts)
    assert "ne vont pas ensemble" in prove(visitor, home.family.code, letter.plain, 422).text


def test_five_wrong_secrets_tell_the_staff(
    visitor: Visitor, store: Session, home: Home, letter: IssuedSecret
) -> None:
    for _ in range(6):
        prove(visitor, home.family.code, "AAAAA-AAAAA", 422)

    told = mails(store, "activation_locked")
    assert [mail.recipient for mail in told] == ["scolaire@saint-preau.example"]
    assert f"{home.family.code[:4]}\u00a0{home.family.code[4:]}" in told[0].text_body


def test_the_account_page_needs_the_letter_first(visitor: Visitor, home: Home) -> None:
    assert visitor.get("/activer/compte").path == "/activer"


def test_typed_values_stay_and_faults_are_named(visitor: Visitor, letter: IssuedSecret) -> None:
    page = prove(visitor, letter.family_code, letter.plain)

    page = visitor.submit(
        page, {"email": "alice@", "password": "court", "password_again": "autre"}, status=422
    )

    assert page.all("input", name="email")[0].get("value") == "alice@"
    assert "n’est pas complète" in page.text
    assert "ne sont pas les mêmes" in page.text
    page = visitor.submit(visitor.get("/activer"), {"code": "1234", "secret": "ABC"}, status=422)
    assert page.all("input", name="code")[0].get("value") == "1234"


def test_a_known_address_reads_the_same_and_is_told_kindly(
    visitor: Visitor, store: Session, home: Home, letter: IssuedSecret, app: Flask
) -> None:
    bob = add_adult(store, home.family, "Bob", "Martin")
    make_user(store, "bob@example.com", guardian=bob, password_hash=hashed(app))
    store.commit()

    page = choose(visitor, letter, "bob@example.com")

    assert page.path == "/activer/envoye"
    assert [mail.kind for mail in mails(store)] == ["activation_email_known"]
    assert store.get_one(Guardian, home.guardian.id).user_id is None


def test_another_familys_account_may_take_this_file_too(
    visitor: Visitor, store: Session, home: Home, letter: IssuedSecret, app: Flask
) -> None:
    user = make_user(store, "chloe@example.com", password_hash=hashed(app, "Son-Ancien-Passe-2025"))
    store.commit()

    choose(visitor, letter, "chloe@example.com")
    visitor.get(link_in(mails(store, "activation_attach")[0]))

    store.expire_all()
    assert store.get_one(Guardian, home.guardian.id).user_id == user.id
    page = visitor.get("/connexion")
    answer = visitor.post(page, {"email": "chloe@example.com", "password": "Son-Ancien-Passe-2025"})
    assert answer.headers.get("Location") == "/"


def test_a_link_opened_by_somebody_signed_in_closes_that_session(
    visitor: Visitor, store: Session, letter: IssuedSecret, app: Flask
) -> None:
    other = make_user(store, "other@example.com", password_hash=hashed(app))
    store.commit()
    choose(visitor, letter, "alice@example.com")
    visitor.sign_in(other)

    page = visitor.get(link_in(mails(store, "activation_confirm")[0]))

    assert page.path == "/connexion"


def test_posts_are_throttled(empty_database, tmp_path) -> None:
    from app import create_app

    shutil.copy(empty_database, tmp_path / "t.sqlite")
    app = create_app(
        {
            "mode": "development",
            "database_url": sqlite_url(tmp_path / "t.sqlite"),
            "var_dir": tmp_path,
            "sign_in_limit": "2 per minute",
        }
    )
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()

    for path in ("/connexion", "/activer", "/mot-de-passe-oublie"):
        codes = [client.post(path, data={}).status_code for _ in range(3)]
        assert codes[2] == 429, (path, codes)


def test_the_secret_expires_in_the_page_too(visitor: Visitor, store: Session, letter: IssuedSecret) -> None:
    row = store.scalars(select(ActivationSecret)).one()
    row.expires_at = NOW.replace(year=2025)
    store.commit()

    assert "ne vont pas ensemble" in prove(visitor, letter.family_code, letter.plain, 422).text
    assert store.scalars(select(User)).all() == []


def test_the_password_may_not_repeat_the_person(visitor: Visitor, letter: IssuedSecret, home: Home) -> None:
    page = prove(visitor, letter.family_code, letter.plain)
    name = "Alice.Martin-Dupont@2026"
    typed = {"email": "alice.martin-dupont@example.com", "password": name, "password_again": name}

    page = visitor.submit(page, typed, status=422)

    assert "Choisissez-en un que personne ne devine" in page.text
