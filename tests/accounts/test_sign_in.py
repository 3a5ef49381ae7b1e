"""Signing in: code famille or e-mail, one neutral answer, and a lock at the tenth wrong password."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from domain import clock
from models.accounts import User
from models.demarches import Demarche, DemarcheKind
from tests.accounts.people import PASSWORD, Home, hashed, link_in, mails, make_user
from tests.support.pages import Page, Visitor

NEUTRAL = "Nous n’avons pas pu vous connecter"
NEW_PASSWORD = "Un-Autre-Mot-De-Passe-27"


def sign_in(visitor: Visitor, identity: str, password: str = PASSWORD) -> str:
    """Return where a sign-in leads, or the page's words when it fails."""
    page = visitor.get("/connexion")
    answer = visitor.post(page, {"email": identity, "password": password})
    return answer.headers.get("Location") or answer.text


def spaced(code: str) -> str:
    return f" {code[:4]} {code[4:]} "


@pytest.mark.parametrize("write", [str, spaced, lambda code: f"{code[:4]}.{code[4:]}"])
def test_the_code_famille_opens_however_it_is_typed(visitor: Visitor, alice: User, write) -> None:
    assert sign_in(visitor, write(alice.username)) == "/"


@pytest.mark.parametrize("email", ["alice@example.com", " Alice@Example.COM "])
def test_the_email_opens_however_it_is_typed(visitor: Visitor, alice: User, email: str) -> None:
    assert sign_in(visitor, email) == "/"


def test_it_leads_back_to_the_page_that_was_asked(visitor: Visitor, alice: User) -> None:
    page = visitor.get("/compte")
    assert page.path == "/connexion"

    answer = visitor.post(page, {"email": alice.email, "password": PASSWORD})

    assert answer.headers["Location"] == "/compte"


def test_it_never_leads_to_another_site(visitor: Visitor, alice: User) -> None:
    page = visitor.get("/connexion?next=https://evil.example/")

    answer = visitor.post(page, {"email": alice.email, "password": PASSWORD})

    assert "evil.example" not in answer.headers.get("Location", "")


