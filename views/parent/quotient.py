"""What a family is told of its quotient familial before it ends."""

from flask import url_for
from flask_babel import gettext as _

from domain import clock
from domain.documents.needs import NeededDocument
from domain.family.quotients import asked_proofs, ending_quotients
from views.extensions import db
from views.formats import day_of_month


def quotient_items(family_id: int) -> list[dict[str, str]]:
    """Return what is to be done before the quotient ends."""
    ending = ending_quotients(db.session(), now=clock.now(), family_id=family_id)
    if not ending:
        return []
    proofs = asked_proofs(db.session(), family_id=family_id, today=clock.today())
    return [
        {
            "text": _("Votre quotient familial se termine le %(day)s", day=day_of_month(ending[0].last_day)),
            "note": _("Après ce jour, le tarif le plus élevé s’applique."),
            "href": _giving(proofs) or url_for("parent.family", _anchor="quotient"),
            "action": _("Mettre à jour"),
            "tone": "warning",
            "drawing": "euro",
        }
    ]


def _giving(proofs: list[NeededDocument]) -> str:
    """Return the page that takes the only document that proves a quotient."""
    if len(proofs) != 1:
        return ""
    return url_for(
        "parent.document_new",
        type_code=proofs[0].type_code,
        subject=proofs[0].subject.value,
        subject_id=proofs[0].subject_id,
        next=url_for("parent.home"),
    )
