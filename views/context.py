"""What every template may use."""

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, url_for
from flask_babel import gettext as _
from flask_security import current_user

from models.town import AccessibilityState
from views.access import acting_family
from views.guides import PARENTS, guide_url
from views.reference import current_town


@lru_cache(maxsize=256)
def _fingerprint(path: str, _changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def asset(filename: str) -> str:
    """Return the address of a static file, with its fingerprint, so that browsers may keep it for ever."""
    path = f"{current_app.static_folder}/{filename}"
    return url_for("static", filename=filename, v=_fingerprint(path, os.stat(path).st_mtime_ns))  # noqa: PTH116


def help_url(place: str) -> str:
    """Return the address of a page of the families' guide (``reserver#un-mois``), or of the whole guide."""
    slug, _hash, anchor = place.partition("#")
    return guide_url(PARENTS, slug, anchor) if slug else url_for("guides.index")


def accessibility_state() -> str:
    """Return what the town states of its portal, in the words of the law; without an audit it is not compliant."""
    town = current_town()
    if town.accessibility_audited_on is None:
        return _("non conforme")
    return {
        AccessibilityState.NON_COMPLIANT: _("non conforme"),
        AccessibilityState.PARTIAL: _("partiellement conforme"),
        AccessibilityState.COMPLIANT: _("totalement conforme"),
    }[town.accessibility_state]


def accessibility_words() -> str:
    """Return the mention that the home page must carry (decree of 24 July 2019, article 4)."""
    return _("Accessibilité : %(state)s", state=accessibility_state()).replace(" :", "\u00a0:")


def init_context(app: Flask) -> None:
    """Give the town, the person and ``asset`` to the templates."""

    @app.context_processor
    def everywhere() -> dict[str, Any]:
        is_in = bool(current_user and current_user.is_authenticated)
        return {
            "town": current_town(),
            "asset": asset,
            "signed_in": is_in,
            "person_name": current_user.display_name if is_in else "",
            "family_code": current_user.username or "" if is_in else "",
            "is_staff": is_in and current_user.is_staff,
            "acting_family": acting_family,
            "accessibility_state": accessibility_state(),
            "accessibility_words": accessibility_words(),
            "help_url": help_url,
        }
