"""The second factor: forced for staff, chosen by parents; codes serve once; sessions are seen and ended."""

import re
import time

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import User, UserSession
from tests.accounts.people import PASSWORD, Home, hashed, make_user
from tests.support.page_checks import text_of
from tests.support.pages import Page, Visitor


@pytest.fixture
def forced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal asks staff for a second factor, as in production."""
    monkeypatch.setitem(app.config, "SECURITY_TWO_FACTOR_REQUIRED", True)


@pytest.fixture
def agent(app: Flask, store: Session, home: Home) -> User:
    """A school agent with a password."""
    user = make_user(store, "agent@example.com", role="school_agent")
    user.password = hashed(app, PASSWORD)
    store.commit()
    return user


def give_password(visitor: Visitor, email: str) -> Page:
    return visitor.submit(visitor.get("/connexion"), {"email": email, "password": PASSWORD})


def key_on(page: Page) -> str:
    """Return the secret that the page shows to those whose camera does not read the drawing."""
    return "".join(text_of(page.all("code")[0]).replace("-", " ").split())


def now_code(key: str, steps: int = 0) -> str:
    return pyotp.TOTP(key).at(int(time.time()) + 30 * steps)


def set_up(visitor: Visitor) -> str:
    """Follow the pages after a first password; return the telephone's secret."""
    page = visitor.get("/compte/double-verification")
    page = visitor.submit(page)
    key = key_on(page)
    visitor.submit(page, {"code": now_code(key, -1)})
    return key


def test_staff_must_set_up_a_telephone_before_coming_in(
    app: Flask, forced: None, visitor: Visitor, agent: User
) -> None:
    page = give_password(visitor, agent.email)

    assert page.path == "/compte/double-verification"
    assert visitor.client.get("/admin/").status_code == 302  # the password alone opens nothing

    set_up(visitor)

    assert visitor.client.get("/admin/").status_code == 200


def test_a_code_of_the_telephone_follows_the_password(
    app: Flask, forced: None, visitor: Visitor, agent: User
) -> None:
    give_password(visitor, agent.email)
    key = set_up(visitor)

    other = Visitor(app)
    page = give_password(other, agent.email)
    assert page.path == "/connexion/code"
    page = other.submit(page, {"code": "000000"})
    assert "Ce n’est pas le bon code" in page.text
    other.submit(page, {"code": f"{now_code(key)[:3]} {now_code(key)[3:]}"})

    assert other.client.get("/admin/").status_code == 200


def test_a_code_serves_once(app: Flask, forced: None, visitor: Visitor, agent: User) -> None:
    give_password(visitor, agent.email)
    key = set_up(visitor)
    code = now_code(key)
    first, second = Visitor(app), Visitor(app)

    first.submit(give_password(first, agent.email), {"code": code})
    page = second.submit(give_password(second, agent.email), {"code": code})

    assert "a déjà servi" in page.text
    assert second.client.get("/admin/").status_code == 302


def test_a_recovery_code_replaces_the_telephone_once(
    app: Flask, forced: None, visitor: Visitor, agent: User
) -> None:
    give_password(visitor, agent.email)
    set_up(visitor)
    page = visitor.submit(visitor.get("/compte/codes-de-secours"))
    codes = re.findall(r"[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}", page.text)
    assert len(codes) == 8

    for expected in (200, 302):
        other = Visitor(app)
        give_password(other, agent.email)
        page = other.get("/connexion/code-de-secours")
        other.submit(page, {"code": codes[0].upper()})
        assert other.client.get("/admin/").status_code == expected


def test_ten_wrong_codes_lock_the_account(
    app: Flask, forced: None, visitor: Visitor, agent: User, store: Session
) -> None:
    give_password(visitor, agent.email)
    key = set_up(visitor)
    other = Visitor(app)
    page = give_password(other, agent.email)
    for _ in range(10):
        page = other.submit(page, {"code": "000000"})

    page = other.submit(page, {"code": now_code(key)})

    assert other.client.get("/admin/").status_code == 302
    store.expire_all()
    assert store.get_one(User, agent.id).locked_until is not None


def test_staff_may_not_turn_it_off(app: Flask, forced: None, visitor: Visitor, agent: User) -> None:
    give_password(visitor, agent.email)
    set_up(visitor)

    visitor.client.post("/compte/double-verification", data={"setup": "disable"})

    page = visitor.get("/compte/securite")
    assert "En place" in page.text
    assert "Arrêter" not in visitor.get("/compte/double-verification").text


def test_a_parent_may_turn_it_on_and_off(app: Flask, visitor: Visitor, alice: User) -> None:
    give_password(visitor, alice.email)
    assert visitor.get("/accueil").status == 200

    set_up(visitor)
    assert "En place" in visitor.get("/compte/securite").text
    assert give_password(Visitor(app), alice.email).path == "/connexion/code"

    page = visitor.get("/compte/double-verification")
    off = next(form for form in page.all("form") if "Arrêter" in text_of(form))
    token = next(e.get("value") for e in off.iter("input") if e.get("name") == "csrf_token")
    visitor.client.post("/compte/double-verification", data={"setup": "disable", "csrf_token": token})
    assert "Protégez votre compte" in visitor.get("/compte/securite").text


def test_the_code_page_needs_a_password_first(visitor: Visitor, home: Home) -> None:
    for path in ("/connexion/code", "/connexion/code-de-secours", "/compte/double-verification"):
        assert visitor.get(path).path == "/connexion"


@pytest.mark.parametrize("path", ["/connexion/code/aide", "/connexion/moyen"])
def test_help_by_email_is_not_offered(visitor: Visitor, home: Home, path: str) -> None:
    visitor.get(path, status=404)


def test_browsers_are_listed_and_ended_from_another(app: Flask, visitor: Visitor, alice: User) -> None:
    other = Visitor(app)
    for one in (visitor, other):
        give_password(one, alice.email)

    page = visitor.get("/compte/securite")
    assert "Celui-ci" in page.text
    others = [form for form in page.all("form") if text_of(form).startswith("Déconnecter ")]
    visitor.submit(page, action=others[0].get("action") or "")

    assert other.get("/compte").path == "/connexion"
    assert visitor.get("/compte").path == "/compte"


def test_nobody_ends_the_browser_of_another(
    app: Flask, visitor: Visitor, alice: User, agent: User, store: Session
) -> None:
    stranger = Visitor(app)
    for one, user in ((visitor, alice), (stranger, agent)):
        give_password(one, user.email)
    theirs = store.scalars(select(UserSession.id).where(UserSession.user_id == alice.id)).one()
    page = stranger.get("/compte/codes-de-secours")
    token = next(e.get("value") for e in page.all("input") if e.get("name") == "csrf_token")

    stranger.client.post(f"/compte/securite/sessions/{theirs}/fermer", data={"csrf_token": token})

    assert visitor.get("/compte").path == "/compte"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(
    app: Flask, visitor: Visitor, alice: User
) -> None:
    give_password(visitor, alice.email)
    thief = Visitor(app)
    with visitor.client.session_transaction() as mine, thief.client.session_transaction() as copied:
        copied |= dict(mine)
    assert thief.get("/compte").path == "/compte"

    visitor.submit(visitor.get("/compte"), action="/deconnexion")

    assert thief.get("/compte").path == "/connexion"
