"""The words of the templates, in the language of the page: the catalogue is found once a request."""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


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
    env.globals["_"] = env.globals["gettext"]


def _catalogue() -> Any:
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def plural(one: str, many: str, number: int) -> str:
    """Return the form of a sentence for a number; the French of the source says "0 enfant"."""
    catalogue = _catalogue()
    if getattr(catalogue, "files", None):  # there is a catalogue for this language, with its own plural rule
        return str(catalogue.ungettext(one, many, number))
    return one if abs(number) < 2 else many
