"""Le guichet: the cashier's desk, opened, used and closed; its receipts and deposit slips."""

from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import current_user

from domain import clock
from domain.errors import Refusal
from domain.regie.operations import close_cash_session, open_cash_session
from domain.regie.queries import closed_desk, closed_desks, deposit_slips, find_families, open_desk
from models.payments import Payment
from models.regies import DepositSlip
from views.access import access, current_actor
from views.admin.till_forms import CountForm, OpenDeskForm
from views.errors import refusal_sentence
from views.extensions import db
from views.invoice_documents import PDF
from views.money_documents import receipt_pdf, slip_pdf

bp = Blueprint("admin_till", __name__, url_prefix="/admin/guichet")


@bp.get("")
@access("administrator", "regisseur")
def index() -> ResponseReturnValue:
    """Show the desk: open it, or find a family and see what was taken so far."""
    return _index(OpenDeskForm(formdata=None)), 200


def _index(form: OpenDeskForm) -> str:
    searched = request.args.get("q", "").strip()[:80]
    desk = open_desk(db.session(), current_actor())
    return render_template(
        "admin/till.html",
        form=form,
        desk=desk,
        searched=searched,
        found=find_families(db.session(), searched) if desk and searched else [],
        closed=closed_desks(db.session()),
    )


@bp.post("/ouvrir")
@access("administrator", "regisseur")
def open_till() -> ResponseReturnValue:
    """Open the desk with its float."""
    form = OpenDeskForm()
    if not form.validate_on_submit():
        return _index(form), 422
    try:
        open_cash_session(
            db.session(),
            actor=current_actor(),
            now=clock.now(),
            cashier_name=current_user.display_name,
            float_cents=form.float_cents.data,
        )
    except Refusal as refusal:
        db.session.rollback()
        form.float_cents.errors = [refusal_sentence(refusal)]
        return _index(form), 422
    db.session.commit()
    flash(_("Votre caisse est ouverte."), "success")
    return redirect(url_for(".index"))


@bp.route("/cloture", methods=["GET", "POST"])
@access("administrator", "regisseur")
def close() -> ResponseReturnValue:
    """Count the drawer and close the desk for good; a difference is explained first."""
    desk = open_desk(db.session(), current_actor())
    if desk is None:
        return redirect(url_for(".index"))
    form = CountForm()
    if form.validate_on_submit():
        try:
            close_cash_session(
                db.session(),
                actor=current_actor(),
                now=clock.now(),
                pieces=form.pieces(),
                note=form.note.data or "",
            )
        except Refusal as refusal:
            db.session.rollback()
            form.note.errors = [refusal_sentence(refusal)]
        else:
            db.session.commit()
            flash(_("La caisse est close : ses écritures sont verrouillées."), "success")
            return redirect(url_for(".closed", desk_id=desk.id))
    return render_template("admin/till_close.html", form=form, desk=desk), 422 if form.is_submitted() else 200


@bp.get("/caisses/<int:desk_id>")
@access("administrator", "regisseur")
def closed(desk_id: int) -> ResponseReturnValue:
    """Show a closed desk: its count, its slips, its entries."""
    desk = closed_desk(db.session(), desk_id)
    if desk is None:
        abort(404)
    return render_template("admin/till_closed.html", desk=desk, slips=deposit_slips(db.session(), desk_id))


@bp.get("/bordereaux/<int:slip_id>.pdf")
@access("administrator", "regisseur")
def slip(slip_id: int) -> ResponseReturnValue:
    """Give a deposit slip's PDF."""
    found = db.session.get(DepositSlip, slip_id)
    if found is None:
        abort(404)
    return _pdf(slip_pdf(found), f"bordereau-{found.number}.pdf")


@bp.get("/quittances/<int:payment_id>.pdf")
@access("administrator", "regisseur")
def receipt(payment_id: int) -> ResponseReturnValue:
    """Give a payment's receipt."""
    found = db.session.get(Payment, payment_id)
    if found is None:
        abort(404)
    return _pdf(receipt_pdf(found), f"quittance-{found.number}.pdf")


def _pdf(data: bytes, name: str) -> ResponseReturnValue:
    db.session.commit()
    return send_file(BytesIO(data), mimetype=PDF, as_attachment=True, download_name=name)
