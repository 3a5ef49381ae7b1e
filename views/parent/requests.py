"""Mes demandes: what the family asked of the town, where it stands, and what happens next."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from domain.demarches.queries import FamilyDemarche, family_demarches
from models.demarches import DemarcheKind, DemarcheState
from views.access import access, current_family_id, may_see_child
from views.extensions import db
from views.parent.blueprint import bp

KINDS = {
    DemarcheKind.FAMILY_DECLARATION: _l("Déclaration de la famille"),
    DemarcheKind.ADDRESS_CHANGE: _l("Changement d’adresse"),
    DemarcheKind.SCHOOL_ENROLMENT: _l("Inscription scolaire"),
    DemarcheKind.SECTOR_EXEMPTION: _l("Inscription scolaire avec dérogation"),
    DemarcheKind.CONTESTED_LINE: _l("Ligne de facture contestée"),
    DemarcheKind.DATA_RIGHTS: _l("Droits sur les données"),
    DemarcheKind.OTHER: _l("Demande"),
}
IN_HAND, TO_COMPLETE = DemarcheState.SUBMITTED, DemarcheState.COMPLEMENT_ASKED
YES, NO = DemarcheState.ACCEPTED, DemarcheState.REFUSED
NEXT = {
    (DemarcheKind.FAMILY_DECLARATION, YES): _l(
        "Votre dossier est ouvert : inscrivez vos enfants, puis réservez."
    ),
    (DemarcheKind.ADDRESS_CHANGE, IN_HAND): _l(
        "Le service vérifie le justificatif. Jusque-là, votre ancienne adresse sert aux tarifs et au secteur scolaire."
    ),
    (DemarcheKind.ADDRESS_CHANGE, YES): _l(
        "Votre nouvelle adresse sert à partir de la date que vous avez donnée."
    ),
    (DemarcheKind.ADDRESS_CHANGE, NO): _l(
        "Votre adresse n’a pas changé. Signalez-la de nouveau, avec un justificatif récent et lisible."
    ),
    (DemarcheKind.SCHOOL_ENROLMENT, YES): _l(
        "Prenez contact avec l’école pour l’admission. Les activités s’ouvrent à l’inscription."
    ),
    (DemarcheKind.SCHOOL_ENROLMENT, NO): _l("Vous pouvez faire une autre demande, ou appeler le service."),
    (DemarcheKind.SECTOR_EXEMPTION, IN_HAND): _l(
        "Le service étudie vos motifs. S’il refuse la dérogation, votre enfant a sa place dans l’école de secteur."
    ),
    (DemarcheKind.SECTOR_EXEMPTION, YES): _l("Prenez contact avec l’école obtenue pour l’admission."),
    (DemarcheKind.SECTOR_EXEMPTION, NO): _l("Vous pouvez faire une autre demande, ou appeler le service."),
    (DemarcheKind.CONTESTED_LINE, IN_HAND): _l(
        "Le service compare la ligne avec le pointage. Si elle est fausse, un avoir la corrige."
    ),
    (DemarcheKind.CONTESTED_LINE, YES): _l(
        "Un avoir corrige la facture : il est déduit de ce que vous devez."
    ),
    (DemarcheKind.CONTESTED_LINE, NO): _l(
        "La ligne reste due. Appelez le service si la réponse ne suffit pas."
    ),
}
USUAL = {
    IN_HAND: _l("Le service examine votre demande et vous répond par e-mail."),
    TO_COMPLETE: _l("C’est à vous : complétez la demande et envoyez-la de nouveau. Elle garde son numéro."),
    YES: _l("Votre demande est acceptée."),
    NO: _l("Vous pouvez faire une autre demande, ou appeler le service."),
    DemarcheState.WITHDRAWN: _l("Vous avez retiré cette demande : rien ne change."),
}
PAGES: dict[DemarcheKind, Callable[[FamilyDemarche], str]] = {
    DemarcheKind.SCHOOL_ENROLMENT: lambda one: url_for(".school_request", demarche_id=one.id),
    DemarcheKind.SECTOR_EXEMPTION: lambda one: url_for(".school_request", demarche_id=one.id),
    DemarcheKind.ADDRESS_CHANGE: lambda _one: url_for(".family", _anchor="adresse"),
}


@dataclass(frozen=True, slots=True)
class FollowedRequest:
    """A request in the parent's words."""

    demarche: FamilyDemarche
    name: str
    next: str
    href: str


@bp.get("/demandes")
@access("parent")
def requests() -> ResponseReturnValue:
    """Show the family's requests, those in hand first."""
    seen = [
        _followed(one)
        for one in family_demarches(db.session(), current_family_id())
        if one.child_id is None or may_see_child(one.child_id)
    ]
    open_ones = [one for one in seen if one.demarche.state in (IN_HAND, TO_COMPLETE)]
    return render_template(
        "parent/requests.html", open_ones=open_ones, closed=[one for one in seen if one not in open_ones]
    )


def _followed(one: FamilyDemarche) -> FollowedRequest:
    kind = str(KINDS[one.kind])
    return FollowedRequest(
        demarche=one,
        name=_("%(kind)s de %(child)s", kind=kind, child=one.child_name) if one.child_name else kind,
        next=str(NEXT.get((one.kind, one.state), USUAL[one.state])),
        href=PAGES[one.kind](one) if one.kind in PAGES else "",
    )