@pytest.mark.parametrize(
    ("identity", "password"),
    [("alice@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("1234", PASSWORD)],
)
def test_every_failure_reads_the_same(visitor: Visitor, alice: User, identity: str, password: str) -> None:
    answer = sign_in(visitor, identity, password)

    assert answer.count(NEUTRAL) == 1


def test_what_was_typed_stays(visitor: Visitor, alice: User) -> None:
    page = visitor.get("/connexion")

    page = visitor.submit(page, {"email": "alice@example.com", "password": "wrong"})

    assert page.all("input", name="email")[0].get("value") == "alice@example.com"
    assert page.all("input", name="password")[0].get("value") in (None, "")


def test_empty_fields_are_said_plainly(visitor: Visitor, alice: User) -> None:
    page = visitor.submit(visitor.get("/connexion"), {"email": "", "password": ""})

    assert "Écrivez votre code famille" in page.text
    assert NEUTRAL not in page.text


def test_an_unconfirmed_account_stays_closed_and_is_told_by_mail(
    app: Flask, visitor: Visitor, store: Session, home: Home
) -> None:
    make_user(store, "new@example.com", role=None, password_hash=hashed(app), is_confirmed=False)
    store.commit()

    assert NEUTRAL in sign_in(visitor, "new@example.com")
    assert NEUTRAL in sign_in(visitor, "new@example.com")

    assert [mail.recipient for mail in mails(store, "account_unconfirmed")] == ["new@example.com"]


def test_the_tenth_wrong_password_locks_and_tells_the_owner(
    visitor: Visitor, store: Session, alice: User
) -> None:
    for _ in range(10):
        assert NEUTRAL in sign_in(visitor, alice.email, "wrong")

    assert NEUTRAL in sign_in(visitor, alice.email)
    assert [mail.recipient for mail in mails(store, "sign_in_locked")] == [alice.email]


def test_the_lock_ends_by_itself(visitor: Visitor, store: Session, alice: User) -> None:
    user = store.get_one(User, alice.id)
    user.locked_until = clock.now() - timedelta(seconds=1)
    store.commit()

    assert sign_in(visitor, alice.email) == "/"
    store.expire_all()
    assert store.get_one(User, alice.id).locked_until is None


def test_leaving_needs_a_form_of_ours(visitor: Visitor, alice: User) -> None:
    visitor.sign_in(alice)

    assert visitor.client.get("/deconnexion").status_code == 405
    assert visitor.client.post("/deconnexion").status_code == 400
    page = visitor.get("/compte")
    assert visitor.post(page, action="/deconnexion").headers["Location"] == "/"
    assert visitor.get("/compte").path == "/connexion"


def forgot(visitor: Visitor, identity: str) -> Page:
    return visitor.submit(visitor.get("/mot-de-passe-oublie"), {"email": identity})


def test_a_forgotten_password_gets_one_link_and_the_code(
    visitor: Visitor, store: Session, alice: User
) -> None:
    page = forgot(visitor, "alice@example.com")

    assert "Si nous connaissons" in page.text
    mail = mails(store, "password_reset")[0]
    assert f"{alice.username[:4]}\u00a0{alice.username[4:]}" in mail.text_body
    page = visitor.submit(
        visitor.get(link_in(mail)), {"password": NEW_PASSWORD, "password_confirm": NEW_PASSWORD}
    )
    assert page.path == "/connexion"
    assert sign_in(visitor, alice.email, NEW_PASSWORD) == "/"
    assert "n’est plus valable" in Visitor(visitor.app).get(link_in(mail)).text
    assert [mail.recipient for mail in mails(store, "password_reset_notice")] == [alice.email]


def test_the_link_is_on_our_own_address_whatever_the_host(
    visitor: Visitor, store: Session, alice: User
) -> None:
    page = visitor.get("/mot-de-passe-oublie")
    token = page.all("input", name="csrf_token")[0].get("value")

    visitor.client.post(
        "/mot-de-passe-oublie",
        data={"email": alice.email, "csrf_token": token},
        headers={"X-Forwarded-Host": "evil.example", "Host": "evil.example"},
    )

    assert all("evil.example" not in mail.text_body for mail in mails(store))


def test_an_unknown_address_reads_the_same_and_gets_nothing(
    visitor: Visitor, store: Session, alice: User
) -> None:
    known, unknown = forgot(visitor, "alice@example.com"), forgot(visitor, "nobody@example.com")

    assert known.text == unknown.text
    assert [mail.recipient for mail in mails(store)] == ["alice@example.com"]


def test_a_family_without_email_reaches_the_staffs_list(visitor: Visitor, store: Session, home: Home) -> None:
    forgot(visitor, home.family.code)

    demarche = store.query(Demarche).one()
    assert demarche.kind is DemarcheKind.ACCESS_HELP
    assert demarche.family_id == home.family.id


def test_a_family_not_yet_activated_is_sent_to_its_letter(
    visitor: Visitor, store: Session, home: Home
) -> None:
    store.merge(home.guardian).email = "alice@example.com"
    store.commit()

    forgot(visitor, home.family.code)

    assert [mail.recipient for mail in mails(store, "activation_reminder")] == ["alice@example.com"]


def test_a_weak_new_password_is_refused_in_words(visitor: Visitor, store: Session, alice: User) -> None:
    forgot(visitor, "alice@example.com")
    link = link_in(mails(store, "password_reset")[0])

    page = visitor.submit(visitor.get(link), {"password": "court", "password_confirm": "court"})

    assert "12" in page.text
    assert page.path.startswith("/mot-de-passe-oublie/")


def test_changing_the_password_tells_the_owner_and_closes_other_devices(
    visitor: Visitor, store: Session, alice: User, app: Flask
) -> None:
    other = Visitor(app).sign_in(alice)
    visitor.sign_in(alice)

    page = visitor.submit(
        visitor.get("/compte/mot-de-passe"),
        {"password": PASSWORD, "new_password": NEW_PASSWORD, "new_password_confirm": NEW_PASSWORD},
    )

    assert page.path == "/compte/securite"
    assert other.get("/compte").path == "/connexion"
    assert [mail.recipient for mail in mails(store, "password_changed")] == [alice.email]


def test_a_session_begins_anew_at_the_sign_in(visitor: Visitor, alice: User) -> None:
    page = visitor.get("/connexion")
    with visitor.client.session_transaction() as cookies:
        before = cookies["csrf_token"]
        cookies["family_id"] = 999

    visitor.post(page, {"email": alice.email, "password": PASSWORD})

    with visitor.client.session_transaction() as cookies:
        assert cookies.get("csrf_token") != before
        assert "family_id" not in cookies
