"""The words of the templates, in the language of the page: the catalogue is found once a request."""

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, g
from flask_babel import get_translations
from markupsafe import Markup, escape

from views.languages import FRENCH, page_language


def later(text: str) -> str:
    """Mark words for the catalogue; they are translated when they are said, by ``_`` or by Flask-Security."""
    return text


def in_french(text: str) -> str:
    """Return a text of the town as pages show it: where the page speaks another language, marked as French.

    What the town types (names of activities, of papers, its notices and the reasons of its answers) is not
    translated; a screen reader must know to read it in French (RGAA 8.7).
    """
    if not text or page_language() == FRENCH:
        return text
    return Markup('<span lang="fr">{}</span>').format(text)


def marked(text: str, towns: Iterable[str]) -> str:
    """Return a sentence of ours in which the town's own words are marked, wherever they stand; see ``in_french``."""
    words = sorted({str(escape(word)) for word in towns if word}, key=len, reverse=True)
    if not words or page_language() == FRENCH:
        return text
    found = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")
    said = found.sub(lambda match: f'<span lang="fr">{match[0]}</span>', str(escape(text)))
    return Markup(said)  # noqa: S704 - escaped above


def init_words(app: Flask) -> None:
    """Give ``_`` and ``ngettext`` to the templates, and the marks of what the town wrote in French.

    Flask-Babel's own look the language up again for every sentence, which a page pays some forty times. The
    catalogue kept here is the request's: a page that changes language half-way is not foreseen.
    """
    env = app.jinja_env
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=plural,
        pgettext=lambda context, text: _catalogue().upgettext(context, text),
        npgettext=lambda context, one, many, number: _catalogue().unpgettext(context, one, many, number),
        newstyle=True,
    )
    env.globals["_"] = _sentence
    env.globals["later"] = later
    env.filters["in_french"] = in_french
    env.filters["marked"] = marked


def _sentence(text: str, **values: Any) -> Markup:
    """Return a sentence with its values, as ``gettext`` of the templates does, without its detours.

    A page says some forty sentences; Jinja calls through the context twice for each.
    """
    said = Markup(_catalogue().ugettext(text))  # noqa: S704 - the templates' own words; values are escaped
    return said % values if values or "%" in said else said


def _catalogue() -> Any:
    kept = g.get("catalogue")
    if kept is None:
        kept = g.catalogue = get_translations()
    return kept


def plural(one: str, many: str, number: int) -> str:
    """Return the form of a sentence for a number; the French of the source says "0 enfant"."""
    catalogue = _catalogue()
    if getattr(catalogue, "files", None):  # there is a catalogue for this language, with its own plural rule
        return str(catalogue.ungettext(one, many, number))
    return one if abs(number) < 2 else many
