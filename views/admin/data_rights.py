"""Rights over one's data at the service: requests to answer, and the archive of a person without an account."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from domain import clock
from domain.privacy.download import ask_for_adult, desk_requests
from domain.privacy.requests import RightsCase, answer_right, rights_case, rights_queue
from models.accounts import User
from models.demarches import DemarcheState
from models.family import Guardian
from views.access import access, current_actor
from views.extensions import db
from views.forms.privacy import DeskRequestForm, RightsAnswerForm
from views.held_data import send_archive
from views.jobs import wake
from views.mailing import absolute, send_mail

bp = Blueprint("admin_data_rights", __name__, url_prefix="/admin/donnees-personnelles")
ROLES = ("administrator", "school_agent")


@bp.get("")
@access(*ROLES)
def index() -> ResponseReturnValue:
    """List the requests that wait, the oldest first."""
    return render_template("admin/data_rights.html", waiting=rights_queue(db.session()), now=clock.now())


def _case_or_404(demarche_id: int) -> RightsCase:
    case = rights_case(db.session(), demarche_id)
    if case is None:
        abort(404)
    return case


@bp.get("/demandes/<int:demarche_id>")
@access(*ROLES)
def review(demarche_id: int) -> ResponseReturnValue:
    """Show a request, and what may be done about it."""
    return render_template("admin/data_right.html", case=_case_or_404(demarche_id), form=RightsAnswerForm())


@bp.post("/demandes/<int:demarche_id>/accepter")
@access(*ROLES)
def accept(demarche_id: int) -> ResponseReturnValue:
    """Say that it was done."""
    return _answer(demarche_id, accept=True)


@bp.post("/demandes/<int:demarche_id>/refuser")
@access(*ROLES)
def refuse(demarche_id: int) -> ResponseReturnValue:
    """Say why it is not."""
    return _answer(demarche_id, accept=False)


def _answer(demarche_id: int, *, accept: bool) -> ResponseReturnValue:
    case, form = _case_or_404(demarche_id), RightsAnswerForm()
    if not form.validate_on_submit():
        return render_template("admin/data_right.html", case=case, form=form), 422
    demarche = answer_right(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        demarche_id=demarche_id,
        accept=accept,
        reason=form.reason.data,
    )
    if demarche.user_id is not None:
        send_mail(
            "data_right_answered",
            db.session.get_one(User, demarche.user_id).email,
            family_id=demarche.family_id,
            number=demarche.number,
            is_accepted=demarche.state is DemarcheState.ACCEPTED,
            why=demarche.reason,
            url=absolute("parent.my_data"),
        )
    db.session.commit()
    flash(_("La réponse est envoyée."), "success")
    return redirect(url_for(".index"))


@bp.route("/responsables/<int:guardian_id>", methods=["GET", "POST"])
@access(*ROLES)
def adult(guardian_id: int) -> ResponseReturnValue:
    """Prepare the archive of an adult who came to the desk, and give it."""
    guardian = db.session.get(Guardian, guardian_id)
    if guardian is None:
        abort(404)
    form = DeskRequestForm()
    if form.validate_on_submit():
        ask_for_adult(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            guardian_id=guardian_id,
            proof=form.proof.data,
        )
        db.session.commit()
        wake("archives")
        flash(_("L’archive se prépare : rechargez cette page dans une minute."), "success")
        return redirect(url_for(".adult", guardian_id=guardian_id))
    requests = desk_requests(db.session(), guardian_id, clock.now())
    return render_template("admin/data_adult.html", form=form, guardian=guardian, requests=requests), (
        422 if form.is_submitted() else 200
    )


@bp.get("/archives/<int:request_id>")
@access(*ROLES, fresh=True)
def archive(request_id: int) -> ResponseReturnValue:
    """Give an archive that the desk asked for; a parent's own is not found here."""
    answer = send_archive(request_id)
    if answer is None:
        abort(404)
    return answer
