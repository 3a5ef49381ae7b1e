"""The keyboard's shortcuts, told on a page of their own and in the window that "?" opens, and turned off there."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from domain.accounts.shortcuts import choose_shortcuts
from views.access import access, current_actor
from views.extensions import db
from views.local_paths import local_path

bp = Blueprint("admin_keys", __name__, url_prefix="/admin/raccourcis")

EVERYWHERE = (("/", "Aller au champ de recherche"), ("?", "Ouvrir la liste des raccourcis"))
SUGGESTED = (
    ("↓ ↑", "Parcourir les suggestions"),
    ("Entrée", "Ouvrir la suggestion, ou tous les résultats"),
    ("Échap", "Fermer les suggestions"),
)
REVIEWED = (
    ("j", "Fiche suivante de la file"),
    ("k", "Fiche précédente"),
    ("a", "Aller à l’acceptation, sans valider"),
    ("r", "Aller au refus et à son motif"),
)
KEYS = (
    ("Partout", EVERYWHERE),
    ("Dans le champ de recherche", SUGGESTED),
    (
        "En examinant une file (pièces, déclarations, inscriptions, absences, adresses, lignes contestées)",
        REVIEWED,
    ),
)


@bp.get("")
@access("staff")
def index() -> ResponseReturnValue:
    """Tell the shortcuts."""
    return render_template("admin/keys.html")


@bp.post("")
@access("staff")
def choose() -> ResponseReturnValue:
    """Turn the shortcuts of one key off or on for this account, and go back to the page."""
    uses = request.form.get("uses") == "1"
    choose_shortcuts(db.session(), actor=current_actor(), uses=uses)
    db.session.commit()
    flash(
        "Les raccourcis d’une touche sont activés." if uses else "Les raccourcis d’une touche sont coupés.",
        "success",
    )
    return redirect(local_path(request.form.get("page"), url_for(".index")))
