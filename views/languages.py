"""The language of a page and of a mail: French unless the person chose another.

Browsers are not asked: a first visit to a French town hall is French. A person's choice is kept in a cookie and,
for an account, with the account, so that the worker's mails follow it. Staff's screens are always French.
docs/translating.md says how to add a language.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import g, has_app_context, has_request_context, request
from flask_babel import force_locale
from flask_security import current_user

FRENCH, ENGLISH = "fr", "en"
COOKIE = PARAMETER = "langue"
# Staff's screens, and the bank and the mails of a development machine.
STAFF_PATHS = ("/admin", "/pointage", "/dev/", "/banque-essai")


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the citizens' pages.

    Args:
        code: of HTML's ``lang``.
        locale: whose catalogue and dates it uses.
        name: of the language, in itself.
    """

    code: str
    locale: str
    name: str


LANGUAGES = {
    FRENCH: Language(FRENCH, "fr_FR", "Français"),
    ENGLISH: Language(ENGLISH, "en_GB", "English"),
}


def page_language() -> str:
    """Return the code of the language that this page, or this mail, speaks."""
    if not has_app_context():
        return FRENCH
    spoken = g.get("language")
    if spoken is None:
        spoken = g.language = _asked() if has_request_context() else FRENCH
    return str(spoken)


def page_locale() -> str:
    """Return the locale of the page, as Flask-Babel asks for it."""
    return LANGUAGES[page_language()].locale


def _asked() -> str:
    if request.path.startswith(STAFF_PATHS):
        return FRENCH
    own = current_user.language if current_user and current_user.is_authenticated else ""
    return own if own in LANGUAGES else chosen_here()


def chosen_here() -> str:
    """Return what this browser asks for: the link of a mail that it just opened, else what it chose earlier."""
    asked = request.args.get(PARAMETER, ""), request.cookies.get(COOKIE, "")
    return next((code for code in asked if code in LANGUAGES), FRENCH)


def speak_without_account() -> None:
    """Settle the language by what the browser sends, for a page that may not ask the database."""
    g.language = chosen_here()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language for a while: in a mail to somebody else, or on an official paper."""
    before = page_language()
    if language == before:
        yield
        return
    catalogue, g.language = g.pop("catalogue", None), language
    try:
        with force_locale(LANGUAGES[language].locale):
            yield
    finally:
        g.language, g.catalogue = before, catalogue
