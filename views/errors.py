"""What a visitor reads when the answer is no."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException
from wtforms.validators import ValidationError

from domain.documents.storage import StoreUnavailable
from domain.errors import Refusal
from views.extensions import db
from views.kept_form import kept_form
from views.languages import FRENCH, page_language, speak_without_account
from views.words import marked

log = logging.getLogger(__name__)
UNAVAILABLE = "errors/unavailable.html"
TOWNS_FACTS = ("activity", "detail", "name", "names")
PAGES = frozenset({400, 403, 404, 413, 422, 429, 500})


def refusal_sentence(refusal: Refusal) -> str:
    """Return the sentence of a refusal, from templates/refusals/<code>.txt.

    In another language the catalogue translates the file as a whole, conditions and filters included.
    """
    name = f"refusals/{refusal.code}.txt"
    if page_language() == FRENCH:
        return render_template(name, **refusal.facts).strip()
    source = (Path(current_app.root_path) / "templates" / name).read_text(encoding="utf-8").strip()
    # As for a file that ends in .txt: plain text, which the page escapes once.
    plain = current_app.jinja_env.overlay(autoescape=False)
    return marked(plain.from_string(_(source)).render(**refusal.facts).strip(), _towns_words(refusal))


@contextmanager
def field_error() -> Iterator[None]:
    """Let a refusal of the rulebook be the error of the form's field that is being checked."""
    try:
        yield
    except Refusal as refusal:
        raise ValidationError(refusal_sentence(refusal)) from refusal


def _towns_words(refusal: Refusal) -> Iterator[str]:
    """Yield what a refusal repeats of the town's own words: the names of activities and of papers, a reason."""
    for name in TOWNS_FACTS:
        fact = refusal.facts.get(name)
        yield from [fact] if isinstance(fact, str) else (fact or ())


def init_errors(app: Flask) -> None:
    """Answer every error with a page that says what to do next."""

    @app.errorhandler(HTTPException)
    def show(error: HTTPException) -> ResponseReturnValue:
        if error.response is not None:
            return error.response
        code = error.code if error.code in PAGES else (400 if (error.code or 500) < 500 else 500)
        return render_template(f"errors/{code}.html"), error.code or 500

    @app.errorhandler(CSRFError)
    def stale_form(_error: CSRFError) -> ResponseReturnValue:
        return kept_form() or render_template("errors/400.html"), 400

    @app.errorhandler(Refusal)
    def refused(refusal: Refusal) -> ResponseReturnValue:
        db.session.rollback()
        return render_template("errors/422.html", sentence=refusal_sentence(refusal)), 422

    @app.errorhandler(500)
    def broken(_error: Exception) -> ResponseReturnValue:
        try:
            db.session.rollback()
            return render_template("errors/500.html"), 500
        except SQLAlchemyError:
            return _unavailable()

    _init_outages(app)


def _init_outages(app: Flask) -> None:
    """Answer 503 while something that the portal stands on does not answer."""

    @app.errorhandler(StoreUnavailable)
    def no_files(error: StoreUnavailable) -> ResponseReturnValue:
        log.error("The file store does not answer.", exc_info=error)
        db.session.rollback()
        return _unavailable()

    @app.errorhandler(OperationalError)
    def no_database(error: OperationalError) -> ResponseReturnValue:
        log.error("The database does not answer.", exc_info=error)
        return _unavailable()


def _unavailable() -> ResponseReturnValue:
    """Answer without the database: the usual pages ask it for the town's name."""
    speak_without_account()
    page = current_app.jinja_env.get_template(UNAVAILABLE).render(language=page_language())
    return page, 503, {"Retry-After": "60"}


def refusal_codes() -> frozenset[str]:
    """Return the codes that have a sentence."""
    folder = Path(current_app.root_path) / "templates" / "refusals"
    return frozenset(path.stem for path in folder.glob("*.txt"))
