"""Choosing a language: the link on every page, the cookie, the account, and what mails make of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    has_request_context,
    redirect,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select

from domain.accounts.languages import choose_language
from models.accounts import User
from views.access import access, current_actor
from views.extensions import db
from views.languages import (
    COOKIE,
    FRENCH,
    LANGUAGES,
    PARAMETER,
    Language,
    chosen_here,
    page_language,
)
from views.local_paths import local_path

YEAR = 365 * 24 * 3600
bp = Blueprint("languages", __name__)


@dataclass(frozen=True, slots=True)
class Switch:
    """A link to the same page in another language."""

    language: Language
    href: str


def init_languages(app: Flask) -> None:
    """Serve the choice, and give the templates the page's language and the links to the others."""
    app.register_blueprint(bp)

    @app.context_processor
    def language() -> dict[str, object]:
        return {"language": page_language(), "switches": switches}

    @app.after_request
    def keep_language_of_link(response: Response) -> Response:
        if PARAMETER in request.args and request.args[PARAMETER] in LANGUAGES:
            _keep(response, request.args[PARAMETER])
        return response


@bp.get("/langue/<language>")
@access("public")
def choose(language: str) -> ResponseReturnValue:
    """Keep the choice of a language, with the account too, and go back to the page."""
    if language not in LANGUAGES:
        abort(404)
    if current_user.is_authenticated:
        choose_language(db.session(), actor=current_actor(), language=language)
        db.session.commit()
    response = redirect(local_path(request.args.get("page"), url_for("public.home")))
    _keep(response, language)
    return response


def _keep(response: Response, language: str) -> None:
    is_secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(COOKIE, language, max_age=YEAR, secure=is_secure, httponly=True, samesite="Lax")


def switches() -> list[Switch]:
    """Return a link to this page in each other language; to the welcome page from what cannot be opened again."""
    is_page = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    page = request.full_path.rstrip("?") if is_page else url_for("public.home")
    return [
        Switch(one, url_for("languages.choose", language=one.code, page=page))
        for one in LANGUAGES.values()
        if one.code != page_language()
    ]


def remember_on_sign_in(user: User) -> None:
    """Give an account that never chose a language the one that its browser chose."""
    if not user.language and chosen_here() != FRENCH:
        user.language = chosen_here()


def languages_of(recipients: Iterable[str]) -> dict[str, str]:
    """Return the language in which each address is written to; one query.

    An account is written to in its own language: French, until it chose one. Who asks for a mail to oneself, or
    has no account, gets it in the language of the page.
    """
    emails = list(recipients)
    rows = db.session.execute(select(User.email, User.id, User.language).where(User.email.in_(emails)))
    accounts = {email: (user_id, language) for email, user_id, language in rows}
    return {email: _written(*accounts.get(email, (None, ""))) for email in emails}


def language_of(user: User) -> str:
    """Return the language in which an account is written to."""
    return _written(user.id, user.language)


def _written(user_id: int | None, language: str) -> str:
    if language in LANGUAGES:
        return language
    is_in = has_request_context() and current_user.is_authenticated
    is_somebody_else = user_id is not None and is_in and current_user.id != user_id
    return FRENCH if is_somebody_else else page_language()


def link_in(language: str, link: str) -> str:
    """Return a link of a mail so that it opens in the mail's language, whatever browser opens it."""
    if language == FRENCH:
        return link
    address, mark, anchor = link.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{PARAMETER}={language}{mark}{anchor}"
