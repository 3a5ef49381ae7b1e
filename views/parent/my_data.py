"""Mes données: everything held about the person, to download; and requests to correct or erase."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.privacy.download import ask_for_data, own_requests
from domain.privacy.periods import periods
from domain.privacy.requests import Right, ask_right, own_rights
from domain.privacy.rules import Kind
from views.access import access, current_actor, current_family_id
from views.extensions import db
from views.forms.confirm import ConfirmForm
from views.forms.privacy import RightsForm
from views.held_data import send_archive
from views.jobs import wake
from views.parent.blueprint import bp
from views.privacy_words import KINDS, period_words

TOLD = (Kind.HEALTH, Kind.DOCUMENTS, Kind.DEPARTED_FAMILIES, Kind.ACCOUNTING, Kind.LOGS)


@bp.get("/compte/donnees")
@access("parent", personal=True)
def my_data() -> ResponseReturnValue:
    """Say what may be asked, what was asked, and how long data is kept."""
    session = db.session()
    kept = periods(session)
    return render_template(
        "parent/my_data.html",
        requests=own_requests(session, current_user.id, clock.now()),
        rights=own_rights(session, user_id=current_user.id),
        kept=[(KINDS[kind][0], period_words(kind, kept[kind])) for kind in TOLD],
        may_ask=bool(current_actor().family_ids),
    )


@bp.route("/compte/donnees/telecharger", methods=["GET", "POST"])
@access("parent", fresh=True, personal=True, after_departure=True)
def data_ask() -> ResponseReturnValue:
    """Ask whether to prepare the archive; the password must be fresh."""
    form = ConfirmForm()
    if not form.validate_on_submit():
        return render_template("parent/data_ask.html", form=form, email=current_user.email)
    ask_for_data(db.session(), actor=current_actor(), now=clock.now())
    db.session.commit()
    wake("archives")
    flash(_("Votre archive se prépare : un e-mail vous prévient dès qu’elle est prête."), "success")
    return redirect(url_for(".my_data"))


@bp.get("/compte/donnees/<int:request_id>/archive")
@access("parent", fresh=True, personal=True)
def data_archive(request_id: int) -> ResponseReturnValue:
    """Give the archive to the account that asked for it; to anybody else it does not exist."""
    answer = send_archive(request_id)
    if answer is None:
        flash(_("Cette archive n’est plus disponible : demandez-en une autre."), "warning")
        return redirect(url_for(".my_data"))
    return answer


@bp.route("/compte/donnees/droits", methods=["GET", "POST"])
@access("parent", personal=True, after_departure=True)
def data_rights() -> ResponseReturnValue:
    """Ask for a correction or an erasure."""
    family_id = current_family_id()
    form = RightsForm()
    if not form.validate_on_submit():
        return render_template("parent/data_rights.html", form=form), 422 if form.is_submitted() else 200
    demarche = ask_right(
        db.session(),
        actor=current_actor(),
        now=clock.now(),
        family_id=family_id,
        right=Right(form.right.data),
        message=form.message.data,
    )
    db.session.commit()
    flash(
        _("Votre demande %(number)s est envoyée : le service répond sous un mois.", number=demarche.number),
        "success",
    )
    return redirect(url_for(".my_data"))
