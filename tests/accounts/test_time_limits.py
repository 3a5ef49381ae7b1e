"""Nothing ends without a word: the session's hour is on the page, and can be put off in time (WCAG 2.2.1)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.accounts.sessions import end_all_sessions
from domain.actor import Role, system
from models.accounts import User, UserSession
from tests.payments.test_card_pages import make_parent
from tests.support.households import Household, instant, make_household
from tests.support.pages import Page, Visitor
from tests.support.people import make_staff

NOW = instant(date(2026, 11, 23), 11)
MINUTE, LASTS = 60, 4 * 3600
Pass = Callable[[int], None]


@pytest.fixture
def house(store: Session, set_clock: Callable[[datetime], None]) -> Household:
    made = make_household(store)
    store.commit()
    set_clock(NOW)
    return made


@pytest.fixture
def alice(app: Flask, store: Session, house: Household) -> Visitor:
    user = make_parent(app, store, house.family.id, "alice@foyer.example")
    store.commit()
    return Visitor(app).sign_in(user)


@pytest.fixture
def seconds_pass(monkeypatch: pytest.MonkeyPatch, set_clock: Callable[[datetime], None]) -> Pass:
    """Let time pass for the portal, and for the library that signs its cookies."""
    real, passed = TimestampSigner.get_timestamp, [0]
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: real(signer) + passed[0])

    def wait(seconds: int) -> None:
        passed[0] += seconds
        set_clock(NOW + timedelta(seconds=passed[0]))

    return wait


def left(visitor: Visitor) -> int:
    """Return how long the session still lasts, to the minute, as the page's script is told."""
    answer = visitor.client.get("/session/reste")
    assert answer.status_code == 200
    return round(answer.json["seconds"] / MINUTE)


def foot(page: Page) -> str:
    return " ".join("".join(page.all("p", class_="session-until")[0].itertext()).split())


def test_each_page_says_when_the_session_closes(alice: Visitor, seconds_pass: Pass) -> None:
    assert "se ferme à 15 h si vous n’ouvrez plus de page" in foot(alice.get("/compte"))

    seconds_pass(30 * MINUTE)

    assert "se ferme à 15 h 30" in foot(alice.get("/compte"))


def test_without_a_script_a_link_makes_it_last(alice: Visitor, seconds_pass: Pass) -> None:
    alice.get("/compte")
    seconds_pass(LASTS - 2 * MINUTE)

    page = alice.get("/session")
    seconds_pass(5 * MINUTE)

    assert "Votre session dure jusqu’à 18 h 58" in page.text
    assert alice.get("/compte").path == "/compte"


def test_to_ask_how_long_is_left_does_not_make_it_last(
    alice: Visitor, store: Session, seconds_pass: Pass
) -> None:
    alice.get("/compte")
    seen = store.scalars(select(UserSession.seen_at)).one()

    seconds_pass(LASTS - 10 * MINUTE)
    assert left(alice) == 10
    seconds_pass(8 * MINUTE)
    assert left(alice) == 2
    seconds_pass(3 * MINUTE)

    assert left(alice) == 0
    assert alice.get("/compte").path == "/connexion"
    store.expire_all()
    assert store.scalars(select(UserSession.seen_at)).one() == seen


def test_any_page_makes_it_last_in_every_tab(alice: Visitor, seconds_pass: Pass) -> None:
    alice.get("/compte")
    seconds_pass(LASTS - 10 * MINUTE)
    alice.get("/famille")

    assert left(alice) == LASTS // MINUTE


def test_signed_out_from_another_browser_nothing_is_left(alice: Visitor, store: Session) -> None:
    alice.get("/compte")
    user = store.scalars(select(User)).one()

    end_all_sessions(store, actor=system("test"), now=NOW, user_id=user.id)
    store.commit()

    assert left(alice) == 0


def test_a_stranger_has_no_session_and_no_warning(app: Flask, house: Household) -> None:
    stranger = Visitor(app)
    page = stranger.get("/connexion")

    assert left(stranger) == 0
    assert page.all("p", class_="session-until") == []
    assert page.all("dialog") == []


def test_the_staffs_pages_warn_too(app: Flask, store: Session, house: Household) -> None:
    agent = make_staff(store, "agent@mairie.example", Role.SCHOOL_AGENT)
    store.commit()

    page = Visitor(app).sign_in(agent).get("/admin/")

    warning = page.all("dialog", data_limit="session")[0]
    assert (warning.get("data-seconds"), warning.get("data-warned")) == (str(LASTS), str(5 * MINUTE))
    assert "se ferme à 15 h" in foot(page)
