"""The agent prints the letter; in development the mails are read in the browser."""

import re
import shutil
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from domain.family.activation import Answer, try_secret
from domain.family.rules import written_family_code
from models.family import ActivationSecret
from tests.accounts.people import NOW, SYSTEM, Home, hashed, mails, make_user
from tests.support.databases import sqlite_url
from tests.support.pages import Visitor


@pytest.fixture
def agent(app: Flask, store: Session, home: Home) -> Visitor:
    user = make_user(store, "agent@example.com", role="school_agent", password_hash=hashed(app))
    store.commit()
    return Visitor(app).sign_in(user)


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def test_the_letter_carries_code_and_secret(agent: Visitor, store: Session, home: Home) -> None:
    page = agent.get(f"/admin/courriers/{home.guardian.id}")
    assert store.scalars(select(ActivationSecret)).all() == []

    answer = agent.post(page, action=f"/admin/courriers/{home.guardian.id}")

    assert answer.mimetype == "application/pdf"
    words = words_of(answer.data)
    assert written_family_code(home.family.code).replace("\u00a0", " ") in words.replace("\u00a0", " ")
    secret = re.findall(r"[A-Z2-9]{5}-[A-Z2-9]{5}", words)[0]
    result = try_secret(store, actor=SYSTEM, now=NOW, code=home.family.code, secret=secret)
    assert result.answer is Answer.RIGHT


def test_other_roles_do_not_print_letters(app: Flask, store: Session, home: Home) -> None:
    leader = make_user(store, "leader@example.com", role="activity_leader", password_hash=hashed(app))
    store.commit()

    answer = Visitor(app).sign_in(leader).client.get(f"/admin/courriers/{home.guardian.id}")

    assert answer.status_code == 403


def test_mails_are_read_in_the_browser_in_development(visitor: Visitor, store: Session, alice) -> None:
    visitor.submit(visitor.get("/mot-de-passe-oublie"), {"email": alice.email})
    mail = mails(store)[0]

    assert "Choisir un nouveau mot de passe" in visitor.get("/dev/courriels?q=alice").text
    assert visitor.get("/dev/courriels?q=nobody").text.count("alice@") == 0
    assert "lien ci-dessous" in visitor.get(f"/dev/courriels/{mail.id}").text
    part = visitor.client.get(f"/dev/courriels/{mail.id}/html")
    assert "sandbox" in part.headers["Content-Security-Policy"]
    assert part.text.count("<h1") <= 1


@pytest.mark.parametrize(
    "path", ["/", "/aide", "/accessibilite", "/mentions-legales", "/activer", "/connexion"]
)
def test_public_pages_are_whole_with_and_without_a_town(
    visitor: Visitor, store: Session, path: str, request: pytest.FixtureRequest
) -> None:
    visitor.get(path)
    request.getfixturevalue("home")
    visitor.get(path)


def test_mails_are_not_shown_in_production(empty_database: Path, tmp_path: Path) -> None:
    shutil.copy(empty_database, tmp_path / "t.sqlite")
    app = create_app(
        {
            "mode": "production",
            "database_url": sqlite_url(tmp_path / "t.sqlite"),
            "var_dir": tmp_path,
            "secret_key": "k" * 40,
            "password_salt": "s" * 40,
            "public_url": "https://famille.example",
            "payment_gateway": "paybox",
            "paybox_hmac_key": "AB" * 64,
            "mail_server": "localhost",
        }
    )

    assert app.test_client().get("/dev/courriels").status_code == 404
