"""The words of the templates, in the language of the page: the catalogue is found once a request."""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations
from markupsafe import Markup


def later(text: str) -> str:
    """Mark words for the catalogue; they are translated when they are said, by ``_`` or by Flask-Security."""
    return text


def init_words(app: Flask) -> None:
    """Give ``_`` and ``ngettext`` to the templates.

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
