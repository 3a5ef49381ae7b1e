"""The keyboard's shortcuts, told on a page of their own and in the window that "?" opens."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from views.access import access

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
