"""The database is away: people read a page in French, and the journal has the reason."""

import logging

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from tests.support.page_checks import text_of
from tests.support.pages import Visitor
from views.extensions import db


@pytest.mark.parametrize("path", ["/", "/connexion", "/rien-ici", "/activation"])
def test_a_lost_database_is_said_in_plain_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    def refuse(*_args: object, **_facts: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("unable to open database file"))

    with app.app_context():
        monkeypatch.setattr(type(db.session()), "execute", refuse)
        monkeypatch.setattr(type(db.session()), "scalars", refuse)
        monkeypatch.setattr(type(db.session()), "scalar", refuse)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get(path)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "Le portail ne répond pas" in answer.text
    assert "unable to open database file" in caplog.text


def test_a_broken_page_is_said_in_plain_words(app: Flask, visitor: Visitor) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken() -> str:
        raise ZeroDivisionError

    app.view_functions["public.legal"] = broken

    page = visitor.get("/mentions-legales", status=500)

    assert text_of(page.all("h1")[0]) == "Un problème est survenu de notre côté"
